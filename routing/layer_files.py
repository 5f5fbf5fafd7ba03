"""Reads layers of areas and lines, repaired, in WGS84; the files themselves: geofiles/layers.py.

No database here. Messages are for the person at the command line, in German.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geofiles.layers import OpenLayer, Row, is_on_earth, open_layer
from geofiles.metres import strip_along

NOTABLE_CHANGE = 0.001
NO_DEGREES = (
    "die Koordinaten sind keine Längen- und Breitengrade; passt das Koordinatensystem (--crs)?"
)


@dataclass(frozen=True)
class Feature:
    """A row of a layer: counted from 1, its fields, its area in WGS84 and what was done to it.

    `area` is None where nothing with an extent was left; then `remarks` says why. `line` is the
    centre line (WGS84) of an area that is the strip along a line.
    """

    row: int
    fields: Mapping[str, Any]
    area: MultiPolygon | None
    remarks: tuple[str, ...]
    line: MultiLineString | None = None


@dataclass(frozen=True)
class Layer:
    """The features of a file, its format, its CRS by name, and the conversion's accuracy in m."""

    driver: str
    crs_name: str
    accuracy_m: float | None
    field_names: tuple[str, ...]
    features: tuple[Feature, ...]


def read_layer(
    path: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    buffer_m: float | None = None,
) -> Layer:
    """Read a layer of areas; `crs` replaces what the file says, e.g. `EPSG:25832`.

    Accepts what open_layer does. Rings that cross themselves are repaired, points dropped. Lines
    become strips of `buffer_m` metres to each side, without it they are dropped too. Raises
    LayerUnreadable.
    """
    opened = open_layer(path, layer=layer, crs=crs, encoding=encoding)
    features = tuple(_feature(row, opened, buffer_m) for row in opened.rows)
    return Layer(opened.driver, opened.crs_name, opened.accuracy_m, opened.field_names, features)


def _feature(row: Row, opened: OpenLayer, buffer_m: float | None) -> Feature:
    if row.shape is None or row.shape.is_empty:
        return Feature(row.row, row.fields, None, ("ohne Geometrie",))
    if buffer_m is not None and row.shape.geom_type in {"LineString", "MultiLineString"}:
        return _strip(row, opened, buffer_m)
    area, remarks = _repaired(row.shape)
    if area is None:
        return Feature(row.row, row.fields, None, remarks)
    degrees, _remarks = _repaired(opened.in_degrees(area))
    if degrees is None or not is_on_earth(degrees):
        remarks = (*remarks, NO_DEGREES)
        degrees = None
    return Feature(row.row, row.fields, degrees, remarks)


def _strip(row: Row, opened: OpenLayer, buffer_m: float) -> Feature:
    """The area along a line; pieces without length are dropped."""
    assert row.shape is not None  # noqa: S101 - the caller has looked
    if not np.isfinite(shapely.get_coordinates(row.shape)).all():
        return Feature(row.row, row.fields, None, ("Koordinaten fehlen oder sind unendlich",))
    degrees = opened.in_degrees(row.shape)
    if not is_on_earth(degrees):
        return Feature(row.row, row.fields, None, (NO_DEGREES,))
    line = lines_of(degrees)
    if line.is_empty:
        return Feature(row.row, row.fields, None, ("Linie ohne Länge",))
    area = as_multipolygon(strip_along(line, buffer_m))
    return Feature(row.row, row.fields, area, (), line)


def lines_of(shape: BaseGeometry) -> MultiLineString:
    """The lines of a geometry that have a length, as one MultiLineString."""
    parts = [part for part in _parts_of(shape) if isinstance(part, LineString) and part.length > 0]
    return MultiLineString(parts)


def _repaired(geometry: BaseGeometry) -> tuple[MultiPolygon | None, tuple[str, ...]]:
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        return None, ("Koordinaten fehlen oder sind unendlich",)
    if geometry.geom_type not in {"Polygon", "MultiPolygon", "GeometryCollection"}:
        return None, (f"{geometry.geom_type} ist keine Fläche",)
    remarks = []
    before = geometry.area
    if not geometry.is_valid:
        remarks.append(f"repariert: {_reason(geometry)}")
        geometry = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    parts = _polygons_of(geometry)
    if len(parts) < len(_parts_of(geometry)):
        remarks.append("Linien, Punkte und Teile ohne Ausdehnung entfernt")
    area = _as_multipolygon(parts)
    if area is None:
        return None, (*remarks, "keine Fläche")
    if remarks and before and abs(area.area - before) / before > NOTABLE_CHANGE:
        change = f"{100 * (area.area - before) / before:+.1f}".replace(".", ",")
        remarks.append(f"Flächeninhalt {change} %")
    return area, tuple(remarks)


def as_multipolygon(shape: BaseGeometry) -> MultiPolygon:
    """The polygons of a valid geometry as one MultiPolygon."""
    return MultiPolygon(_polygons_of(shape))


def _parts_of(geometry: BaseGeometry) -> list[BaseGeometry]:
    if not hasattr(geometry, "geoms"):
        return [geometry]
    return [single for part in geometry.geoms for single in _parts_of(part)]


def _polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    return [part for part in _parts_of(geometry) if isinstance(part, Polygon) and part.area > 0]


def _as_multipolygon(parts: list[Polygon]) -> MultiPolygon | None:
    if not parts:
        return None
    area = MultiPolygon(parts)
    # Parts of a collection may overlap each other.
    return area if area.is_valid else as_multipolygon(shapely.union_all(parts))


def _reason(geometry: BaseGeometry) -> str:
    found = shapely.is_valid_reason(geometry)
    words = {
        "Self-intersection": "Selbstüberschneidung",
        "Ring Self-intersection": "Ring berührt sich selbst",
        "Hole lies outside shell": "Loch außerhalb der Fläche",
        "Holes are nested": "Löcher ineinander",
        "Nested shells": "Flächen ineinander",
        "Interior is disconnected": "Fläche zerfällt",
        "Duplicate Rings": "doppelte Ringe",
        "Too few points in geometry component": "zu wenige Punkte",
    }
    kind, _bracket, place = found.partition("[")
    where = f" bei {place.rstrip(']')}" if place else ""
    return f"{words.get(kind.strip(), kind.strip())}{where}"
