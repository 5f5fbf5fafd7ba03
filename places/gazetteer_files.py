"""Reads what a gazetteer can be made of: CSV tables, map layers, extracts of OpenStreetMap.

No database here. Messages are for the person at the command line, in German.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from geofiles.layers import (
    LayerUnreadable,
    OpenLayer,
    in_degrees,
    is_on_earth,
    open_layer,
    transformer_of,
)
from geofiles.words import word_of
from places.models import PlaceKind

# What a column may be called, by what it holds; the first that exists counts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name", "bezeichnung", "bez", "place"),
    "street": ("addr:street", "street", "strasse", "straße", "strassenname", "straßenname", "str"),
    "number": ("addr:housenumber", "housenumber", "hausnummer", "hausnr", "hnr", "nr", "number"),
    "suffix": ("zusatz", "adz", "hausnummernzusatz", "hnrzusatz", "suffix"),
    "postcode": ("addr:postcode", "postcode", "plz", "postleitzahl"),
    "part": ("addr:suburb", "ortsteil", "stadtteil", "ortst", "part", "suburb"),
    "kind": ("kind", "art"),
    "lon": ("lon", "@lon", "longitude", "laenge", "länge", "x", "easting", "ostwert", "rechtswert"),
    "lat": ("lat", "@lat", "latitude", "breite", "y", "northing", "nordwert", "hochwert"),
    "radius": ("radius_m",),
}
# Tags of OpenStreetMap that make an object a place people look for.
OSM_KINDS: dict[tuple[str, str], PlaceKind] = {
    ("place", "square"): PlaceKind.SQUARE,
    ("leisure", "park"): PlaceKind.PARK,
    ("leisure", "garden"): PlaceKind.PARK,
    ("leisure", "playground"): PlaceKind.PLAYGROUND,
    ("leisure", "pitch"): PlaceKind.SPORTS,
    ("leisure", "sports_centre"): PlaceKind.SPORTS,
    ("leisure", "stadium"): PlaceKind.SPORTS,
    ("amenity", "school"): PlaceKind.SCHOOL,
    ("amenity", "kindergarten"): PlaceKind.SCHOOL,
    ("amenity", "townhall"): PlaceKind.BUILDING,
    ("amenity", "library"): PlaceKind.BUILDING,
    ("amenity", "theatre"): PlaceKind.BUILDING,
    ("amenity", "place_of_worship"): PlaceKind.BUILDING,
    ("amenity", "hospital"): PlaceKind.BUILDING,
    ("amenity", "grave_yard"): PlaceKind.CEMETERY,
    ("landuse", "cemetery"): PlaceKind.CEMETERY,
    ("man_made", "bridge"): PlaceKind.BRIDGE,
    ("highway", "bus_stop"): PlaceKind.STOP,
    ("railway", "station"): PlaceKind.STOP,
    ("railway", "halt"): PlaceKind.STOP,
    ("railway", "tram_stop"): PlaceKind.STOP,
    ("natural", "water"): PlaceKind.WATER,
}
_NO_STREETS = {"bus_stop", "platform", "street_lamp", "crossing", "services", "rest_area"}


@dataclass(frozen=True)
class Entry:
    """A row that names a street, a house number of one, or another place; shape in WGS84."""

    row: int
    name: str
    kind: PlaceKind
    number: str = ""
    part: str = ""
    postcode: str = ""
    shape: BaseGeometry | None = None
    radius_m: float | None = None


@dataclass
class Reading:
    """What a file holds, and the rows that could not be used, with the reason."""

    description: str
    entries: list[Entry] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Shape:
    """How to read a file: which column holds what, its CRS, its encoding, its layer."""

    columns: Mapping[str, str] = field(default_factory=dict)
    kind: PlaceKind = PlaceKind.STREET
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None


def read_gazetteer(path: Path, shape: Shape) -> Reading:
    """The entries of a CSV table (also .gz) or a map layer. Raises LayerUnreadable."""
    if _is_table(path):
        return _read_table(path, shape)
    opened = open_layer(path, layer=shape.layer, crs=shape.crs, encoding=shape.encoding)
    reading = Reading(f"{opened.driver}, {opened.crs_name}, {len(opened.rows)} Zeilen")
    names = _columns(opened.field_names, shape.columns, path)
    for row in opened.rows:
        fields = {name: word_of(value) for name, value in row.fields.items()}
        _take(reading, row.row, fields, names, shape.kind, _placed(row.shape, opened))
    return reading


def _is_table(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return bool(suffixes) and (
        suffixes[-1] in {".csv", ".tsv", ".txt"}
        or (suffixes[-1] == ".gz" and suffixes[0] in {".csv", ".tsv", ".txt"})
    )


def _read_table(path: Path, shape: Shape) -> Reading:
    text, encoding = _text_of(path, shape.encoding)
    head = text.partition("\n")[0].strip()
    delimiter = max(";,\t|", key=head.count)
    # A bare list of streets has no header, and its first street is none.
    is_bare = delimiter not in head and not _means_something(head) and not shape.columns
    rows = csv.DictReader(
        io.StringIO(text, newline=""),
        fieldnames=["strasse"] if is_bare else None,
        delimiter=delimiter,
    )
    try:
        found = [_clean(row) for row in rows]
    except csv.Error as problem:
        raise LayerUnreadable(f"{path.name} ist keine lesbare Tabelle: {problem}") from problem
    header = tuple(name for name in rows.fieldnames or () if name)
    columns = _columns(header, shape.columns, path)
    transformer, crs_name = transformer_of(path, shape.crs or "EPSG:4326")
    where = crs_name if "lon" in columns else "ohne Koordinaten"
    reading = Reading(f"Tabelle, {encoding}, {where}, {len(found)} Zeilen")
    for row, fields in enumerate(found, start=1 if is_bare else 2):
        place = _point(fields, columns, transformer)
        _take(reading, row, fields, columns, shape.kind, place)
    return reading


def _text_of(path: Path, encoding: str | None) -> tuple[str, str]:
    if not path.is_file():
        raise LayerUnreadable(f"Die Datei {path} gibt es nicht.")
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as problem:
        raise LayerUnreadable(f"{path.name} ist nicht lesbar: {problem}") from problem
    # Windows-1252 reads nearly everything, so it comes last.
    for name in [encoding] if encoding else ["utf-8-sig", "cp1252"]:
        try:
            return data.decode(name).replace("\x00", ""), name
        except (UnicodeDecodeError, LookupError):
            continue
    raise LayerUnreadable(f"{path.name}: Bitte den Zeichensatz mit --encoding angeben.")


def _means_something(header: str) -> bool:
    word = header.strip('"').lower()
    return any(word in names for names in COLUMNS.values()) or word.startswith("addr:")


def _clean(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    return {name: value.strip() for name, value in row.items() if name and isinstance(value, str)}


def _columns(header: tuple[str, ...], wanted: Mapping[str, str], path: Path) -> dict[str, str]:
    """The file's column for each meaning. Raises LayerUnreadable for one that does not exist."""
    for meaning, name in wanted.items():
        if meaning not in COLUMNS:
            raise LayerUnreadable(f"--map kennt nur {', '.join(COLUMNS)}, nicht {meaning}.")
        if name not in header:
            found = ", ".join(header) or "keine"
            raise LayerUnreadable(f"Die Spalte {name} gibt es nicht. Vorhanden: {found}.")
    by_lower = {name.lower(): name for name in reversed(header)}
    known = {
        meaning: next((by_lower[name] for name in names if name in by_lower), "")
        for meaning, names in COLUMNS.items()
    }
    columns = {meaning: name for meaning, name in (known | dict(wanted)).items() if name}
    if not {"name", "street"} & columns.keys():
        raise LayerUnreadable(
            f"{path.name}: Welche Spalte den Straßennamen enthält, ist nicht zu erkennen. "
            f"Bitte mit --map street=SPALTE angeben. Vorhanden: {', '.join(header) or 'keine'}."
        )
    return columns


