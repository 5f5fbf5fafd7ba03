"""Opens tables of points (CSV) as layers are opened: with a CRS, coordinates out in WGS84."""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from geofiles.layers import LayerUnreadable, OpenLayer, Row, transformer_of

DELIMITERS = ";,\t|"
# Columns that hold coordinates in most exports; the first pair whose names are there counts.
X_NAMES = ("lon", "longitude", "laenge", "x", "rechtswert", "ostwert", "easting")
Y_NAMES = ("lat", "latitude", "breite", "y", "hochwert", "nordwert", "northing")


@dataclass(frozen=True)
class PointColumns:
    """Which columns hold the coordinates; empty: recognised by name."""

    x: str = ""
    y: str = ""


def is_table(path: Path) -> bool:
    """Whether a file is a table and no map layer, by its name."""
    return ".csv" in [suffix.lower() for suffix in path.suffixes[-2:]]


def open_table(path: Path, *, crs: str | None = None, columns: PointColumns) -> OpenLayer:
    """Read every row of a CSV file (UTF-8 or Windows-1252, also .gz); `crs` is by default WGS84.

    Numbers may have a comma. A row without usable coordinates has no shape. Raises
    LayerUnreadable.
    """
    rows = list(_rows(path))
    names = tuple(rows[0]) if rows else ()
    if not names:
        raise LayerUnreadable(f"{path.name} enthält keine Zeilen unter der Kopfzeile.")
    x_name = _column(columns.x, X_NAMES, names)
    y_name = _column(columns.y, Y_NAMES, names)
    transformer, crs_name = transformer_of(path, crs or "EPSG:4326")
    opened = tuple(
        Row(at, fields, _point(fields.get(x_name, ""), fields.get(y_name, "")))
        for at, fields in enumerate(rows, start=1)
    )
    return OpenLayer("CSV", crs_name, names, opened, transformer)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    text = _text_of(path)
    head = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        for row in reader:
            yield {name.strip(): (row[name] or "").strip() for name in row if name}
    except csv.Error as problem:
        raise LayerUnreadable(f"{path.name} ist keine lesbare Tabelle: {problem}") from problem


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise LayerUnreadable(f"Die Datei {path} gibt es nicht.")
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as problem:
        raise LayerUnreadable(f"{path.name} ist kein lesbares Archiv.") from problem
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _column(chosen: str, usual: Sequence[str], names: Sequence[str]) -> str:
    if chosen:
        if chosen not in names:
            raise LayerUnreadable(
                f"Die Spalte {chosen} gibt es nicht. Vorhanden: {', '.join(names)}."
            )
        return chosen
    for name in names:
        if name.casefold() in usual:
            return name
    raise LayerUnreadable(
        "Die Spalten mit den Koordinaten sind nicht zu erkennen; bitte angeben. "
        f"Vorhanden: {', '.join(names)}."
    )


def _point(x: str, y: str) -> shapely.Point | None:
    try:
        return shapely.Point(float(x.replace(",", ".")), float(y.replace(",", ".")))
    except ValueError:
        return None
