"""Which areas lie at a point, and which begin so close that the point may lie there as well.

A point on the edge of two areas lies in both; rules see both, and the one with the smaller key is
the district that is counted, so that the same point always gives the same decision. A point that
is exact to 20 metres and 12 metres from the next district is decided where it lies, and the other
possibility is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection

from routing.coverage import box_around, is_on_earth
from routing.decision import AreaFacts, CaseFacts, Decision, TownFacts, decide
from routing.models import AreaLevel

# Nobody draws boundaries more exactly than this.
LEAST_M = 5
# Whoever only chose a district is not near its boundary in any useful sense.
MOST_M = 200
MOST_LOOKED_AT, MOST_NAMED = 8, 3
# Levels whose areas meet; the others lie over them.
_SIDE_BY_SIDE = frozenset(
    {AreaLevel.MUNICIPALITY, AreaLevel.DISTRICT, AreaLevel.BEAT, AreaLevel.PARCEL}
)
# Plain SQL: it is asked for every report. Negative metres mean inside: -1, less the way to the edge
# where areas of a level lie over others. Whether it is inside is asked once.
_AROUND = """
    SELECT level, key, id, name, attributes, metres
    FROM (
        SELECT a.level, a.key, a.id, a.name, a.attributes::json AS attributes,
            CASE
                WHEN NOT ST_Covers(a.geometry, p.here) THEN ST_DistanceSphere(a.geometry, p.here)
                WHEN a.level = ANY(%(side_by_side)s) THEN -1
                ELSE -1 - ST_DistanceSphere(ST_Boundary(a.geometry), p.here)
            END AS metres
        FROM routing_area a,
            (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS here) p
        WHERE a.municipality_id = %(town)s
            AND a.geometry && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
            AND (a.valid_from IS NULL OR a.valid_from <= %(day)s)
            AND (a.valid_to IS NULL OR a.valid_to >= %(day)s)
        OFFSET 0
    ) found
    WHERE metres <= %(radius)s
"""
# Level, key, id, name, attributes, metres.
_Row = tuple[Any, ...]


@dataclass(frozen=True)
class NearArea:
    """An area whose edge is close; `is_inside` where the point lies in it and may lie outside."""

    area: AreaFacts
    metres: float
    is_inside: bool = False


@dataclass(frozen=True)
class Around:
    """The areas that cover a point, and those whose edge is near, the nearest first."""

    covering: tuple[AreaFacts, ...] = ()
    near: tuple[NearArea, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """What else a place may be: `office` is empty where it would be the same."""

    name: str
    level: str
    metres: int
    office: str = ""
    is_inside: bool = False


def radius_of(accuracy_m: float | None) -> float:
    """How far around a point boundaries matter, in metres; 0 where the place is a mere guess."""
    if accuracy_m is None:
        return LEAST_M
    return 0 if accuracy_m > MOST_M else max(accuracy_m, LEAST_M)


def areas_around(municipality_id: int, point: Point, day: date, radius_m: float) -> Around:
    """Areas of a town at a point (WGS84) on a day, and those within a radius. One query.

    The index is asked for one rectangle; inside it each shape is measured by itself.
    """
    if not is_on_earth(point):
        return Around()
    west, south, east, north = box_around(point, max(radius_m, 0.1)).extent
    values: dict[str, Any] = {
        "town": municipality_id,
        "day": day,
        "lon": point.x,
        "lat": point.y,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "radius": radius_m,
        "side_by_side": sorted(_SIDE_BY_SIDE),
    }
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, values)
        rows: list[_Row] = cursor.fetchall()
    return _sorted_out(rows, radius_m)


def candidates(
    town: TownFacts, case: CaseFacts, decision: Decision, near: Sequence[NearArea]
) -> tuple[Candidate, ...]:
    """What else the place may be: every near district, and whatever else changes the office."""
    found = []
    for each in near[:MOST_LOOKED_AT]:
        other = decide(town, replace(case, areas=_areas_if(case.areas, each))).office
        changes = other.id != decision.office.id
        if changes or each.area.level == AreaLevel.DISTRICT:
            label = other.label if changes else ""
            metres = max(1, round(each.metres))
            area = each.area
            found.append(Candidate(area.name, area.level, metres, label, each.is_inside))
    found.sort(key=lambda each: (not each.office, each.metres, each.name))
    return tuple(found[:MOST_NAMED])


def in_words(found: Sequence[Candidate]) -> Iterator[str]:
    """Sentences for the explanation, in German like all of it."""
    for each in found:
        where = f"»{each.name}« beginnt {each.metres} m weiter"
        if each.is_inside:
            where = f"»{each.name}« endet {each.metres} m weiter"
        office = "am Amt ändert das nichts"
        if each.office:
            office = f"{'außerhalb' if each.is_inside else 'dort'} wäre {each.office} zuständig"
        yield f"Nahe der Grenze: {where}; {office}."


def _sorted_out(rows: list[_Row], radius_m: float) -> Around:
    covering, near = [], []
    for *facts, metres in rows:
        area = AreaFacts(*facts)
        if metres >= 0:
            near.append(NearArea(area, metres))
            continue
        covering.append(area)
        to_edge = -1 - metres
        if area.level not in _SIDE_BY_SIDE and to_edge <= radius_m:
            near.append(NearArea(area, to_edge, is_inside=True))
    near.sort(key=lambda each: (each.metres, each.area))
    # On the edge itself both cover the point; that is said elsewhere.
    return Around(tuple(sorted(covering)), tuple(near))


def _areas_if(areas: tuple[AreaFacts, ...], near: NearArea) -> tuple[AreaFacts, ...]:
    """The areas of a place if it lay on the other side of an edge."""
    if near.is_inside:
        return tuple(area for area in areas if area.identity != near.area.identity)
    level = near.area.level
    kept = (area for area in areas if level not in _SIDE_BY_SIDE or area.level != level)
    return tuple(sorted((*kept, near.area)))
