"""The page that takes a register of lamps, trees or bins in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geofiles.point_tables import PointColumns
from routing.area_import_page import towns_for
from routing.asset import AssetLayer
from routing.asset_import import OUTCOME_WORDS, Line, Wish, import_assets, read_file
from routing.import_drawing import Drawn, drawing_of
from routing.import_pages import MOST_LINES, ImportForm, ImportPage, Preview


class AssetImportForm(ImportForm):
    """Into which layer, and which columns say what."""

    layer: Any = forms.ModelChoiceField(label=gettext_lazy("Objektebene"), queryset=None)
    key_field = forms.CharField(label=gettext_lazy("Spalte mit der festen Nummer"), max_length=60)
    attributes = forms.CharField(
        label=gettext_lazy("Eigenschaften"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "NAME=SPALTE, mit Komma getrennt, z. B. art=BAUMART; alles andere bleibt draußen. "
            "Nichts über Personen."
        ),
    )
    x_field = forms.CharField(
        label=gettext_lazy("CSV: Spalte der Länge"), required=False, max_length=60
    )
    y_field = forms.CharField(
        label=gettext_lazy("CSV: Spalte der Breite"), required=False, max_length=60
    )
    may_shrink = forms.BooleanField(
        label=gettext_lazy("Die Datei ist vollständig, auch wenn viel fehlt"), required=False
    )

    field_order = ("layer", "file", "key_field", "attributes")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        layer = self.fields["layer"]
        assert isinstance(layer, forms.ModelChoiceField)  # noqa: S101 - written above
        layers = AssetLayer.objects.select_related("municipality")
        layer.queryset = layers.filter(municipality__in=towns_for(request)).order_by("name")

    def clean_attributes(self) -> dict[str, str]:
        """Pairs of our name and the file's column."""
        words = [word for word in self.cleaned_data["attributes"].split(",") if word.strip()]
        pairs = [[part.strip() for part in word.split("=", 1)] for word in words]
        if any(len(pair) != 2 or not all(pair) for pair in pairs):
            raise forms.ValidationError(_("Erwartet wird NAME=SPALTE, mit Komma getrennt."))
        return {pair[0]: pair[1] for pair in pairs}


def _run(path: Path, values: Mapping[str, Any], dry_run: bool) -> Preview:
    wish = Wish(
        layer=values["layer"],
        key_field=values["key_field"],
        attributes=values["attributes"],
        columns=PointColumns(values["x_field"], values["y_field"]),
        crs=values["crs"] or None,
        source=path.name,
        may_shrink=values["may_shrink"],
    )
    report = import_assets(read_file(path, wish), wish, dry_run=dry_run)
    lines = sorted(report.lines, key=lambda line: line.outcome == "created")
    counts = [(word, report.counts[outcome]) for outcome, word in OUTCOME_WORDS.items()]
    drawing = drawing_of(map(_drawn, filter(_has_place, lines))) if dry_run else ""
    return Preview(counts, [_row(line) for line in lines[:MOST_LINES]], (), drawing)


def _has_place(line: Line) -> bool:
    return line.lon is not None


def _drawn(line: Line) -> Drawn:
    return Drawn(shapely.Point(line.lon or 0.0, line.lat or 0.0), line.label, line.outcome)


def _row(line: Line) -> dict[str, str]:
    remarks = f"Zeile {line.row}: {line.reason}" if line.reason else ""
    return {"name": line.label, "outcome": OUTCOME_WORDS[line.outcome], "remarks": remarks}


ASSET_IMPORT = ImportPage(
    title=gettext_lazy("Objekte aus einer Datei"),
    form=AssetImportForm,
    town_of=lambda values: values["layer"].municipality,
    run=_run,
)
