"""Takes an inventory over from a file: GeoJSON, GeoPackage, Shapefile, CSV, or a WFS answer.

Things are recognised again by their number, so a register can be imported every week: what changed
is brought up to date, what is missing is marked as gone and stays with its cases, what comes back
is no longer gone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from geofiles.layers import LayerUnreadable, OpenLayer, is_on_earth, open_layer
from geofiles.point_tables import PointColumns, is_table, open_table
from geofiles.words import word_of
from routing.asset import Asset, AssetLayer, number_of

BATCH = 2_000
MOST_ROWS = 500_000
MOST_REFUSED = 200
VALUE_LIMIT = 120
# A register that suddenly lost so much is more likely half a file than half a town.
SUSPICIOUS_LOSS = 0.2
FEWEST_FOR_SUSPICION = 20
_OUTCOMES = ("created", "updated", "unchanged", "gone", "refused")
OUTCOME_WORDS = {
    "created": "neu",
    "updated": "geändert",
    "unchanged": "unverändert",
    "gone": "nicht mehr verzeichnet",
    "refused": "abgelehnt",
}


@dataclass(frozen=True)
class Wish:
    """What to take over into which layer.

    `key_field` names the column with the lasting number; `attributes` maps our names to columns,
    and nothing else of a row is kept. `columns` is for tables. `may_shrink` accepts that a fifth
    of the layer and more is missing.
    """

    layer: AssetLayer
    key_field: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    columns: PointColumns = field(default_factory=PointColumns)
    crs: str | None = None
    sublayer: str | None = None
    source: str = ""
    may_shrink: bool = False


@dataclass(frozen=True)
class Line:
    """What became of one thing; `row` is counted from 1, 0 for what is not in the file."""

    outcome: str
    key: str
    label: str
    row: int = 0
    reason: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass
class ImportReport:
    """What an import did or would do: how many of each outcome, and what changed line by line."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_OUTCOMES, 0))
    lines: list[Line] = field(default_factory=list)

    def note(self, line: Line) -> None:
        """Count a line and keep it, unless it says that nothing happened."""
        self.counts[line.outcome] += 1
        if line.outcome == "unchanged":
            return
        if line.outcome != "refused" or self.counts["refused"] <= MOST_REFUSED:
            self.lines.append(line)


@dataclass(frozen=True)
class _Thing:
    row: int
    key: str
    lon: float
    lat: float
    attributes: dict[str, str]


def read_file(path: Path, wish: Wish) -> OpenLayer:
    """Open the file a wish speaks of. Raises LayerUnreadable."""
    if is_table(path):
        return open_table(path, crs=wish.crs, columns=wish.columns)
    return open_layer(path, layer=wish.sublayer, crs=wish.crs)


def import_assets(
    opened: OpenLayer, wish: Wish, *, now: datetime | None = None, dry_run: bool = False
) -> ImportReport:
    """Create, update and mark as gone; nothing is deleted. All or nothing, in one transaction.

    `dry_run` says the same and keeps nothing. Raises LayerUnreadable where a column is missing, no
    row is usable, or too much of the layer would vanish.
    """
    now = now or timezone.now()
    _check_columns(opened, wish)
    report = ImportReport()
    things = _things(opened, wish, report)
    if not things:
        raise LayerUnreadable(
            "Keine Zeile ist brauchbar. Falsche Datei, falsches Koordinatensystem oder falsche "
            f"Spalte? {report.lines[0].reason if report.lines else ''}".strip()
        )
    with transaction.atomic():
        layer = AssetLayer.objects.select_for_update().get(pk=wish.layer.pk)
        known = {asset.key: asset for asset in Asset.objects.filter(layer=layer)}
        missing = [
            asset for key, asset in known.items() if key not in things and not asset.gone_since
        ]
        _check_loss(known.values(), missing, wish)
        _write(things.values(), known, layer, report, now)
        _mark_gone(missing, report, now)
        layer.imported_at, layer.source = now, wish.source[:200]
        layer.save(update_fields=["imported_at", "source"])
        if dry_run:
            transaction.set_rollback(True)
    return report


def relabel(layer: AssetLayer) -> int:
    """Write the labels of a layer anew after its template has changed; how many changed."""
    changed = []
    for asset in Asset.objects.filter(layer=layer).iterator(chunk_size=BATCH):
        label = layer.label_of(asset.key, asset.attributes)
        if label != asset.label:
            asset.label = label
            changed.append(asset)
    Asset.objects.bulk_update(changed, ["label"], batch_size=BATCH)
    return len(changed)


def _check_columns(opened: OpenLayer, wish: Wish) -> None:
    for name in (wish.key_field, *wish.attributes.values()):
        if name not in opened.field_names:
            found = ", ".join(opened.field_names) or "keine"
            raise LayerUnreadable(f"Die Spalte {name} gibt es nicht. Vorhanden: {found}.")
    if len(opened.rows) > MOST_ROWS:
        raise LayerUnreadable(f"Mehr als {MOST_ROWS} Zeilen; bitte in mehrere Ebenen teilen.")


