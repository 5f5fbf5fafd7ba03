"""The form of one area: drawn as a surface, or as a line with a width."""

from typing import Any

import shapely
from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext_lazy as _

from accounts.map_widget import check_area
from accounts.scoped_admin import SameTownForm, refuse_reversed
from geofiles.metres import strip_along
from routing.area_attributes import AREA_ATTRIBUTES
from routing.area_versions import at_the_same_time
from routing.layer_files import as_multipolygon
from routing.models import Area

# What the surface of a road is made of.
LINE_FIELDS = frozenset({"centre_line", "buffer_m"})


def _choice_of(key: str) -> forms.ChoiceField:
    name, values = AREA_ATTRIBUTES[key]
    return forms.ChoiceField(label=name, required=False, choices=[("", "–"), *values.items()])


class AreaForm(SameTownForm):
    """Checks of a drawn area; what is known of roads and parcels as choices."""

    road_class = _choice_of("road_class")
    through_road = _choice_of("through_road")
    ownership = _choice_of("ownership")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "geometry" in self.fields:
            self.fields["geometry"].required = False
            self.fields["geometry"].help_text = _(
                "Bei einer Mittellinie bleibt das leer: Die Fläche entsteht aus Linie und Breite."
            )
        for key in AREA_ATTRIBUTES:
            if key in self.fields:
                self.fields[key].initial = self.instance.attributes.get(key, "")

    def clean(self) -> dict[str, Any]:
        """A surface, or a line with a width to make it from; validity in order."""
        values = super().clean()
        refuse_reversed(self, "valid_from", "valid_to", _("Das Ende liegt vor dem Anfang."))
        line, width = values.get("centre_line"), values.get("buffer_m")
        if line is not None and not width:
            self.add_error("buffer_m", _("Zu einer Mittellinie gehört eine Breite."))
        elif line is None and width and "centre_line" not in self.errors:
            self.add_error("centre_line", _("Zu einer Breite gehört eine Mittellinie."))
        elif line is not None and width:
            strip = as_multipolygon(strip_along(shapely.from_wkb(bytes(line.wkb)), width))
            values["geometry"] = GEOSGeometry(memoryview(shapely.to_wkb(strip)), srid=4326)
        elif not values.get("geometry") and "geometry" not in self.errors:
            self.add_error("geometry", _("Bitte zeichnen Sie eine Fläche oder eine Mittellinie."))
        elif values.get("geometry"):
            self._check_surface(values["geometry"])
        self._check_versions(values)
        self.instance.attributes = {key: values[key] for key in AREA_ATTRIBUTES if values.get(key)}
        return values

    def _check_versions(self, values: dict[str, Any]) -> None:
        """On no day may two versions of an area be valid: a point would lie in both."""
        names = ("municipality", "level", "key", "valid_from", "valid_to")
        if self.errors or not set(self.changed_data) & set(names):
            return
        wanted = Area(pk=self.instance.pk, municipality_id=self.instance.municipality_id)
        for name in names:
            if name in values:
                setattr(wanted, name, values[name])
        other = at_the_same_time(wanted)
        if other is not None:
            self.add_error(
                "valid_from",
                forms.ValidationError(
                    _("An diesen Tagen gilt schon eine andere Fassung (%(validity)s)."),
                    params={"validity": other.validity},
                ),
            )

    def _check_surface(self, geometry: Any) -> None:
        try:
            check_area(geometry)
        except forms.ValidationError as problem:
            self.add_error("geometry", problem)

    @property
    def changed_columns(self) -> list[str]:
        """The columns that what was changed stands in."""
        changed = set(self.changed_data)
        if changed & LINE_FIELDS:
            changed.add("geometry")
        if changed & set(AREA_ATTRIBUTES):
            changed.add("attributes")
        return sorted(changed - set(AREA_ATTRIBUTES))
