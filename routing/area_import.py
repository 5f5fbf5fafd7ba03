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
from datetime import date
from pathlib import Path
from typing import Any, Literal

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiLineString, MultiPolygon
from django.db import transaction
from django.utils.text import slugify
from pyproj import Geod
from shapely.geometry import mapping

from accounts.models import Municipality
from geofiles.layers import LayerUnreadable
from geofiles.words import word_of
from routing.area_attributes import AREA_ATTRIBUTES, value_of
from routing.area_versions import LaterVersion, end_before
from routing.layer_files import Feature, Layer, as_multipolygon, lines_of, read_layer
from routing.models import Area, AreaLevel

GEOD = Geod(ellps="WGS84")
NOTABLE_OVERLAP_M2 = 1000
BATCH = 1_000
LINES = frozenset({AreaLevel.ROAD, AreaLevel.RAIL, AreaLevel.WATER})
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
    given values; `source` is noted with each area. `attributes` maps our keys (see
    area_attributes.py) to fields of the layer, `fixed` to one value for all. `buffer_m` is what the
    layer's lines were read with.
    """

    municipality: Municipality
    level: AreaLevel
    name_field: str
    key_field: str | None = None
    valid_from: date | None = None
    as_coverage: bool = False
    only: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    buffer_m: float | None = None


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
    line: shapely.MultiLineString | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


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
        fresh: list[Area] = []
        for piece in pieces:
            report.lines.append(_write(piece, wish, known, fresh))
        Area.objects.bulk_create(fresh, batch_size=BATCH)
        if wish.as_coverage:
            _set_coverage(pieces, wish.municipality, report)
        if dry_run:
            transaction.set_rollback(True)
    # Roads meet at junctions and cross rails and streams.
    if wish.level not in LINES:
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
    for name in filter(
        None, (wish.name_field, wish.key_field, *wish.only, *wish.attributes.values())
    ):
        if name not in layer.field_names:
            found = ", ".join(layer.field_names) or "keine"
            raise LayerUnreadable(f"Das Feld {name} gibt es nicht. Vorhanden: {found}.")
    grouped: dict[str, dict[tuple[tuple[str, str], ...], list[Feature]]] = defaultdict(dict)
    for feature in _selected(layer, wish.only):
        key, name = _key_and_name(feature, wish)
        attributes, unknown = _attributes_of(feature, wish)
        if feature.area is None or not key or unknown:
            remarks = (*feature.remarks, *unknown, *(() if key else ("ohne Namen",)))
            row_name = name or f"Zeile {feature.row}"
            report.lines.append(ImportLine(key, row_name, "skipped", remarks))
        else:
            grouped[key].setdefault(tuple(sorted(attributes.items())), []).append(feature)
    if not grouped:
        raise LayerUnreadable("Die Datei enthält keine brauchbare Fläche.")
    return [
        _joined(_key_with(key, kind, kinds), features, wish, dict(kind))
        for key, kinds in grouped.items()
        for kind, features in kinds.items()
    ]


def _attributes_of(feature: Feature, wish: Wish) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a row says of class, through-road and owner, and what of it no rule would know."""
    found, unknown = dict(wish.fixed), []
    for key, column in wish.attributes.items():
        raw = word_of(feature.fields.get(column))
        value = value_of(key, raw) if raw else None
        if value is not None:
            found[key] = value
        elif raw:
            possible = ", ".join(AREA_ATTRIBUTES[key][1])
            unknown.append(f"{column} »{raw}« ist unbekannt; möglich: {possible}")
    return found, tuple(unknown)


def _key_with(
    key: str, kind: tuple[tuple[str, str], ...], kinds: Mapping[tuple[tuple[str, str], ...], Any]
) -> str:
    """One road may be of two kinds, inside and outside a place; those are two areas."""
    if len(kinds) == 1:
        return key
    return ".".join((key[:60], *(value.lower() for _name, value in kind)))[:80]


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


def _joined(key: str, features: list[Feature], wish: Wish, attributes: Mapping[str, str]) -> _Piece:
    name = _key_and_name(features[0], wish)[1]
    remarks = [remark for feature in features for remark in feature.remarks]
    areas = [feature.area for feature in features if feature.area is not None]
    lines = [feature.line for feature in features if feature.line is not None]
    # What is partly area and partly line cannot be drawn as a line again.
    line = lines_of(shapely.union_all(lines)) if len(lines) == len(areas) else None
    area = areas[0]
    if len(areas) > 1:
        remarks.append(f"{len(areas)} Zeilen mit gleichem Schlüssel zusammengefasst")
        area = as_multipolygon(shapely.union_all(areas))
    return _Piece(key, name, area, tuple(remarks), line, attributes)


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


def _write(
    piece: _Piece, wish: Wish, known: Mapping[str, list[Area]], fresh: list[Area]
) -> ImportLine:
    """Write one area; what is new is put into `fresh`, to be written together."""
    versions = _versions_of(piece, wish, known)
    outcome, problem = _write_version(piece, wish, versions, fresh)
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
    piece: _Piece, wish: Wish, versions: list[Area], fresh: list[Area]
) -> tuple[Outcome, str]:
    if not versions:
        fresh.append(_new(piece.key, piece, wish))
        return "created", ""
    newest = versions[0]
    if newest.valid_to is not None and wish.valid_from is None:
        return "skipped", f"endete am {newest.valid_to:%d.%m.%Y}; bitte --valid-from angeben"
    if not newest.valid_to and not _differs(newest, piece, wish):
        return "unchanged", ""
    if wish.valid_from is None or wish.valid_from == newest.valid_from:
        _fill(newest, piece, wish).save(update_fields=[*_FILLED])
        return "updated", ""
    return _add_version(newest, piece, wish, fresh)


def _differs(area: Area, piece: _Piece, wish: Wish) -> bool:
    wanted = _fill(Area(), piece, wish)
    return any(_comparable(area, name) != _comparable(wanted, name) for name in _FILLED[:-1])


def _comparable(area: Area, name: str) -> Any:
    value = getattr(area, name)
    return value.wkb if isinstance(value, GEOSGeometry) else value


def _add_version(newest: Area, piece: _Piece, wish: Wish, fresh: list[Area]) -> tuple[Outcome, str]:
    assert wish.valid_from is not None  # noqa: S101 - the caller has looked
    try:
        is_shorter = end_before(newest, wish.valid_from)
    except LaterVersion as later:
        return "skipped", f"es gibt schon eine Fassung ab {later.begins:%d.%m.%Y}"
    if is_shorter:
        newest.save(update_fields=["valid_to"])
    fresh.append(_new(newest.key, piece, wish))
    return "new version", ""


def _new(key: str, piece: _Piece, wish: Wish) -> Area:
    area = Area(
        municipality=wish.municipality, level=wish.level, key=key, valid_from=wish.valid_from
    )
    return _fill(area, piece, wish)


_FILLED = ("name", "geometry", "centre_line", "buffer_m", "attributes", "source")


def _fill(area: Area, piece: _Piece, wish: Wish) -> Area:
    geometry, line = _geos(piece.area), _geos(piece.line) if piece.line is not None else None
    assert isinstance(geometry, MultiPolygon)  # noqa: S101 - a piece is nothing else
    assert line is None or isinstance(line, MultiLineString)  # noqa: S101 - likewise
    area.name, area.geometry, area.source = piece.name, geometry, wish.source[:200]
    area.centre_line, area.attributes = line, dict(piece.attributes)
    area.buffer_m = wish.buffer_m if line is not None else None
    return area


def _geos(shape: Any) -> GEOSGeometry:
    return GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=4326)


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
