"""Check a hand-over: is the ZIP whole, and, with the standard's schema, is the message valid?"""

import zipfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from efile.reading import NotReadable, check


class Command(BaseCommand):
    """Says what is wrong, or that nothing is."""

    help = "Prüft ein xdomea-Paket, mit --schema auch gegen das Schema des Standards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--schema", type=Path, help="Ordner der xdomea-Schemata (3.0.0)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check."""
        try:
            faults = check(options["file"], options["schema"])
        except ModuleNotFoundError:
            raise CommandError("Für --schema fehlt das Paket xmlschema.") from None
        except (NotReadable, OSError, zipfile.BadZipFile) as fault:
            raise CommandError(f"nicht lesbar: {fault}") from None
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write("in Ordnung")
