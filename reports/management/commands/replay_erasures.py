"""After a restore: erase again whom and what was erased since that backup was made."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.actions.replay_erasures import replay_erasures


class Command(BaseCommand):
    """Reads the list on disk (ANLIEGEN_ERASURE_LIST) and the rows; may be run again and again."""

    help = "Spielt nach einer Wiederherstellung die Löschliste erneut ein."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--list", type=Path, help="eine andere Datei als die eingestellte")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase and count."""
        count = replay_erasures(path=options["list"], now=timezone.now())
        self.stdout.write(f"{count} erneut gelöscht")
