"""Take lamps, trees, bins … over from GeoJSON, GeoPackage, Shapefile, CSV or a WFS answer."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Municipality
from geofiles.layers import LayerUnreadable
from geofiles.point_tables import PointColumns
from routing.asset import AssetLayer
from routing.asset_import import OUTCOME_WORDS, ImportReport, Wish, import_assets, read_file
from routing.models import Category

MOST_LINES = 20


class Command(BaseCommand):
    """One layer from a file; things are recognised again by their number."""

    help = "Übernimmt Objekte (Lampen, Bäume …) mit festen Nummern in eine Objektebene."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="…geojson, …gpkg, …shp, …zip, …gml oder …csv")
        parser.add_argument("--municipality", required=True, help="Kurzname, z. B. heilbronn")
        parser.add_argument("--layer", required=True, help="Code der Objektebene, z. B. baeume")
        parser.add_argument("--key-field", required=True, help="Spalte mit der festen Nummer")
        parser.add_argument("--attribute", action="append", default=[], metavar="NAME=SPALTE")
        parser.add_argument("--name", help="legt die Ebene an, wo es sie noch nicht gibt")
        parser.add_argument("--one", help="wie ein einzelnes heißt, z. B. Baum")
        parser.add_argument("--category", action="append", default=[], metavar="CODE")
        parser.add_argument("--x-field", default="", help="Spalte der Länge (nur CSV)")
        parser.add_argument("--y-field", default="", help="Spalte der Breite (nur CSV)")
        parser.add_argument("--crs", help="Koordinatensystem, wo die Datei keines nennt")
        parser.add_argument("--sublayer", help="Ebene in der Datei, wo es mehrere gibt")
        parser.add_argument("--may-shrink", action="store_true", help="auch wenn viel fehlt")
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, nichts ändern")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import in one transaction; print counts, and what was refused and why."""
        town = Municipality.objects.filter(slug=options["municipality"]).first()
        if town is None:
            raise CommandError(f"Eine Kommune {options['municipality']!r} gibt es nicht.")
        path: Path = options["file"]
        wish = Wish(
            layer=_layer(town, options),
            key_field=options["key_field"],
            attributes=dict(_pair(word) for word in options["attribute"]),
            columns=PointColumns(options["x_field"], options["y_field"]),
            crs=options["crs"],
            sublayer=options["sublayer"],
            source=path.name,
            may_shrink=options["may_shrink"],
        )
        try:
            opened = read_file(path, wish)
            report = import_assets(opened, wish, dry_run=options["dry_run"])
        except LayerUnreadable as problem:
            raise CommandError(str(problem)) from problem
        rows = f"{len(opened.rows)} Zeilen"
        self.stdout.write(f"{path.name}: {opened.driver}, {opened.crs_name}, {rows}")
        self._print(report, dry_run=options["dry_run"])

    def _print(self, report: ImportReport, *, dry_run: bool) -> None:
        for line in [each for each in report.lines if each.outcome != "created"][:MOST_LINES]:
            where = f" (Zeile {line.row})" if line.row and line.key else ""
            reason = f": {line.reason}" if line.reason else ""
            self.stdout.write(f"  {line.label}{where}: {OUTCOME_WORDS[line.outcome]}{reason}")
        counts = ", ".join(f"{report.counts[name]} {word}" for name, word in OUTCOME_WORDS.items())
        self.stdout.write(f"{'Probelauf, nichts geändert' if dry_run else 'Fertig'}: {counts}.")


def _layer(town: Municipality, options: dict[str, Any]) -> AssetLayer:
    layer = AssetLayer.objects.filter(municipality=town, code=options["layer"]).first()
    if layer is not None:
        return layer
    if not options["name"] or not options["one"]:
        raise CommandError(
            f"Eine Objektebene {options['layer']!r} gibt es nicht. Mit --name und --one wird sie "
            "angelegt, z. B. --name Bäume --one Baum."
        )
    layer = AssetLayer.objects.create(
        municipality=town, code=options["layer"], name=options["name"], one=options["one"]
    )
    known = Category.objects.filter(municipality=town, code__in=options["category"])
    missing = set(options["category"]) - {category.code for category in known}
    if missing:
        raise CommandError(f"Diese Anliegenarten gibt es nicht: {', '.join(sorted(missing))}.")
    layer.categories.set(known)
    return layer


def _pair(word: str) -> tuple[str, str]:
    name, separator, value = word.partition("=")
    if not separator:
        raise CommandError("--attribute erwartet NAME=SPALTE.")
    return name, value
