"""Reads polygon layers from GeoJSON, GeoPackage and Shapefile in any CRS, repaired, in WGS84.

No database here. Messages are for the person at the command line, in German.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

SUFFIXES = {".geojson", ".json", ".gpkg", ".shp"}
# GDAL opens far more, among it files that point to other files and addresses.
DRIVERS = {"GeoJSON", "GPKG", "ESRI Shapefile"}
WGS84 = CRS.from_epsg(4326)
NOTABLE_CHANGE = 0.001


class LayerUnreadable(Exception):
    """A file cannot be used; the message says in German why and what would help."""


@dataclass(frozen=True)
class Feature:
    """A row of a layer: counted from 1, its fields, its area in WGS84 and what was done to it.

    `area` is None where nothing with an extent was left; then `remarks` says why.
    """

    row: int
    fields: Mapping[str, Any]
    area: MultiPolygon | None
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """The features of a file, its format, its CRS by name, and the conversion's accuracy in m."""

    driver: str
    crs_name: str
    accuracy_m: float | None
    field_names: tuple[str, ...]
    features: tuple[Feature, ...]


def read_layer(
    path: Path, *, layer: str | None = None, crs: str | None = None, encoding: str | None = None
) -> Layer:
    """Read a polygon layer; `crs` replaces what the file says, e.g. `EPSG:25832`.

    Accepts .geojson, .json (both also .gz), .gpkg, .shp, and a .zip with one of them. Rings that
    cross themselves are repaired, lines and points dropped. Raises LayerUnreadable.
    """
    source = _source_of(path, layer)
    try:
        name = _layer_name(source, layer)
        driver = pyogrio.read_info(source, layer=name)["driver"]
        if driver not in DRIVERS:
            raise LayerUnreadable(f"{path.name}: Format {driver} wird nicht gelesen.")
        meta, _fids, shapes, columns = pyogrio.raw.read(
            source, layer=name, force_2d=True, encoding=encoding
        )
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as problem:
        raise LayerUnreadable(f"{path.name} ist nicht lesbar: {problem}") from problem
    if shapes is None:
        raise LayerUnreadable(f"{path.name} enthält keine Flächen.")
    transformer, crs_name = _transformer(path, crs or meta["crs"])
    names = tuple(str(field) for field in meta["fields"])
    features = tuple(
        _feature(
            row,
            dict(zip(names, (column[row] for column in columns), strict=True)),
            shape,
            transformer,
        )
        for row, shape in enumerate(shapes)
    )
    accuracy = transformer.accuracy if transformer.accuracy >= 0 else None
    return Layer(driver, crs_name, accuracy, names, features)


def word_of(value: Any) -> str:
    """A field's value as text: no blanks around it, whole numbers without point, None as empty."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _source_of(path: Path, layer: str | None) -> str:
    if not path.is_file():
        raise LayerUnreadable(f"Die Datei {path} gibt es nicht.")
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] == ".zip":
        return f"/vsizip/{path.resolve()}/{_member_of(path, layer)}"
    if suffixes and suffixes[-1] == ".gz" and suffixes[0] in {".geojson", ".json"}:
        return f"/vsigzip/{path.resolve()}"
    if not suffixes or suffixes[-1] not in SUFFIXES:
        raise LayerUnreadable(
            f"{path.name}: erwartet wird .geojson, .json, .geojson.gz, .gpkg, .shp oder .zip."
        )
    return str(path.resolve())


def _member_of(path: Path, layer: str | None) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if Path(name).suffix.lower() in SUFFIXES]
    except zipfile.BadZipFile as problem:
        raise LayerUnreadable(f"{path.name} ist kein ZIP-Archiv.") from problem
    chosen = [name for name in members if layer in {None, Path(name).stem}] or members
    if len(chosen) != 1:
        found = ", ".join(Path(name).stem for name in members) or "keine"
        raise LayerUnreadable(
            f"{path.name}: Bitte mit --layer eine Ebene wählen. Gefunden: {found}."
        )
    return chosen[0]


def _layer_name(source: str, layer: str | None) -> str:
    names = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
    if layer in names:
        return str(layer)
    if len(names) == 1 and (layer is None or source.startswith("/vsizip/")):
        return names[0]
    found = ", ".join(names) or "keine mit Flächen"
    if layer is None:
        raise LayerUnreadable(f"Bitte mit --layer eine Ebene wählen. Gefunden: {found}.")
    raise LayerUnreadable(f"Die Ebene {layer} gibt es nicht. Gefunden: {found}.")


def _transformer(path: Path, crs: str | None) -> tuple[Transformer, str]:
    if crs is None:
        raise LayerUnreadable(
            f"{path.name} nennt kein Koordinatensystem (bei Shapefiles fehlt die .prj-Datei). "
            "Bitte mit --crs angeben, z. B. --crs EPSG:25832."
        )
    try:
        known = CRS.from_user_input(crs)
    except CRSError as problem:
        raise LayerUnreadable(f"Das Koordinatensystem {crs} ist unbekannt.") from problem
    return Transformer.from_crs(known, WGS84, always_xy=True), known.name


def _feature(
    row: int, fields: Mapping[str, Any], shape: bytes | None, transformer: Transformer
) -> Feature:
    geometry = shapely.from_wkb(shape, on_invalid="fix") if shape else None
    if geometry is None or geometry.is_empty:
        return Feature(row + 1, fields, None, ("ohne Geometrie",))
    area, remarks = _repaired(geometry)
    if area is None:
        return Feature(row + 1, fields, None, remarks)
    degrees, _remarks = _repaired(_in_degrees(area, transformer))
    if degrees is None or not _on_earth(degrees):
        remarks = (
            *remarks,
            "die Koordinaten sind keine Längen- und Breitengrade; passt das Koordinatensystem "
            "(--crs)?",
        )
        degrees = None
    return Feature(row + 1, fields, degrees, remarks)


def _in_degrees(area: BaseGeometry, transformer: Transformer) -> BaseGeometry:
    def convert(xy: Any) -> Any:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(area, convert)


def _on_earth(area: MultiPolygon) -> bool:
    west, south, east, north = area.bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


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
