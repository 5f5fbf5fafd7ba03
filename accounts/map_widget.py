"""Drawing areas in the administration with Leaflet, without any tile server.

What django-leaflet lacks is added here and in area_map.js: the outlines we hold as background,
the texts of the drawing tools in the person's language, and holes that survive an edit.
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from leaflet import PLUGIN_FORMS, PLUGINS
from leaflet.admin import LeafletAdminWidget, LeafletGeoAdminMixin

# Fine detail behind the map would only make the page heavy.
OUTLINE_TOLERANCE_DEGREES = 0.0003

Outlines = list[dict[str, Any]]


def no_outlines() -> Outlines:
    """Nothing behind the map."""
    return []


class OutlinedMapWidget(LeafletAdminWidget):  # type: ignore[misc]
    """A map field; `outlines` gives GeoJSON features with a `name`, asked for when drawn."""

    outlines: Callable[[], Outlines] = staticmethod(no_outlines)

    @property
    def media(self) -> forms.Media:
        """Leaflet, its drawing tools, and after them our additions."""
        ours = forms.Media(
            js=[*PLUGINS[PLUGIN_FORMS]["js"], "accounts/area_map.js"],
            css={"screen": ["accounts/area_map.css"]},
        )
        theirs: forms.Media = super().media
        return theirs + ours

    def get_attrs(self, name: str, attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        """Areas are stored by a class that keeps their holes."""
        found: dict[str, Any] = super().get_attrs(name, attrs)
        if self.geom_type.upper() == "MULTIPOLYGON":
            found["field_store_class"] = "L.AreaStore"
        return found

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Outlines and texts for the template."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["background"] = {"type": "FeatureCollection", "features": self.outlines()}
        context["words"] = map_words()
        return context


class OutlinedMapMixin(LeafletGeoAdminMixin):  # type: ignore[misc]
    """For administration classes with geometry fields."""

    widget = OutlinedMapWidget
    map_template = "accounts/admin/map_widget.html"
    settings_overrides: ClassVar[dict[str, Any]] = {"TILES": []}

    def outlines_for(self, request: HttpRequest) -> Outlines:
        """GeoJSON features to draw behind the field being edited."""
        return []

    def formfield_for_dbfield(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Hand the outlines to the map widgets."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, OutlinedMapWidget):
            field.widget.outlines = lambda: self.outlines_for(request)
        return field


def map_words() -> dict[str, str]:
    """Texts of the map and its drawing tools, by their path below `L.drawLocal`."""
    next_corner = _("Klicken setzt die nächste Ecke.")
    return {
        "zoom.in": _("Vergrößern"),
        "zoom.out": _("Verkleinern"),
        "draw.toolbar.actions.title": _("Zeichnen abbrechen"),
        "draw.toolbar.actions.text": _("Abbrechen"),
        "draw.toolbar.finish.title": _("Fläche schließen"),
        "draw.toolbar.finish.text": _("Fertig"),
        "draw.toolbar.undo.title": _("Letzte Ecke löschen"),
        "draw.toolbar.undo.text": _("Letzte Ecke löschen"),
        "draw.toolbar.buttons.polygon": _("Fläche zeichnen"),
        "draw.toolbar.buttons.rectangle": _("Rechteck zeichnen"),
        "draw.toolbar.buttons.marker": _("Punkt setzen"),
        "draw.handlers.marker.tooltip.start": _("Klicken setzt den Punkt."),
        "draw.handlers.polygon.tooltip.start": _("Klicken setzt die erste Ecke."),
        "draw.handlers.polygon.tooltip.cont": next_corner,
        "draw.handlers.polygon.tooltip.end": _("Die erste Ecke anklicken schließt die Fläche."),
        "draw.handlers.polyline.error": _("Der Rand darf sich nicht überschneiden."),
        "draw.handlers.polyline.tooltip.cont": next_corner,
        "draw.handlers.rectangle.tooltip.start": _("Klicken und ziehen zeichnet ein Rechteck."),
        "draw.handlers.simpleshape.tooltip.end": _("Loslassen beendet das Zeichnen."),
        "edit.toolbar.actions.save.title": _("Änderungen übernehmen"),
        "edit.toolbar.actions.save.text": pgettext("drawing", "Übernehmen"),
        "edit.toolbar.actions.cancel.title": _("Änderungen verwerfen"),
        "edit.toolbar.actions.cancel.text": _("Verwerfen"),
        "edit.toolbar.actions.clearAll.title": _("Alle Flächen löschen"),
        "edit.toolbar.actions.clearAll.text": _("Alles löschen"),
        "edit.toolbar.buttons.edit": _("Ecken verschieben"),
        "edit.toolbar.buttons.editDisabled": _("Nichts zu verschieben"),
        "edit.toolbar.buttons.remove": _("Fläche löschen"),
        "edit.toolbar.buttons.removeDisabled": _("Nichts zu löschen"),
        "edit.handlers.edit.tooltip.text": _("Ecken ziehen, um die Fläche zu ändern."),
        "edit.handlers.edit.tooltip.subtext": _("„Verwerfen“ stellt sie wieder her."),
        "edit.handlers.remove.tooltip.text": _("Die Fläche anklicken, die gelöscht werden soll."),
    }


def outline(name: str, geometry: MultiPolygon) -> dict[str, Any]:
    """A GeoJSON feature (RFC 7946) with a name, simplified for orientation."""
    simple = geometry.simplify(OUTLINE_TOLERANCE_DEGREES, preserve_topology=True)
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": json.loads(simple.json),
    }


def check_area(geometry: GEOSGeometry | None) -> None:
    """Raise ValidationError for a drawn area whose edge crosses itself."""
    if geometry is not None and not geometry.valid:
        raise forms.ValidationError(
            _("Der Rand der Fläche überschneidet sich selbst: %(reason)s"),
            params={"reason": geometry.valid_reason},
        )
