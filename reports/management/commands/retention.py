"""Delete what the deletion classes say, or only say what would be deleted."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.actions.retain import outlook_of, retain, towns
from reports.queries.retention import kept
from reports.retention import DAYS_OF, DeletionClass, Part


class Command(BaseCommand):
    """The nightly job by hand; --dry-run changes nothing."""

    help = "Löscht, was nach den Löschklassen fällig ist; mit --dry-run nur eine Vorschau."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--dry-run", action="store_true", help="nur sagen, was fällig ist")
        parser.add_argument(
            "--defaults", action="store_true", help="die Fristen der Auslieferung als Tabelle"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Show figures by town and class, or delete."""
        now = timezone.now()
        if options["defaults"]:
            self._say_defaults()
            return
        if not options["dry_run"]:
            self._say(retain(now=now))
            return
        for town in towns():
            for piece, counts in outlook_of(town, now=now):
                self.stdout.write(f"{town.name} · {piece.terms.name}")
                self._say(counts)
                for each in kept(piece, now=now):
                    self.stdout.write(f"  bleibt ({each.reason}): {each.count}")

    def _say_defaults(self) -> None:
        self.stdout.write("| Was | Tage nach Abschluss |\n|---|---|")
        shipped = DeletionClass()
        for part in Part:
            self.stdout.write(f"| {part.label} | {getattr(shipped, DAYS_OF[part])} |")

    def _say(self, counts: dict[str, int]) -> None:
        for part in Part:
            if counts[part.value]:
                self.stdout.write(f"  {part.label}: {counts[part.value]}")
