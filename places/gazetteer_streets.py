"""Makes places of a file's rows: one street of many pieces, two streets of the same name.

No database here. Shapes in WGS84, distances in metres.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

from places.folding import fold
from places.gazetteer_files import Entry
from places.geometry import metres_between
from places.house_numbers import Number, read_number
from places.models import PlaceKind

# Pieces of one street lie closer together than this; otherwise there are two of the name.
ONE_STREET_M = 1_000.0
SMALLEST_RADIUS_M = 30.0
PartOf = Callable[[float, float], str]


@dataclass(frozen=True)
class WantedNumber:
    """A house number with its point (longitude, latitude)."""

    number: Number
    lon: float
    lat: float
    postcode: str = ""


@dataclass
class WantedPlace:
    """A place as the file wants it; `is_approximate` where its shape came from another layer."""

    name: str
    kind: PlaceKind
    folded: str
    part: str = ""
    shape: BaseGeometry | None = None
    radius_m: float | None = None
    is_approximate: bool = False
    is_one_of_several: bool = False
    numbers: dict[tuple[int, str], WantedNumber] = field(default_factory=dict)

    @property
    def middle(self) -> tuple[float, float, float] | None:
        """Longitude and latitude of a point of the place and how far it reaches from there."""
        shape = self.shape
        if shape is None and self.numbers:
            shape = shapely.MultiPoint([(each.lon, each.lat) for each in self.numbers.values()])
        return None if shape is None else middle_of(shape, self.radius_m)


@dataclass(frozen=True)
class Wanted:
    """All places of a file, the rows left out, and what somebody should look at."""

    places: list[WantedPlace]
    skipped: list[tuple[int, str]]
    warnings: list[str]


def places_of(
    entries: Iterable[Entry],
    *,
    part_of: PartOf | None = None,
    located: Mapping[str, BaseGeometry] | None = None,
) -> Wanted:
    """Put entries of the same name together; `located` holds shapes by folded street name.

    Streets whose pieces lie far apart become several where `part_of` names the parts of town.
    """
    skipped: list[tuple[int, str]] = []
    warnings: list[str] = []
    grouped: dict[tuple[str, PlaceKind, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        problem = _problem(entry)
        if problem:
            skipped.append((entry.row, problem))
        else:
            grouped[(fold(entry.name), entry.kind, fold(entry.part))].append(entry)
    places: list[WantedPlace] = []
    for group in grouped.values():
        places.extend(_split(group, part_of, warnings))
    for place in places:
        if place.shape is None and not place.numbers and place.kind == PlaceKind.STREET:
            place.shape = (located or {}).get(place.folded)
            place.is_approximate = place.shape is not None
    return Wanted(_told_apart(places), skipped, warnings)


def middle_of(shape: BaseGeometry, radius_m: float | None) -> tuple[float, float, float]:
    """A point on a shape near its middle, and how far the shape reaches from there."""
    lon, lat = shapely.shortest_line(shape, shape.centroid).coords[0]
    middle = (round(lon, 6), round(lat, 6))
    corners = shapely.get_coordinates(shape)
    reach = max(metres_between(middle, (east, north)) for east, north in corners)
    return *middle, max(radius_m or 0.0, float(round(reach)), SMALLEST_RADIUS_M)


def _problem(entry: Entry) -> str:
    if not fold(entry.name):
        return f"Name {entry.name!r} enthält weder Buchstaben noch Ziffern"
    if entry.number and read_number(entry.number) is None:
        return f"Hausnummer {entry.number!r} ist nicht lesbar"
    if entry.number and entry.shape is None:
        return f"{entry.name} {entry.number}: ohne Koordinaten"
    return ""


def _split(
    entries: Sequence[Entry], part_of: PartOf | None, warnings: list[str]
) -> list[WantedPlace]:
    lying = [entry for entry in entries if entry.shape is not None]
    heaps = _heaps(lying) if entries[0].kind == PlaceKind.STREET else [lying]
    if len(heaps) > 1 and (part_of is None or entries[0].part):
        if not entries[0].part:
            warnings.append(
                f"{entries[0].name} liegt an {len(heaps)} Stellen weit auseinander; mit --parts "
                "oder einer Spalte für den Ortsteil würden daraus mehrere Straßen."
            )
        heaps = [lying]
    if len(heaps) <= 1:
        return [_place(entries, part_of)]
    return [_place(heap, part_of) for heap in heaps]


def _heaps(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries that lie together, by joining whatever is near; a hundred rows take no time."""
    heaps: list[tuple[list[Entry], BaseGeometry]] = []
    # A degree of longitude is shorter than one of latitude; near enough for "far apart".
    reach = ONE_STREET_M / 90_000
    for entry in entries:
        assert entry.shape is not None  # noqa: S101 - the caller filters
        near = [heap for heap in heaps if heap[1].distance(entry.shape) <= reach]
        joined = [entry, *(one for heap in near for one in heap[0])]
        hull = shapely.union_all([entry.shape.envelope, *(heap[1] for heap in near)]).envelope
        heaps = [heap for heap in heaps if heap not in near]
        heaps.append((joined, hull))
    return [heap[0] for heap in heaps]


def _place(entries: Sequence[Entry], part_of: PartOf | None) -> WantedPlace:
    first = entries[0]
    shapes = [entry.shape for entry in entries if entry.shape is not None and not entry.number]
    radius = max((entry.radius_m for entry in entries if entry.radius_m), default=None)
    place = WantedPlace(
        first.name,
        first.kind,
        fold(first.name),
        part=first.part,
        shape=shapely.union_all(shapes) if shapes else None,
        radius_m=radius,
    )
    for entry in entries:
        number = read_number(entry.number) if entry.number else None
        if number is not None and entry.shape is not None:
            at = entry.shape.centroid
            place.numbers[(number.number, number.suffix)] = WantedNumber(
                number, round(at.x, 6), round(at.y, 6), entry.postcode
            )
    middle = place.middle
    if part_of is not None and middle is not None and not place.part:
        place.part = part_of(middle[0], middle[1])
    return place


def _told_apart(places: Sequence[WantedPlace]) -> list[WantedPlace]:
    """Mark places whose name occurs several times; those in the same part become one again."""
    by_name: dict[tuple[str, bool, str], WantedPlace] = {}
    for place in places:
        key = (place.folded, place.kind == PlaceKind.STREET, fold(place.part))
        known = by_name.setdefault(key, place)
        if known is not place:
            known.numbers.update(place.numbers)
            shapes = [shape for shape in (known.shape, place.shape) if shape is not None]
            known.shape = shapely.union_all(shapes) if shapes else None
    several: dict[tuple[str, bool], list[WantedPlace]] = defaultdict(list)
    for (folded, is_street, _part), place in by_name.items():
        several[(folded, is_street)].append(place)
    for same in several.values():
        for place in same:
            place.is_one_of_several = len(same) > 1
    return list(by_name.values())
