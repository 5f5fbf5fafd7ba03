"""Remove files that belong to no report; the daily task does the same."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.actions.sweep_files import sweep_files


class Command(BaseCommand):
    """Files older than 24 hours that no row names."""

    help = "Entfernt Dateien, zu denen keine Meldung gehört."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--whatever-the-share",
            action="store_true",
            help="auch wenn es mehr als die Hälfte der Dateien ist (passt die Datenbank?)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and print how many files went."""
        removed = sweep_files(now=timezone.now(), whatever_the_share=options["whatever_the_share"])
        for store, count in removed.items():
            self.stdout.write(f"{count:8}  {store}")
