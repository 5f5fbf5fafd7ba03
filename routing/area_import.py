"""Takes areas over from a file: a district layer, beats, or a town's outline.

Areas are recognised again by their key (or, where no key field is given, by their name), so a
layer can be imported as often as wanted. With a date from which it is valid, a changed area
becomes a new version and the old one ends the day before.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction
from django.utils.text import slugify
from pyproj import Geod
from shapely.geometry import mapping

from accounts.models import Municipality
from geofiles.layers import LayerUnreadable, word_of
from routing.layer_files import Feature, Layer, as_multipolygon, read_layer
from routing.models import Area, AreaLevel

GEOD = Geod(ellps="WGS84")
NOTABLE_OVERLAP_M2 = 1000
MOST_OVERLAPS = 10
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

Outcome = Literal["created", "updated", "new version", "unchanged", "skipped"]
OUTCOME_WORDS: dict[Outcome, str] = {
    "created": "angelegt",
    "updated": "aktualisiert",
    "new version": "neue Fassung",
    "unchanged": "unverändert",
    "skipped": "ausgelassen",
}


@dataclass(frozen=True)
class Wish:
    """What to import where.

    `name_field`/`key_field` name fields of the layer; `only` keeps rows whose fields have the
    given values; `source` is noted with each area.
    """

    municipality: Municipality
    level: AreaLevel
    name_field: str
    key_field: str | None = None
    valid_from: date | None = None
    as_coverage: bool = False
    only: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True)
class ImportLine:
    """What became of one area of the file."""

    key: str
    name: str
    outcome: Outcome
    remarks: tuple[str, ...]
    square_km: float = 0.0


@dataclass
class ImportReport:
    """What an import did, area by area, and what somebody should look at."""

    lines: list[ImportLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        """How many areas ended in an outcome."""
        return sum(line.outcome == outcome for line in self.lines)


@dataclass(frozen=True)
class _Piece:
    key: str
    name: str
    area: shapely.MultiPolygon
    remarks: tuple[str, ...]


def import_areas(layer: Layer, wish: Wish, *, dry_run: bool = False) -> ImportReport:
    """Create and update a town's areas of one level from a layer; nothing is ever deleted.

    All or nothing in one transaction; `dry_run` reports the same and keeps nothing. Raises
    LayerUnreadable where a field is missing or no area of the file touches the town.
    """
    report = ImportReport()
    pieces = _pieces(layer, wish, report)
    if not wish.as_coverage:
        _check_place(pieces, wish.municipality, report)
    with transaction.atomic():
        known = _known_versions(wish)
        for piece in pieces:
            report.lines.append(_write(piece, wish, known))
        if wish.as_coverage:
            _set_coverage(pieces, wish.municipality, report)
        if dry_run:
            transaction.set_rollback(True)
    report.warnings.extend(_overlaps(pieces))
    report.warnings.extend(_left_alone(known, pieces))
    return report


def union_of(
    path: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    only: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The outline of all areas of a file as a GeoJSON geometry in WGS84 (RFC 7946).

    Raises LayerUnreadable.
    """
    features = _selected(read_layer(path, layer=layer, crs=crs), only or {})
    areas = [feature.area for feature in features if feature.area is not None]
    if not areas:
        raise LayerUnreadable(f"{path.name} enthält keine brauchbare Fläche.")
    return dict(mapping(shapely.union_all(areas)))


