"""Learn anew which kind of report a text speaks of, and say how good it is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Municipality
from reports.actions.train_suggestions import Reason, train_suggestions
from suggestion.models import SuggestionModel

_WORDS = {
    Reason.TOO_FEW: "Zu wenige abgeschlossene Fälle; es bleibt bei Namen und Suchwörtern.",
    Reason.CANNOT: "scikit-learn fehlt hier (Zusatz „learning“).",
}


class Command(BaseCommand):
    """Learns at once, whether there is something new or not."""

    help = "Lernt Vorschläge für Anliegenarten aus den abgeschlossenen Fällen einer Kommune."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("municipality", help="Kurzname der Kommune")
        parser.add_argument("--dry-run", action="store_true", help="nichts speichern")

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn and print the figures of the model card."""
        town = Municipality.objects.filter(slug=options["municipality"]).first()
        if town is None:
            raise CommandError(f"Kommune {options['municipality']!r} gibt es nicht.")
        training = train_suggestions(
            town, now=timezone.now(), asked=True, dry_run=options["dry_run"]
        )
        if training.version is None:
            raise CommandError(_WORDS[training.reason])
        self._print(training.version, in_use=training.is_in_use, dry_run=options["dry_run"])

    def _print(self, version: SuggestionModel, *, in_use: bool, dry_run: bool) -> None:
        found = version.findings
        name = "Probelauf" if dry_run else f"Version {version.version}"
        state = "nicht gespeichert" if dry_run else version.get_outcome_display()
        self.stdout.write(f"{name}: aus {version.case_count} Fällen gelernt, {state}.")
        self.stdout.write(
            f"An {found['judged_cases']} jüngeren Fällen: richtig {found['right_first']:.1%}, "
            f"unter den ersten drei {found['right_among_three']:.1%}."
        )
        self.stdout.write(
            f"Vorgeschlagen wird bei {found['offered']:.1%}, davon stimmt einer der drei bei "
            f"{found['offered_right_among_three']:.1%}; sicher ist es bei {found['sure']:.1%}, "
            f"davon richtig {found['sure_right']:.1%}."
        )
        if in_use and "compared_cases" in found:
            self.stdout.write(
                f"Bisher benutzte Version an {found['compared_cases']} ihr unbekannten Fällen: "
                f"{found['compared_in_use']:.1%}, diese {found['compared_new']:.1%}."
            )