def _things(opened: OpenLayer, wish: Wish, report: ImportReport) -> dict[str, _Thing]:
    town = wish.layer.municipality
    coverage = shapely.from_wkb(bytes(town.coverage.wkb))
    shapely.prepare(coverage)
    points = _points_of(opened)
    found: dict[str, _Thing] = {}
    for row, point in zip(opened.rows, points, strict=True):
        key = word_of(row.fields.get(wish.key_field))[:80]
        reason = _why_not(key, point, coverage, found, town.name)
        if reason or point is None:
            report.note(Line("refused", key, key or f"Zeile {row.row}", row.row, reason))
            continue
        attributes = {
            name: word_of(row.fields.get(column))[:VALUE_LIMIT]
            for name, column in wish.attributes.items()
        }
        found[key] = _Thing(
            row.row,
            key,
            round(point.x, 7),
            round(point.y, 7),
            {name: value for name, value in attributes.items() if value},
        )
    return found


def _points_of(opened: OpenLayer) -> list[shapely.Point | None]:
    """A point per row in WGS84, None without one; all at once, because a row by itself is slow."""
    inside = [_one_point(row.shape) for row in opened.rows]
    given = [point for point in inside if point is not None]
    if not given:
        return inside
    xy = shapely.get_coordinates(given)
    lon, lat = opened.transformer.transform(xy[:, 0], xy[:, 1])
    converted = iter(map(shapely.Point, lon, lat))
    return [None if point is None else next(converted) for point in inside]


def _one_point(shape: Any) -> shapely.Point | None:
    if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        return None
    # A playground is an area; what is reported of it lies somewhere inside.
    point: shapely.Point = shape if shape.geom_type == "Point" else shape.point_on_surface()
    return point


def _why_not(
    key: str,
    point: shapely.Point | None,
    coverage: Any,
    found: Mapping[str, _Thing],
    town_name: str,
) -> str:
    if not key or not number_of(key):
        return "ohne Nummer"
    if point is None:
        return "ohne brauchbare Koordinaten"
    if not is_on_earth(point):
        return "die Koordinaten sind keine Längen- und Breitengrade; passt das Koordinatensystem?"
    if not coverage.intersects(point):
        return f"liegt außerhalb von {town_name}"
    if key in found:
        return f"Nummer doppelt; es gilt Zeile {found[key].row}"
    return ""


def _check_loss(known: Iterable[Asset], missing: list[Asset], wish: Wish) -> None:
    standing = sum(asset.gone_since is None for asset in known)
    is_much = len(missing) > max(standing * SUSPICIOUS_LOSS, FEWEST_FOR_SUSPICION)
    if is_much and not wish.may_shrink:
        raise LayerUnreadable(
            f"{len(missing)} von {standing} Objekten fehlen in der Datei. Ist sie vollständig? "
            "Wenn ja, bitte ausdrücklich zulassen, dass die Ebene kleiner wird."
        )


def _write(
    things: Iterable[_Thing],
    known: Mapping[str, Asset],
    layer: AssetLayer,
    report: ImportReport,
    now: datetime,
) -> None:
    fresh, changed = [], []
    for thing in things:
        asset = known.get(thing.key)
        label = layer.label_of(thing.key, thing.attributes)
        if asset is None:
            fresh.append(_asset(Asset(layer=layer, key=thing.key), thing, label, now))
        elif _differs(asset, thing, label):
            changed.append(_asset(asset, thing, label, now))
        outcome = "created" if asset is None else "unchanged"
        if changed and changed[-1] is asset:
            outcome = "updated"
        report.note(Line(outcome, thing.key, label, thing.row, "", thing.lon, thing.lat))
    Asset.objects.bulk_create(fresh, batch_size=BATCH)
    Asset.objects.bulk_update(
        changed,
        ["number", "label", "place", "attributes", "gone_since", "changed_at"],
        batch_size=BATCH,
    )


def _asset(asset: Asset, thing: _Thing, label: str, now: datetime) -> Asset:
    asset.number, asset.label = number_of(thing.key), label
    asset.place = Point(thing.lon, thing.lat, srid=4326)
    asset.attributes, asset.gone_since, asset.changed_at = thing.attributes, None, now
    return asset


def _differs(asset: Asset, thing: _Thing, label: str) -> bool:
    return (
        asset.gone_since is not None
        or asset.label != label
        or asset.attributes != thing.attributes
        or (round(asset.place.x, 7), round(asset.place.y, 7)) != (thing.lon, thing.lat)
    )


def _mark_gone(missing: list[Asset], report: ImportReport, now: datetime) -> None:
    today: date = timezone.localdate(now)
    for start in range(0, len(missing), BATCH):
        batch = [asset.pk for asset in missing[start : start + BATCH]]
        Asset.objects.filter(pk__in=batch).update(gone_since=today, changed_at=now)
    for asset in missing:
        report.note(Line("gone", asset.key, asset.label, 0, "", asset.place.x, asset.place.y))