def read_table(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file (UTF-8, comma or semicolon, also .gz) or of a layer, values stripped."""
    if ".csv" not in path.suffixes[-2:]:
        for feature in read_layer(path).features:
            yield {name: word_of(value) for name, value in feature.fields.items()}
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        file.seek(0)
        delimiter = ";" if head.count(";") > head.count(",") else ","
        for row in csv.DictReader(file, delimiter=delimiter):
            yield {name: (value or "").strip() for name, value in row.items() if name}


def key_of(name: str) -> str:
    """The key of an area made from its name; `Fürstenberg` and `Fuerstenberg` give the same."""
    return slugify(name.lower().translate(UMLAUTS).replace("_", " "))[:80]


def _pieces(layer: Layer, wish: Wish, report: ImportReport) -> list[_Piece]:
    """The layer's areas by key, rows with the same key joined; unusable rows are reported."""
    for name in filter(None, (wish.name_field, wish.key_field, *wish.only)):
        if name not in layer.field_names:
            found = ", ".join(layer.field_names) or "keine"
            raise LayerUnreadable(f"Das Feld {name} gibt es nicht. Vorhanden: {found}.")
    grouped: dict[str, list[Feature]] = defaultdict(list)
    for feature in _selected(layer, wish.only):
        key, name = _key_and_name(feature, wish)
        if feature.area is None or not key:
            remarks = feature.remarks if key else (*feature.remarks, "ohne Namen")
            row_name = name or f"Zeile {feature.row}"
            report.lines.append(ImportLine(key, row_name, "skipped", remarks))
        else:
            grouped[key].append(feature)
    if not grouped:
        raise LayerUnreadable("Die Datei enthält keine brauchbare Fläche.")
    return [_joined(key, features, wish) for key, features in grouped.items()]


def _selected(layer: Layer, only: Mapping[str, str]) -> Iterator[Feature]:
    for feature in layer.features:
        if all(word_of(feature.fields.get(name)) == value for name, value in only.items()):
            yield feature


def _key_and_name(feature: Feature, wish: Wish) -> tuple[str, str]:
    name = word_of(feature.fields.get(wish.name_field))[:120]
    if wish.key_field is None:
        return key_of(name), name
    key = word_of(feature.fields.get(wish.key_field))[:80]
    return key, name or key


def _joined(key: str, features: list[Feature], wish: Wish) -> _Piece:
    name = _key_and_name(features[0], wish)[1]
    remarks = [remark for feature in features for remark in feature.remarks]
    areas = [feature.area for feature in features if feature.area is not None]
    if len(areas) == 1:
        return _Piece(key, name, areas[0], tuple(remarks))
    remarks.append(f"{len(areas)} Zeilen mit gleichem Schlüssel zusammengefasst")
    return _Piece(key, name, as_multipolygon(shapely.union_all(areas)), tuple(remarks))


def _check_place(pieces: Iterable[_Piece], town: Municipality, report: ImportReport) -> None:
    coverage = shapely.from_wkb(bytes(town.coverage.wkb))
    shapely.prepare(coverage)
    outside = [piece.name for piece in pieces if not coverage.intersects(piece.area)]
    inside = any(coverage.intersects(piece.area) for piece in pieces)
    if not inside:
        raise LayerUnreadable(
            f"Keine Fläche der Datei berührt {town.name}. Falsche Datei, falsches "
            "Koordinatensystem oder vertauschte Achsen?"
        )
    if outside:
        report.warnings.append(f"Außerhalb von {town.name}: {', '.join(outside)}.")


def _known_versions(wish: Wish) -> dict[str, list[Area]]:
    """The town's areas of the level by key, newest version first."""
    found: dict[str, list[Area]] = defaultdict(list)
    areas = Area.objects.select_for_update().filter(
        municipality=wish.municipality, level=wish.level
    )
    for area in sorted(areas, key=lambda area: area.valid_from or date.min, reverse=True):
        found[area.key].append(area)
    return found


def _write(piece: _Piece, wish: Wish, known: Mapping[str, list[Area]]) -> ImportLine:
    versions = _versions_of(piece, wish, known)
    geometry = GEOSGeometry(memoryview(shapely.to_wkb(piece.area)), srid=4326)
    assert isinstance(geometry, MultiPolygon)  # noqa: S101 - a piece is nothing else
    outcome, problem = _write_version(piece, geometry, wish, versions)
    remarks = (*piece.remarks, problem) if problem else piece.remarks
    key = versions[0].key if versions else piece.key
    return ImportLine(key, piece.name, outcome, remarks, _square_metres(piece.area) / 1e6)


def _versions_of(piece: _Piece, wish: Wish, known: Mapping[str, list[Area]]) -> list[Area]:
    if piece.key in known or wish.key_field is not None:
        return known.get(piece.key, [])
    # Areas that came from elsewhere have other keys; their names still tell them.
    for versions in known.values():
        if key_of(versions[0].name) == piece.key:
            return versions
    return []


def _write_version(
    piece: _Piece, geometry: MultiPolygon, wish: Wish, versions: list[Area]
) -> tuple[Outcome, str]:
    if not versions:
        _create(piece.key, piece, geometry, wish)
        return "created", ""
    newest = versions[0]
    if newest.valid_to is not None and wish.valid_from is None:
        return "skipped", f"endete am {newest.valid_to:%d.%m.%Y}; bitte --valid-from angeben"
    if newest.name == piece.name and newest.geometry.wkb == geometry.wkb and not newest.valid_to:
        return "unchanged", ""
    if wish.valid_from is None or wish.valid_from == newest.valid_from:
        _update(newest, piece, geometry, wish)
        return "updated", ""
    return _add_version(newest, piece, geometry, wish)


def _add_version(
    newest: Area, piece: _Piece, geometry: MultiPolygon, wish: Wish
) -> tuple[Outcome, str]:
    assert wish.valid_from is not None  # noqa: S101 - the caller has looked
    if newest.valid_from is not None and newest.valid_from > wish.valid_from:
        return "skipped", f"es gibt schon eine Fassung ab {newest.valid_from:%d.%m.%Y}"
    if newest.valid_to is None or newest.valid_to >= wish.valid_from:
        newest.valid_to = wish.valid_from - timedelta(days=1)
        newest.save(update_fields=["valid_to"])
    _create(newest.key, piece, geometry, wish)
    return "new version", ""


def _create(key: str, piece: _Piece, geometry: MultiPolygon, wish: Wish) -> None:
    Area.objects.create(
        municipality=wish.municipality,
        level=wish.level,
        key=key,
        name=piece.name,
        geometry=geometry,
        valid_from=wish.valid_from,
        source=wish.source[:200],
    )


def _update(area: Area, piece: _Piece, geometry: MultiPolygon, wish: Wish) -> None:
    area.name, area.geometry, area.source = piece.name, geometry, wish.source[:200]
    area.save(update_fields=["name", "geometry", "source"])


def _set_coverage(pieces: list[_Piece], town: Municipality, report: ImportReport) -> None:
    outline = as_multipolygon(shapely.union_all([piece.area for piece in pieces]))
    town.coverage = GEOSGeometry(memoryview(shapely.to_wkb(outline)), srid=4326)  # type: ignore[assignment]
    town.save(update_fields=["coverage"])
    size = german_decimal(_square_metres(outline) / 1e6)
    report.warnings.append(f"Stadtgebiet von {town.name} neu gesetzt: {size} km².")


def _overlaps(pieces: list[_Piece]) -> Iterator[str]:
    areas = [piece.area for piece in pieces]
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    found = []
    for one, other in zip(first, second, strict=True):
        if one < other:
            shared = _square_metres(areas[one].intersection(areas[other]))
            if shared > NOTABLE_OVERLAP_M2:
                found.append((shared, pieces[one].name, pieces[other].name))
    found.sort(reverse=True)
    for shared, one_name, other_name in found[:MOST_OVERLAPS]:
        yield f"Überlappung von {one_name} und {other_name}: {german_decimal(shared / 1e4)} ha."
    if len(found) > MOST_OVERLAPS:
        yield f"{len(found) - MOST_OVERLAPS} weitere Überlappungen."


def _left_alone(known: Mapping[str, list[Area]], pieces: Iterable[_Piece]) -> Iterator[str]:
    imported = {piece.key for piece in pieces}
    names = [
        versions[0].name
        for key, versions in known.items()
        if not ({key, key_of(versions[0].name)} & imported) and versions[0].valid_to is None
    ]
    if names:
        yield f"Nicht in der Datei und unverändert gelassen: {', '.join(names)}."


def _square_metres(shape: Any) -> float:
    return float(abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]))


def german_decimal(value: float) -> str:
    """A number with two decimals and a comma."""
    return f"{value:.2f}".replace(".", ",")
