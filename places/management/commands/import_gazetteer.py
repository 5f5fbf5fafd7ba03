"""Take streets, house numbers and named places over from a table or a map layer."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import shapely
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from accounts.models import Municipality
from geofiles.layers import LayerUnreadable, open_layer
from geofiles.words import word_of
from places.gazetteer_files import COLUMNS, Shape, read_gazetteer
from places.gazetteer_import import ImportReport, Wish, import_gazetteer, shapes_by_name
from places.gazetteer_streets import PartOf
from places.models import PlaceKind

MOST_SKIPPED = 20


class Command(BaseCommand):
    """A town's gazetteer from a file, recognised again by name; says what was left out and why."""

    help = "Übernimmt Straßen, Hausnummern und Orte aus CSV, GeoJSON, GeoPackage oder Shapefile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="…csv(.gz), …geojson(.gz), …gpkg, …shp, …zip")
        parser.add_argument("--municipality", required=True, help="Kurzname, z. B. heilbronn")
        parser.add_argument("--source", help="Name der Quelle; sonst der Dateiname")
        parser.add_argument("--attribution", default="", help="Quellenangabe, z. B. Lizenz")
        parser.add_argument("--map", action="append", default=[], metavar="BEDEUTUNG=SPALTE",
                            help=f"welche Spalte was enthält: {', '.join(COLUMNS)}")  # fmt: skip
        parser.add_argument("--kind", choices=PlaceKind.values, default=PlaceKind.STREET,
                            help="Art der Einträge ohne Hausnummer")  # fmt: skip
        parser.add_argument("--layer", help="Ebene in der Datei, wo es mehrere gibt")
        parser.add_argument("--crs", help="Koordinatensystem, wo die Datei keines nennt")
        parser.add_argument("--encoding", help="Zeichensatz, sonst UTF-8 oder Windows-1252")
        parser.add_argument("--locate-by", metavar="DATEI:SPALTE",
                            help="Ebene, deren Spalte Straßen nennt: gibt Straßen ohne Lage eine "
                            "ungefähre")  # fmt: skip
        parser.add_argument("--parts", metavar="DATEI:SPALTE",
                            help="Flächen der Ortsteile, für gleichnamige Straßen")  # fmt: skip
        parser.add_argument("--may-shrink", action="store_true",
                            help="auch wenn viele Einträge entfallen")  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, nichts ändern")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import in one transaction and print what became of the rows."""
        town = Municipality.objects.filter(slug=options["municipality"]).first()
        if town is None:
            raise CommandError(f"Eine Kommune {options['municipality']!r} gibt es nicht.")
        path: Path = options["file"]
        source = options["source"] or slugify(path.name.partition(".")[0])
        shape = Shape(
            columns=dict(_pair(word) for word in options["map"]),
            kind=PlaceKind(options["kind"]),
            crs=options["crs"],
            encoding=options["encoding"],
            layer=options["layer"],
        )
        try:
            reading = read_gazetteer(path, shape)
            self.stdout.write(f"{path.name}: {reading.description}")
            wish = Wish(
                municipality=town,
                source_key=source[:80],
                attribution=options["attribution"],
                part_of=_parts(options["parts"]),
                located=_located(options["locate_by"]),
                may_shrink=options["may_shrink"],
            )
            report = import_gazetteer(reading, wish, dry_run=options["dry_run"])
        except LayerUnreadable as problem:
            raise CommandError(str(problem)) from problem
        self._print(report, source, dry_run=options["dry_run"])

    def _print(self, report: ImportReport, source: str, *, dry_run: bool) -> None:
        for what, counts in (("Namen", report.places), ("Hausnummern", report.numbers)):
            self.stdout.write(
                f"  {what}: {counts['created']} neu, {counts['updated']} geändert, "
                f"{counts['unchanged']} unverändert, {counts['removed']} entfallen"
            )
        if report.approximate:
            self.stdout.write(f"  {report.approximate} Namen mit ungefährer Lage")
        if report.nowhere:
            self.stdout.write(f"  {report.nowhere} Namen ohne Lage: auffindbar, aber nicht zeigbar")
        for warning in report.warnings:
            self.stdout.write(self.style.WARNING(f"  Hinweis: {warning}"))
        for row, reason in report.skipped[:MOST_SKIPPED]:
            self.stdout.write(f"  Zeile {row} ausgelassen: {reason}")
        more = len(report.skipped) - MOST_SKIPPED
        if more > 0:
            self.stdout.write(f"  … und {more} weitere Zeilen ausgelassen")
        done = "Probelauf, nichts geändert" if dry_run else "Fertig"
        self.stdout.write(f"{done}: Quelle {source}, Fassung {report.version}.")


def _pair(word: str) -> tuple[str, str]:
    name, separator, value = word.partition("=")
    if not separator:
        raise CommandError("--map erwartet BEDEUTUNG=SPALTE.")
    return name, value


def _file_and_column(words: str, option: str) -> tuple[Path, str]:
    name, separator, column = words.rpartition(":")
    if not separator:
        raise CommandError(f"{option} erwartet DATEI:SPALTE.")
    return Path(name), column


def _located(words: str | None) -> dict[str, Any]:
    if not words:
        return {}
    path, column = _file_and_column(words, "--locate-by")
    return shapes_by_name(read_gazetteer(path, Shape(columns={"name": column})))


def _parts(words: str | None) -> PartOf | None:
    if not words:
        return None
    path, column = _file_and_column(words, "--parts")
    opened = open_layer(path)
    if column not in opened.field_names:
        raise CommandError(f"Die Spalte {column} gibt es in {path.name} nicht.")
    areas = [
        (opened.in_degrees(row.shape), word_of(row.fields[column])[:80])
        for row in opened.rows
        if row.shape is not None
    ]

    def part_of(lon: float, lat: float) -> str:
        here = shapely.Point(lon, lat)
        return next((name for area, name in areas if area.intersects(here)), "")

    return part_of