def _point(
    fields: Mapping[str, str], columns: Mapping[str, str], transformer: Transformer
) -> BaseGeometry | str | None:
    """The point of a row, None where it gives none, or why it cannot be used."""
    given = [fields.get(columns.get(name, ""), "").replace(",", ".") for name in ("lon", "lat")]
    if not any(given):
        return None
    try:
        point = in_degrees(shapely.Point(float(given[0]), float(given[1])), transformer)
    except ValueError:
        return "Koordinaten sind keine Zahlen"
    return _on_earth(point)


def _placed(shape: BaseGeometry | None, opened: OpenLayer) -> BaseGeometry | str | None:
    if shape is None or shape.is_empty:
        return None
    return _on_earth(opened.in_degrees(shape))


def _on_earth(shape: BaseGeometry) -> BaseGeometry | str:
    if is_on_earth(shape):
        return shape
    return "Koordinaten sind keine Längen- und Breitengrade; passt --crs?"


def _take(
    reading: Reading,
    row: int,
    fields: Mapping[str, str],
    columns: Mapping[str, str],
    kind: PlaceKind,
    place: BaseGeometry | str | None,
) -> None:
    if isinstance(place, str):
        reading.skipped.append((row, place))
        return
    values = {meaning: fields.get(name, "") for meaning, name in columns.items()}
    found = list(_entries(row, fields, values, kind, place))
    reading.entries.extend(found)
    if not found:
        reading.skipped.append((row, "weder Straße noch Hausnummer noch benannter Ort"))


def _entries(
    row: int,
    fields: Mapping[str, str],
    values: Mapping[str, str],
    kind: PlaceKind,
    place: BaseGeometry | None,
) -> Iterator[Entry]:
    """A row of OpenStreetMap may be a house and a school at once."""
    part, postcode = values.get("part", "")[:80], values.get("postcode", "")[:5]
    street, number = values.get("street", ""), values.get("number", "")
    if street and number:
        # Some lists give a range over several numbers of one building: `12;14`, `12, 14`.
        for single in number.replace(",", ";").split(";"):
            whole = f"{single.strip()}{values.get('suffix', '')}"
            yield Entry(row, street[:120], PlaceKind.STREET, whole, part, postcode, place)
    name = (values.get("name", "") or ("" if number else street))[:120]
    named = _kind_of(fields, values, kind, has_address=bool(street and number))
    if name and named is not None:
        radius = _metres(values.get("radius", ""))
        yield Entry(row, name, named, "", part, "", place, radius)


def _kind_of(
    fields: Mapping[str, str], values: Mapping[str, str], kind: PlaceKind, *, has_address: bool
) -> PlaceKind | None:
    for (tag, value), found in OSM_KINDS.items():
        if fields.get(tag) == value:
            return found
    if fields.get("highway"):
        return None if fields["highway"] in _NO_STREETS else PlaceKind.STREET
    if values.get("kind") in PlaceKind.values:
        return PlaceKind(values["kind"])
    is_osm = any(name.startswith(("addr:", "@id")) or name == "highway" for name in fields)
    return None if has_address or is_osm else kind


def _metres(text: str) -> float | None:
    try:
        return max(1.0, float(text.replace(",", ".")))
    except ValueError:
        return None
