"""Prove that nothing is owed, lost or left over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.queries.reconcile import reconcile


class Command(BaseCommand):
    """Prints one line a question; exit code 1 if any answer is not zero."""

    help = "Prüft, ob jede fällige Wirkung erledigt ist und Zeilen und Dateien zusammenpassen."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask every question and print the answers as they come."""
        trouble = 0
        for finding in reconcile():
            examples = f"  z. B. {', '.join(finding.examples)}" if finding.examples else ""
            self.stdout.write(f"{finding.count:8}  {finding.name}{examples}")
            trouble += bool(finding.count)
        if trouble:
            raise CommandError(f"{trouble} Fragen mit Befund")
