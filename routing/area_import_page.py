"""The page that takes areas in: districts, roads, parcels … from a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import administered_towns
from accounts.models import Municipality
from routing.area_attributes import AREA_ATTRIBUTES
from routing.area_import import OUTCOME_WORDS, Wish, import_areas, key_of
from routing.import_drawing import Drawn, drawing_of
from routing.import_pages import MOST_LINES, ImportForm, ImportPage, Preview
from routing.layer_files import Layer, read_layer
from routing.models import AreaLevel


def towns_for(request: HttpRequest) -> Any:
    """The municipalities a person administers, without their outlines."""
    towns = administered_towns(request)
    found = Municipality.objects.defer("coverage", "pages").order_by("name")
    return found if towns is None else found.filter(pk__in=towns)


class AreaImportForm(ImportForm):
    """Whose areas of which level, and which columns say what."""

    municipality: Any = forms.ModelChoiceField(label=_("Kommune"), queryset=None)
    level = forms.ChoiceField(label=_("Ebene"), choices=AreaLevel.choices, initial="district")
    name_field = forms.CharField(label=_("Spalte mit dem Namen"), max_length=60)
    key_field = forms.CharField(
        label=_("Spalte mit dem Schlüssel"),
        max_length=60,
        required=False,
        help_text=_("Leer: der Schlüssel wird aus dem Namen gemacht."),
    )
    buffer_m = forms.FloatField(
        label=_("Linien: Meter zu jeder Seite"), required=False, min_value=0.5, max_value=500
    )
    valid_from = forms.DateField(
        label=_("gültig ab"),
        required=False,
        help_text=_("Mit Datum werden Änderungen neue Fassungen, ohne werden sie berichtigt."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    field_order = ("municipality", "level", "file", "name_field", "key_field")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        town = self.fields["municipality"]
        assert isinstance(town, forms.ModelChoiceField)  # noqa: S101 - written above
        town.queryset = towns_for(request)
        town.empty_label = None
        for key, (name, _values) in AREA_ATTRIBUTES.items():
            self.fields[f"column_{key}"] = forms.CharField(
                label=_("Spalte: %(name)s") % {"name": name}, max_length=60, required=False
            )


def _wish(values: Mapping[str, Any], source: str) -> Wish:
    columns = {key: values[f"column_{key}"] for key in AREA_ATTRIBUTES}
    return Wish(
        municipality=values["municipality"],
        level=AreaLevel(values["level"]),
        name_field=values["name_field"],
        key_field=values["key_field"] or None,
        valid_from=values["valid_from"],
        source=source,
        attributes={key: column for key, column in columns.items() if column},
        buffer_m=values["buffer_m"],
    )


def _run(path: Path, values: Mapping[str, Any], dry_run: bool) -> Preview:
    layer = read_layer(path, crs=values["crs"] or None, buffer_m=values["buffer_m"])
    wish = _wish(values, path.name)
    report = import_areas(layer, wish, dry_run=dry_run)
    outcomes = {line.name: line.outcome for line in report.lines}
    lines = [
        {
            "name": line.name,
            "outcome": OUTCOME_WORDS[line.outcome],
            "remarks": "; ".join(line.remarks),
        }
        for line in report.lines
        if line.outcome != "unchanged" or line.remarks
    ]
    counts = [(word, report.count(outcome)) for outcome, word in OUTCOME_WORDS.items()]
    drawing = drawing_of(_drawn(layer, wish, outcomes)) if dry_run else ""
    return Preview(counts, lines[:MOST_LINES], report.warnings, drawing)


def _drawn(layer: Layer, wish: Wish, outcomes: Mapping[str, str]) -> "list[Drawn]":
    found = []
    for feature in layer.features:
        if feature.area is not None:
            name = str(feature.fields.get(wish.name_field) or "").strip()
            found.append(Drawn(feature.area, name or key_of(name), outcomes.get(name, "unchanged")))
    return found


AREA_IMPORT = ImportPage(
    title=_("Gebiete aus einer Datei"),
    form=AreaImportForm,
    town_of=lambda values: values["municipality"],
    run=_run,
)
