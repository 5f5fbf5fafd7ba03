"""Load the demo towns."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from demo.cases import load_cases
from demo.privacy import load_privacy
from demo.towns import load_town
from reports.models import Report

TOWNS = ("heilbronn", "heidenheim")


class Command(BaseCommand):
    """Heilbronn and Heidenheim with about 300 cases; running it again only refreshes rosters."""

    help = "Lädt die Vorführstädte Heilbronn und Heidenheim mit rund 300 Fällen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--without-cases", action="store_true", help="nur Stammdaten")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load what is missing and say what was done."""
        for slug in TOWNS:
            started = time.monotonic()
            town = load_town(slug)
            if options["without_cases"] or Report.objects.filter(municipality=town).exists():
                continue
            loaded = load_cases(town, say=self.stdout.write)
            load_privacy(town)
            self.stdout.write(
                f"{town.name}: {loaded.cases} Fälle, {loaded.photos} Fotos "
                f"in {time.monotonic() - started:.1f} s"
            )
