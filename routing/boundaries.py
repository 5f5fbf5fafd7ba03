"""Which areas lie at a point, and which begin so close that the point may lie there as well.

A point on the edge of two areas lies in both; rules see both, and the one with the smaller key is
the district that is counted, so that the same point always gives the same decision. A point that
is exact to 20 metres and 12 metres from the next district is decided where it lies, and the other
possibility is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.contrib.gis.geos import Point
from django.db.models import Case, F, FloatField, Func, Q, Value, When

from routing.coverage import box_around, is_on_earth
from routing.decision import AreaFacts, CaseFacts, Decision, TownFacts, decide
from routing.models import Area, AreaLevel

# Nobody draws boundaries more exactly than this.
LEAST_M = 5
# Whoever only chose a district is not near its boundary in any useful sense.
MOST_M = 200
MOST_LOOKED_AT, MOST_NAMED = 8, 3
# Levels whose areas meet; the others lie over them.
_SIDE_BY_SIDE = frozenset(
    {AreaLevel.MUNICIPALITY, AreaLevel.DISTRICT, AreaLevel.BEAT, AreaLevel.PARCEL}
)


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
    here = _made(point)
    covers = Q(geometry__covers=point)
    rows = (
        Area.objects.filter(municipality_id=municipality_id)
        .valid_on(day)
        .filter(geometry__bboverlaps=box_around(point, max(radius_m, 0.1)))
        .annotate(
            metres=Case(
                When(covers & Q(level__in=_SIDE_BY_SIDE), then=Value(-1.0)),
                When(covers, then=-1 - _distance(_edge(), here)),
                default=_distance(F("geometry"), here),
                output_field=FloatField(),
            )
        )
        .filter(metres__lte=radius_m)
        .values_list("level", "key", "pk", "name", "attributes", "metres")
    )
    return _sorted_out(list(rows), radius_m)


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


def _sorted_out(
    rows: list[tuple[str, str, int, str, dict[str, str], float]], radius_m: float
) -> Around:
    """Negative metres mean inside: -1 less the way to the edge, where that was measured."""
    covering, near = [], []
    for *facts, metres in rows:
        area = AreaFacts(*facts)  # type: ignore[arg-type]
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


def _made(point: Point) -> Func:
    made = Func(Value(point.x), Value(point.y), function="ST_MakePoint")
    return Func(made, Value(4326), function="ST_SetSRID", output_field=FloatField())


def _edge() -> Func:
    return Func(F("geometry"), function="ST_Boundary", output_field=FloatField())


def _distance(shape: F | Func, here: Func) -> Func:
    return Func(shape, here, function="ST_DistanceSphere", output_field=FloatField())
