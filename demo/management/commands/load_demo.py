"""Load the demo towns."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from demo.assets import load_assets, name_assets
from demo.cases import load_cases
from demo.figures import show_figures
from demo.patterns import fail_again
from demo.privacy import load_privacy
from demo.storm import blow
from demo.towns import load_town
from demo.trial import try_a_draft
from reports.models import Report

STORMY = "heilbronn"
TOWNS = ("heilbronn", "heidenheim")


class Command(BaseCommand):
    """Heilbronn and Heidenheim with about 300 cases; running it again only refreshes rosters."""

    help = "Lädt die Vorführstädte Heilbronn und Heidenheim mit rund 300 Fällen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--without-cases", action="store_true", help="nur Stammdaten")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load what is missing and say what was done."""
        # All towns first, for each may name the other as the one next door.
        for slug in TOWNS:
            load_town(slug)
        for slug in TOWNS:
            started = time.monotonic()
            town = load_town(slug)
            self.stdout.write(f"{town.name}: {load_assets(town)} Objekte")
            if options["without_cases"] or Report.objects.filter(municipality=town).exists():
                continue
            loaded = load_cases(town, say=self.stdout.write)
            self.stdout.write(f"{town.name}: {name_assets(town)} Fälle nennen ein Objekt")
            load_privacy(town)
            show_figures(town)
            self.stdout.write(
                f"{town.name}: {loaded.cases} Fälle, {loaded.photos} Fotos "
                f"in {time.monotonic() - started:.1f} s"
            )
            if slug == STORMY:
                blow(town, now=timezone.now())
                fail_again(town, now=timezone.now())
                tried = try_a_draft(town, now=timezone.now())
                self.stdout.write(f"{town.name}: Entwurf an {tried} Fällen erprobt")
