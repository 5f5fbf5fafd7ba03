"""Working time: what a target of so many hours means on the clock.

Ordinary targets count while the office works, in the town's time zone, without public holidays
and closing days. Danger targets count around the clock. Everything here is pure: values in,
values out. Spans are real elapsed time (computed in UTC), so a change to or from daylight-saving
time neither gains nor loses an hour.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

from accounts.models import Bundesland

WEEKDAY_NAMES = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
# Below this a target of the largest size would lie centuries ahead; such hours are a typing error.
LEAST_WEEKLY_TIME = timedelta(hours=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, order=True)
class Opening:
    """One stretch of a working day, local wall-clock time; `closes` after `opens`."""

    opens: time
    closes: time


Week = tuple[tuple[Opening, ...], ...]  # Monday first, always seven entries

_EIGHT_TO_FOUR = (Opening(time(8), time(16)),)
DEFAULT_WEEK: Week = (_EIGHT_TO_FOUR,) * 5 + ((), ())


@dataclass(frozen=True)
class WorkCalendar:
    """When an office works. Raises ValueError for a week of less than one hour.

    `closing_days` maps a day to why it is closed; `state` is the Bundesland whose public
    holidays count (ISO 3166-2 without the country).
    """

    time_zone: str = "Europe/Berlin"
    state: str = "BW"
    week: Week = DEFAULT_WEEK
    closing_days: Mapping[date, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7 or _time_in(self.week) < LEAST_WEEKLY_TIME:
            raise ValueError("a working week needs seven days and at least one hour")

    def day_off(self, day: date) -> str | None:
        """Why nobody works on a day that would otherwise be a working day, or None."""
        holiday = public_holidays(self.state, day.year).get(day)
        return holiday or self.closing_days.get(day)

    def spans_on(self, day: date) -> Iterator[Span]:
        """The working spans of a local day in UTC, in order and without overlap."""
        openings = self.week[day.weekday()]
        if not openings or self.day_off(day):
            return
        zone, last_end = ZoneInfo(self.time_zone), None
        for opening in openings:
            start = datetime.combine(day, opening.opens, zone).astimezone(UTC)
            end = datetime.combine(day, opening.closes, zone).astimezone(UTC)
            # In the hour that daylight-saving time skips, two openings can touch or vanish.
            start = start if last_end is None else max(start, last_end)
            if end > start:
                yield start, end
                last_end = end

    def is_working_at(self, moment: datetime) -> bool:
        """Whether the office works at a moment (its closing minute no longer counts)."""
        day = moment.astimezone(ZoneInfo(self.time_zone)).date()
        return any(start <= moment < end for start, end in self.spans_on(day))

    def days_off_between(self, start: datetime, end: datetime) -> list[tuple[date, str]]:
        """Working days lost to holidays and closing days between two moments, with the reason."""
        zone = ZoneInfo(self.time_zone)
        day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        found = []
        while day <= last:
            reason = self.day_off(day) if self.week[day.weekday()] else None
            if reason:
                found.append((day, reason))
            day += timedelta(days=1)
        return found


def add_working_hours(start: datetime, hours: float, calendar: WorkCalendar) -> datetime:
    """The first moment (UTC) by which `hours` of working time have passed since `start`.

    Zero hours give `start` itself; a target that ends with the day gives its closing time, not
    the next morning. Raises ValueError for negative hours or a `start` without time zone.
    """
    if hours < 0:
        raise ValueError("hours must not be negative")
    left = timedelta(hours=hours)
    moment = _in_utc(start)
    spans = _spans_from(moment, calendar)
    while left > timedelta(0):
        opens, closes = next(spans)
        moment = opens + min(left, closes - opens)
        left -= moment - opens
    return moment


def subtract_working_hours(end: datetime, hours: float, calendar: WorkCalendar) -> datetime:
    """The last moment (UTC) from which `hours` of working time pass until `end`.

    Zero hours give `end` itself. Raises ValueError for negative hours or no time zone.
    """
    if hours < 0:
        raise ValueError("hours must not be negative")
    left = timedelta(hours=hours)
    moment = _in_utc(end)
    spans = _spans_before(moment, calendar)
    while left > timedelta(0):
        opens, closes = next(spans)
        moment = closes - min(left, closes - opens)
        left -= closes - moment
    return moment


def add_working_days(start: datetime, days: int, calendar: WorkCalendar) -> datetime:
    """The end of work (UTC) on the `days`-th working day after the day of `start`.

    Raises ValueError for fewer than one day or a `start` without time zone.
    """
    if days < 1:
        raise ValueError("days must be positive")
    day = _in_utc(start).astimezone(ZoneInfo(calendar.time_zone)).date()
    moment = start
    while days:
        day += timedelta(days=1)
        spans = list(calendar.spans_on(day))
        if spans:
            moment, days = spans[-1][1], days - 1
    return moment


def working_days_before(moment: datetime, days: int, calendar: WorkCalendar) -> datetime:
    """The beginning (local midnight) of the `days`-th working day before the day of a moment.

    What happened earlier lies more than that many whole working days back. Raises ValueError for
    fewer than one day.
    """
    if days < 1:
        raise ValueError("days must be positive")
    zone = ZoneInfo(calendar.time_zone)
    day = _in_utc(moment).astimezone(zone).date()
    while days:
        day -= timedelta(days=1)
        days -= 1 if any(True for _span in calendar.spans_on(day)) else 0
    return datetime.combine(day, time(0), zone)


def working_hours_between(start: datetime, end: datetime, calendar: WorkCalendar) -> float:
    """Hours of working time from `start` to `end`; negative when `end` lies before `start`."""
    first, last = _in_utc(start), _in_utc(end)
    if last < first:
        return -working_hours_between(last, first, calendar)
    total = timedelta(0)
    for opens, closes in _spans_from(first, calendar):
        if opens >= last:
            break
        total += min(closes, last) - opens
    return total / timedelta(hours=1)


def add_clock_hours(start: datetime, hours: float) -> datetime:
    """`hours` later around the clock, in UTC; raises ValueError without a time zone."""
    return _in_utc(start) + timedelta(hours=hours)


@lru_cache(maxsize=1024)
def public_holidays(state: str, year: int) -> Mapping[date, str]:
    """Statutory public holidays of a Bundesland in a year: day to German name.

    An unknown state gets the nationwide ones. Holidays that only some towns keep (Augsburg's
    peace festival, Mariä Himmelfahrt in Catholic towns of Bavaria) are closing days of the town.
    """
    part = state if state in Bundesland.values else None
    found = holidays.country_holidays("DE", subdiv=part, years=year, expand=False, language="de")
    return MappingProxyType(dict(found.items()))


def week_of(openings: Iterable[tuple[int, time, time]]) -> Week:
    """A week from rows (weekday with 0 = Monday, opens, closes); overlaps are joined.

    Without a usable row, and for less than one hour a week, the default week is returned.
    """
    days: list[list[Opening]] = [[] for _day in range(7)]
    for weekday, opens, closes in sorted(openings):
        if days[weekday] and opens <= days[weekday][-1].closes:
            earlier = days[weekday].pop()
            days[weekday].append(Opening(earlier.opens, max(earlier.closes, closes)))
        else:
            days[weekday].append(Opening(opens, closes))
    week: Week = tuple(tuple(day) for day in days)
    return week if _time_in(week) >= LEAST_WEEKLY_TIME else DEFAULT_WEEK


def describe_week(week: Week) -> str:
    """A week in German words: `Mo–Do 8–16 Uhr, Fr 8–12 Uhr`."""
    parts, first = [], 0
    for day in range(1, 8):
        if day < 7 and week[day] == week[first]:
            continue
        if week[first]:
            name = WEEKDAY_NAMES[first]
            if day - 1 > first:
                name += f"–{WEEKDAY_NAMES[day - 1]}"
            parts.append(f"{name} {_describe_openings(week[first])} Uhr")
        first = day
    return ", ".join(parts)


def _describe_openings(openings: Iterable[Opening]) -> str:
    return " und ".join(
        f"{_short_time(opening.opens)}–{_short_time(opening.closes)}" for opening in openings
    )


def _short_time(value: time) -> str:
    return f"{value.hour}:{value.minute:02}" if value.minute else str(value.hour)


def _spans_from(moment: datetime, calendar: WorkCalendar) -> Iterator[Span]:
    # Endless, but every step is reached: a week has working time and closing days are finite.
    day = moment.astimezone(ZoneInfo(calendar.time_zone)).date()
    while True:
        for opens, closes in calendar.spans_on(day):
            if closes > moment:
                yield max(opens, moment), closes
        day += timedelta(days=1)


def _spans_before(moment: datetime, calendar: WorkCalendar) -> Iterator[Span]:
    day = moment.astimezone(ZoneInfo(calendar.time_zone)).date()
    while True:
        for opens, closes in reversed(list(calendar.spans_on(day))):
            if opens < moment:
                yield opens, min(closes, moment)
        day -= timedelta(days=1)


def _time_in(week: Week) -> timedelta:
    total = timedelta(0)
    for openings in week:
        for opening in openings:
            start = datetime.combine(date.min, opening.opens, UTC)
            total += datetime.combine(date.min, opening.closes, UTC) - start
    return total


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)
