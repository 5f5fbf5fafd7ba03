"""Set a town up from files."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Municipality, refuse_reserved_slug, slug_format
from routing import area_import, question_files, town_setup


class Command(BaseCommand):
    """Outline from a layer or a box; offices and categories from CSV or from a file of cases."""

    help = "Richtet eine Kommune ein: Umriss, Ämter, Anliegenarten – aus Dateien."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug", help="Kurzname in Adressen, z. B. konstanz")
        parser.add_argument("--name", required=True)
        parser.add_argument("--prefix", required=True, help="Präfix der Vorgangsnummer, z. B. KN")
        parser.add_argument("--state", default="BW", help="Bundesland (ISO), z. B. BW")
        parser.add_argument("--email", help="Postfach der Kommune")
        outline = parser.add_mutually_exclusive_group(required=True)
        outline.add_argument("--boundary", type=Path, help="Ebene mit dem Stadtgebiet")
        outline.add_argument("--districts", type=Path, help="Ebene mit Stadtteilen")
        outline.add_argument("--box", help="West,Süd,Ost,Nord in Grad")
        parser.add_argument("--name-field", default="name", help="Feld mit dem Namen der Fläche")
        parser.add_argument("--offices", type=Path, help="CSV: key,number,name,email,is_dispatch …")
        parser.add_argument("--categories", type=Path, help="CSV: code,parent_code,name_de …")
        parser.add_argument("--questions", type=Path, help="CSV: category_code,code,order …")
        parser.add_argument("--words", type=Path, help="CSV: kind,code,words …")
        parser.add_argument("--notices", type=Path, help="CSV: category_code,text_de …")
        parser.add_argument(
            "--from-reports", type=Path, help="Ämter und Arten aus dieser Falldatei"
        )
        parser.add_argument("--category-column", default="category")
        parser.add_argument("--office-column", default="office")
        parser.add_argument("--no-office", nargs="*", default=[], help="Wörter, die kein Amt sind")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create or update the town in one transaction and say what was made."""
        try:
            slug_format(options["slug"])
            refuse_reserved_slug(options["slug"])
        except ValidationError as problem:
            raise CommandError(f"Kurzname {options['slug']!r}: {problem.messages[0]}") from problem
        words = self._words(options)
        try:
            with transaction.atomic():
                town = self._create(options, words)
                self._load_categories(town, options, words)
        except (town_setup.SetupInvalid, KeyError) as problem:
            raise CommandError(f"Nicht eingerichtet: {problem}") from problem
        if options["districts"]:
            call_command(
                "import_areas",
                str(options["districts"]),
                municipality=town.slug,
                level="district",
                name_field=options["name_field"],
                stdout=self.stdout,
            )
        self.stdout.write(
            f"{town.name}: {town.offices.count()} Ämter, {town.categories.count()} Anliegenarten "
            f"und Gruppen, {town.areas.count()} Gebiete."
        )

    def _create(self, options: dict[str, Any], words: dict[str, set[str]]) -> Municipality:
        email = options["email"] or f"meldungen@{options['slug']}.example"
        facts = town_setup.TownFacts(
            slug=options["slug"],
            name=options["name"],
            receipt_prefix=options["prefix"],
            state=options["state"],
            coverage=_outline(options),
            contact_email=email,
        )
        return town_setup.create_town(facts, _office_rows(options, words["office"]))

    def _load_categories(
        self, town: Municipality, options: dict[str, Any], words: dict[str, set[str]]
    ) -> None:
        rows = (
            town_setup.read_rows(options["categories"])
            if options["categories"]
            else town_setup.categories_from_words(words["category"])
        )
        categories = town_setup.load_categories(town, rows)
        if options["questions"]:
            question_files.load_questions(categories, town_setup.read_rows(options["questions"]))
        if options["words"]:
            question_files.load_word_topics(town, town_setup.read_rows(options["words"]))
        if options["notices"]:
            notices = town_setup.read_rows(options["notices"])
            question_files.load_notices(town, categories, notices)

    def _words(self, options: dict[str, Any]) -> dict[str, set[str]]:
        words: dict[str, set[str]] = {"category": set(), "office": set()}
        if options["from_reports"] is None:
            return words
        for row in _case_rows(options["from_reports"]):
            for kind, found in words.items():
                word = str(row.get(options[f"{kind}_column"]) or "").strip()
                if word and word not in options["no_office"]:
                    found.add(word)
        return words


def _case_rows(path: Path) -> Iterable[Mapping[str, Any]]:
    """Rows of a file of cases: CSV, a layer, or a GeoReport v2 list in JSON."""
    if path.suffix == ".json":
        content: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return content
    return area_import.read_table(path)


def _office_rows(options: dict[str, Any], words: set[str]) -> list[dict[str, str]]:
    if options["offices"]:
        return town_setup.read_rows(options["offices"])
    dispatch = {
        "key": "disposition",
        "name": "Anliegenmanagement",
        "email": options["email"] or "",
        "is_dispatch": "1",
    }
    return [
        dispatch,
        *({"key": area_import.key_of(word)[:40], "name": word} for word in sorted(words)),
    ]


def _outline(options: dict[str, Any]) -> MultiPolygon:
    if options["box"]:
        try:
            west, south, east, north = (float(part) for part in options["box"].split(","))
        except ValueError as problem:
            raise CommandError("--box erwartet West,Süd,Ost,Nord") from problem
        return MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)
    layer = options["boundary"] or options["districts"]
    merged = area_import.union_of(layer)
    return town_setup.as_multipolygon(GEOSGeometry(json.dumps(merged)))
