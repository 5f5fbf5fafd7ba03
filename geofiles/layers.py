"""Opens map layers (GeoJSON, GeoPackage, Shapefile) of any CRS; coordinates come out in WGS84.

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
from shapely.geometry.base import BaseGeometry

SUFFIXES = {".geojson", ".json", ".gpkg", ".shp"}
# The answer of a WFS as it was saved. In no archive: files beside it could steer how it is read.
GML_SUFFIXES = {".gml", ".xml"}
# GDAL opens far more, among it files that point to other files and addresses.
DRIVERS = {"GeoJSON", "GPKG", "ESRI Shapefile", "GML"}
# An answer names the address of its schema; nothing is fetched, and nothing written beside it.
_GML_OPTIONS = {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO"}
# The same for the look at the layers of a file, which takes no options.
pyogrio.set_gdal_config_options(
    {"GML_DOWNLOAD_SCHEMA": "NO", "GML_SKIP_RESOLVE_ELEMS": "ALL", "GML_GFS_TEMPLATE": ""}
)
WGS84 = CRS.from_epsg(4326)


class LayerUnreadable(Exception):
    """A file cannot be used; the message says in German why and what would help."""


@dataclass(frozen=True)
class Row:
    """A row of a layer: counted from 1, its fields, its shape as the file has it (or None)."""

    row: int
    fields: Mapping[str, Any]
    shape: BaseGeometry | None


@dataclass(frozen=True)
class OpenLayer:
    """The rows of a file as they are, its format, its CRS by name, and the way to WGS84."""

    driver: str
    crs_name: str
    field_names: tuple[str, ...]
    rows: tuple[Row, ...]
    transformer: Transformer

    @property
    def accuracy_m(self) -> float | None:
        """How exact the conversion to WGS84 is, in metres; None where nobody knows."""
        return self.transformer.accuracy if self.transformer.accuracy >= 0 else None

    def in_degrees(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape of the file with longitude and latitude instead of the file's coordinates."""
        return in_degrees(shape, self.transformer)


def open_layer(
    path: Path, *, layer: str | None = None, crs: str | None = None, encoding: str | None = None
) -> OpenLayer:
    """Read every row of a layer; `crs` replaces what the file says, e.g. `EPSG:25832`.

    Accepts .geojson, .json (both also .gz), .gpkg, .shp, a .zip with one of them, and .gml or .xml
    as a WFS answers. Heights are dropped. Raises LayerUnreadable.
    """
    source = _source_of(path, layer)
    try:
        name = _layer_name(source, layer)
        options = _options_for(path)
        driver = pyogrio.read_info(source, layer=name, **options)["driver"]
        if driver not in DRIVERS:
            raise LayerUnreadable(f"{path.name}: Format {driver} wird nicht gelesen.")
        meta, _fids, shapes, columns = pyogrio.raw.read(
            source, layer=name, force_2d=True, encoding=encoding, **options
        )
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as problem:
        raise LayerUnreadable(f"{path.name} ist nicht lesbar: {problem}") from problem
    if shapes is None:
        raise LayerUnreadable(f"{path.name} enthält keine Geometrie.")
    transformer, crs_name = transformer_of(path, crs or meta["crs"])
    names = tuple(str(field) for field in meta["fields"])
    rows = tuple(
        Row(
            row + 1,
            dict(zip(names, (column[row] for column in columns), strict=True)),
            shapely.from_wkb(shape, on_invalid="fix") if shape else None,
        )
        for row, shape in enumerate(shapes)
    )
    return OpenLayer(driver, crs_name, names, rows, transformer)


def transformer_of(path: Path, crs: str | None) -> tuple[Transformer, str]:
    """The way from a CRS to WGS84 and the CRS's name. Raises LayerUnreadable."""
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


def in_degrees(shape: BaseGeometry, transformer: Transformer) -> BaseGeometry:
    """A shape with longitude and latitude (WGS84) instead of its own coordinates."""

    def convert(xy: Any) -> Any:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(shape, convert)


def is_on_earth(shape: BaseGeometry) -> bool:
    """Whether all coordinates of a shape can be longitudes and latitudes."""
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return False
    west, south, east, north = shape.bounds
    return bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)


def _source_of(path: Path, layer: str | None) -> str:
    if not path.is_file():
        raise LayerUnreadable(f"Die Datei {path} gibt es nicht.")
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] == ".zip":
        return f"/vsizip/{path.resolve()}/{_member_of(path, layer)}"
    if suffixes and suffixes[-1] == ".gz" and suffixes[0] in {".geojson", ".json"}:
        return f"/vsigzip/{path.resolve()}"
    if not suffixes or suffixes[-1] not in SUFFIXES | GML_SUFFIXES:
        raise LayerUnreadable(
            f"{path.name}: erwartet wird .geojson, .json, .geojson.gz, .gpkg, .shp, .zip oder .gml."
        )
    return str(path.resolve())


def _options_for(path: Path) -> dict[str, str]:
    return _GML_OPTIONS if path.suffix.lower() in GML_SUFFIXES else {}


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
    found = ", ".join(names) or "keine mit Geometrie"
    if layer is None:
        raise LayerUnreadable(f"Bitte mit --layer eine Ebene wählen. Gefunden: {found}.")
    raise LayerUnreadable(f"Die Ebene {layer} gibt es nicht. Gefunden: {found}.")
