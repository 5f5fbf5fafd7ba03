"""What may be asked of published reports, read from plain words. Whatever is unknown is refused.

Every door reads its filters here, so that the map, the API and the feeds understand the same words.
"""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.lifecycle import CLOSED, OPEN, Status

WORDS = frozenset({"category", "status", "since", "bbox", "lat", "lon", "radius"})
MAX_RADIUS_M = 5_000.0
DEFAULT_RADIUS_M = 500.0
MAX_CODES = 50

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")
_METRES_PER_DEGREE = 111_195.0
# Withdrawn reports are never published; the two words stand for several statuses.
_PUBLIC_STATUSES = frozenset(set(Status) - {Status.WITHDRAWN})
_STATUS_GROUPS = {"open": OPEN, "closed": CLOSED & _PUBLIC_STATUSES}


@dataclass(frozen=True)
class FilterFault:
    """Why one filter was refused: a stable code and a lazily translated sentence."""

    code: str
    message: str | Promise


class FiltersInvalid(Exception):
    """One or more filters make no sense; `faults` maps the name to the reason."""

    def __init__(self, faults: dict[str, FilterFault]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Box:
    """A rectangle in degrees, WGS84."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Circle:
    """A place in degrees, WGS84, and a distance in metres."""

    lon: float
    lat: float
    radius_m: float

    @property
    def box(self) -> Box:
        """The rectangle around the circle, a little too large rather than too small."""
        height = self.radius_m / _METRES_PER_DEGREE * 1.01
        width = height / max(math.cos(math.radians(self.lat)), 0.01)
        return Box(self.lon - width, self.lat - height, self.lon + width, self.lat + height)


@dataclass(frozen=True)
class Filters:
    """Which published reports are wanted; everything empty means all.

    `categories` holds codes of categories or of groups; `since` means changed then or later.
    """

    categories: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    since: datetime | None = None
    box: Box | None = None
    around: Circle | None = None


def read_filters(words: Mapping[str, str], *, allowed: Collection[str] = WORDS) -> Filters:
    """Read filters from words such as query parameters; an empty value counts as absent.

    Raises FiltersInvalid naming every unknown word and every value that makes no sense.
    """
    faults = {
        name: FilterFault("unknown_parameter", _("Diesen Parameter gibt es hier nicht."))
        for name in words
        if name not in allowed
    }
    given = {name: value.strip() for name, value in words.items() if value.strip()}
    reader = _Reader(given, faults)
    filters = Filters(
        categories=reader.categories(),
        statuses=reader.statuses(),
        since=reader.since(),
        box=reader.box(),
        around=reader.circle(),
    )
    if faults:
        raise FiltersInvalid(faults)
    return filters


def read_point(words: Mapping[str, str]) -> tuple[float, float] | None:
    """Longitude and latitude from the words `lon` and `lat`, or None where both are missing.

    Raises FiltersInvalid.
    """
    faults: dict[str, FilterFault] = {}
    reader = _Reader({name: value.strip() for name, value in words.items()}, faults)
    point = reader.point()
    if faults:
        raise FiltersInvalid(faults)
    return point


@dataclass
class _Reader:
    given: Mapping[str, str]
    faults: dict[str, FilterFault]

    def categories(self) -> tuple[str, ...]:
        codes = _listed(self.given.get("category", ""))
        if len(codes) > MAX_CODES or not all(_CODE.fullmatch(code) for code in codes):
            self._refuse("category", "invalid_category", _("Das sind keine gültigen Codes."))
            return ()
        return codes

    def statuses(self) -> tuple[str, ...]:
        wanted: set[str] = set()
        for word in _listed(self.given.get("status", "")):
            if word in _STATUS_GROUPS:
                wanted |= _STATUS_GROUPS[word]
            elif word in _PUBLIC_STATUSES:
                wanted.add(word)
            else:
                self._refuse("status", "invalid_status", _("Diesen Stand gibt es nicht."))
        return tuple(sorted(wanted))

    def since(self) -> datetime | None:
        value = self.given.get("since")
        if value is None:
            return None
        moment = _moment(value)
        if moment is None:
            self._refuse(
                "since",
                "invalid_time",
                _("Bitte geben Sie einen Tag oder Zeitpunkt mit Zeitzone an (ISO 8601)."),
            )
        return moment

    def box(self) -> Box | None:
        value = self.given.get("bbox")
        if value is None:
            return None
        parts = [_degrees(part, 180.0) for part in value.split(",", 4)]
        corners = [part for part in parts if part is not None]
        if len(parts) == len(corners) == 4:
            west, south, east, north = corners
            if west < east and -90 <= south < north <= 90:
                return Box(west, south, east, north)
        self._refuse("bbox", "invalid_bbox", _("Erwartet wird bbox=West,Süd,Ost,Nord in Grad."))
        return None

    def circle(self) -> Circle | None:
        radius = self._radius()
        point = self.point()
        if point is None:
            if "radius" in self.given and not self.faults:
                self._refuse("radius", "point_missing", _("Zum Umkreis gehören lat und lon."))
            return None
        return Circle(point[0], point[1], radius)

    def point(self) -> tuple[float, float] | None:
        if not self.given.get("lat") and not self.given.get("lon"):
            return None
        lon = self._coordinate("lon", 180.0)
        lat = self._coordinate("lat", 90.0)
        return None if lon is None or lat is None else (lon, lat)

    def _coordinate(self, name: str, limit: float) -> float | None:
        value = _degrees(self.given.get(name, ""), limit)
        if value is None:
            self._refuse(
                name, "invalid_coordinate", _("Erwartet wird eine Koordinate in Grad (WGS84).")
            )
        return value

    def _radius(self) -> float:
        value = self.given.get("radius")
        if value is None:
            return DEFAULT_RADIUS_M
        radius = float(value) if _NUMBER.fullmatch(value) else 0.0
        if not 0 < radius <= MAX_RADIUS_M:
            self._refuse(
                "radius", "invalid_radius", _("Der Umkreis liegt zwischen 1 und 5000 Metern.")
            )
        return radius

    def _refuse(self, name: str, code: str, message: str | Promise) -> None:
        self.faults[name] = FilterFault(code, message)


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _degrees(value: str, limit: float) -> float | None:
    # The pattern leaves out NaN, infinity and digits that are not ASCII, which float() accepts.
    if not _NUMBER.fullmatch(value.strip()):
        return None
    number = float(value)
    return number if -limit <= number <= limit else None


def _moment(value: str) -> datetime | None:
    try:
        moment = parse_datetime(value) if len(value) > 10 else None
        day = parse_date(value) if moment is None else None
    except ValueError:
        return None
    if day is not None:
        return _start_of(day)
    return moment if moment is not None and moment.tzinfo is not None else None


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
