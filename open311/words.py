"""Reads what clients write, forgivingly: blanks around it, a comma for the point, a day for a time.

An empty value counts as not given.
"""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from open311.document import clean
from open311.refusals import Fault, Refused

_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d{1,20})?([eE][+-]?\d{1,3})?", re.ASCII)
# A plus that was not encoded arrives as a blank: 2026-11-23T10:00:00 01:00
_LOST_PLUS = re.compile(r"(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})$")
FIRST_YEAR, LAST_YEAR = 1900, 2999
_YES = frozenset({"true", "1", "yes", "on"})
_NO = frozenset({"false", "0", "no", "off"})


class Words:
    """The words of a request, each read as what it should be. Raises Refused naming the field."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given = {name: clean(value).strip() for name, value in given.items()}

    def text(self, name: str) -> str:
        """The value without blanks around it; empty where it is not given."""
        return self._given.get(name, "")

    def listed(self, name: str) -> tuple[str, ...]:
        """The parts of a list with commas."""
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def flag(self, name: str) -> bool:
        """Whether a switch is on; off where it is not given."""
        word = self.text(name).lower()
        if word in _YES:
            return True
        if word in _NO or not word:
            return False
        raise _refused(name, _("erwartet wird true oder false."))

    def number(self, name: str, *, at_least: float, at_most: float) -> float | None:
        """A number between two bounds."""
        word = self.text(name)
        if not word:
            return None
        if word.count(",") == 1 and "." not in word:
            word = word.replace(",", ".")
        number = float(word) if _NUMBER.fullmatch(word) else None
        if number is None or not at_least <= number <= at_most:
            raise _refused(
                name,
                _("erwartet wird eine Zahl von %(least)g bis %(most)g.")
                % {"least": at_least, "most": at_most},
            )
        return number

    def whole(self, name: str, default: int) -> int:
        """A whole number of at least 1."""
        word = self.text(name)
        if not word:
            return default
        if not (word.isascii() and word.isdecimal()) or int(word[:12]) < 1:
            raise _refused(name, _("erwartet wird eine ganze Zahl ab 1."))
        return int(word[:12])

    def moment(self, name: str, zone: ZoneInfo, *, ends_day: bool = False) -> datetime | None:
        """A point in time (ISO 8601); without a zone the town's, a day alone from its midnight.

        `ends_day` lets a day alone mean its last second.
        """
        word = self.text(name)
        if not word:
            return None
        found = _moment(word, zone, ends_day)
        if found is None:
            raise _refused(
                name,
                _("erwartet wird ein Zeitpunkt mit Zeitzone, z. B. 2026-11-23T10:00:00+01:00."),
            )
        return found

    def point(self) -> tuple[float, float] | None:
        """Longitude and latitude in degrees (WGS84), or None where both are missing."""
        lat = self.number("lat", at_least=-90, at_most=90)
        lon = self.number("long", at_least=-180, at_most=180)
        if lat is None and lon is None:
            return None
        if lat is None or lon is None:
            raise Refused(Fault(400, f"{'lat' if lat is None else 'long'} required"))
        return lon, lat


def _refused(name: str, expected: str) -> Refused:
    return Refused(Fault(400, f"{name}: {expected}"))


def _moment(word: str, zone: ZoneInfo, ends_day: bool) -> datetime | None:
    found: datetime | None
    try:
        day = parse_date(word) if len(word) <= len("2026-11-23") else None
        if day is not None:
            midnight = datetime.combine(day, time.min, tzinfo=zone)
            found = midnight + timedelta(days=1, seconds=-1) if ends_day else midnight
        else:
            at = parse_datetime(_LOST_PLUS.sub(r"\1+\2", word))
            found = at and (at if at.tzinfo else at.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None
    # What lies beyond could not be turned into another zone.
    return found if found and FIRST_YEAR <= found.year <= LAST_YEAR else None
