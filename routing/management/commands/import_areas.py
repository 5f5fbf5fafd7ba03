"""Take areas over from a GeoJSON, GeoPackage or Shapefile layer."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Municipality
from geofiles.layers import LayerUnreadable
from routing.area_attributes import AREA_ATTRIBUTES, value_of
from routing.area_import import OUTCOME_WORDS, ImportReport, Wish, german_decimal, import_areas
from routing.layer_files import Layer, read_layer
from routing.models import AreaLevel


class Command(BaseCommand):
    """Areas of one level from a file, recognised again by key; says what became of each."""

    help = "Übernimmt Gebiete aus GeoJSON, GeoPackage oder Shapefile, gleich in welchem CRS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="…geojson(.gz), …gpkg, …shp, …zip, …gml")
        parser.add_argument("--municipality", required=True, help="Kurzname, z. B. heilbronn")
        parser.add_argument("--level", choices=AreaLevel.values, default=AreaLevel.DISTRICT)
        parser.add_argument("--name-field", required=True, help="Feld mit dem Namen")
        parser.add_argument("--key-field", help="Feld mit dem Schlüssel; sonst aus dem Namen")
        parser.add_argument("--only", action="append", default=[], metavar="FELD=WERT")
        parser.add_argument("--layer", help="Ebene in der Datei, wo es mehrere gibt")
        parser.add_argument("--crs", help="Koordinatensystem, wo die Datei keines nennt")
        parser.add_argument("--encoding", help="Zeichensatz eines Shapefiles, z. B. ISO-8859-1")
        parser.add_argument("--valid-from", type=date.fromisoformat, metavar="JJJJ-MM-TT")
        parser.add_argument(
            "--buffer", type=float, metavar="METER", help="Breite zu jeder Seite von Linien"
        )
        parser.add_argument(
            "--attribute",
            action="append",
            default=[],
            metavar="SCHLÜSSEL=FELD",
            help=f"aus einem Feld: {', '.join(AREA_ATTRIBUTES)}",
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="SCHLÜSSEL=WERT", help="für alle gleich"
        )
        parser.add_argument("--as-coverage", action="store_true", help="auch als Stadtgebiet")
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, nichts ändern")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import in one transaction and print a line per area."""
        town = Municipality.objects.filter(slug=options["municipality"]).first()
        if town is None:
            raise CommandError(f"Eine Kommune {options['municipality']!r} gibt es nicht.")
        path: Path = options["file"]
        wish = Wish(
            municipality=town,
            level=AreaLevel(options["level"]),
            name_field=options["name_field"],
            key_field=options["key_field"],
            valid_from=options["valid_from"],
            as_coverage=options["as_coverage"],
            only=dict(_pair(word) for word in options["only"]),
            source=path.name,
            attributes=dict(_known_pair(word) for word in options["attribute"]),
            fixed=dict(_fixed_pair(word) for word in options["set"]),
            buffer_m=options["buffer"],
        )
        try:
            layer = read_layer(
                path,
                layer=options["layer"],
                crs=options["crs"],
                encoding=options["encoding"],
                buffer_m=options["buffer"],
            )
            self._describe(layer, path)
            report = import_areas(layer, wish, dry_run=options["dry_run"])
        except LayerUnreadable as problem:
            raise CommandError(str(problem)) from problem
        self._print(report, dry_run=options["dry_run"])

    def _describe(self, layer: Layer, path: Path) -> None:
        accuracy = ""
        if layer.accuracy_m:
            accuracy = f", Umrechnung auf {layer.accuracy_m:g} m genau"
        self.stdout.write(
            f"{path.name}: {layer.driver}, {layer.crs_name}, {len(layer.features)} Zeilen{accuracy}"
        )

    def _print(self, report: ImportReport, *, dry_run: bool) -> None:
        for line in report.lines:
            size = f", {german_decimal(line.square_km)} km²" if line.square_km else ""
            remarks = f" ({'; '.join(line.remarks)})" if line.remarks else ""
            key = f" [{line.key}]" if line.key else ""
            self.stdout.write(f"  {line.name}{key}: {OUTCOME_WORDS[line.outcome]}{size}{remarks}")
        for warning in report.warnings:
            self.stdout.write(self.style.WARNING(f"  Hinweis: {warning}"))
        counts = ", ".join(
            f"{report.count(outcome)} {word}" for outcome, word in OUTCOME_WORDS.items()
        )
        self.stdout.write(f"{'Probelauf, nichts geändert' if dry_run else 'Fertig'}: {counts}.")


def _known_pair(word: str) -> tuple[str, str]:
    key, field = _pair(word, "--attribute erwartet SCHLÜSSEL=FELD.")
    if key not in AREA_ATTRIBUTES:
        raise CommandError(f"Unbekannt: {key}. Möglich: {', '.join(AREA_ATTRIBUTES)}.")
    return key, field


def _fixed_pair(word: str) -> tuple[str, str]:
    key, raw = _known_pair(word)
    value = value_of(key, raw)
    if value is None:
        possible = ", ".join(AREA_ATTRIBUTES[key][1])
        raise CommandError(f"{key} kann nicht {raw} sein. Möglich: {possible}.")
    return key, value


def _pair(word: str, expected: str = "--only erwartet FELD=WERT.") -> tuple[str, str]:
    name, separator, value = word.partition("=")
    if not separator:
        raise CommandError(expected)
    return name, value
