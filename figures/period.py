"""Periods that figures are asked for: whole days in the town's calendar, with names people use."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

_NAMED = re.compile(r"(?P<year>20\d\d)(?:-(?:(?P<part>[HQ])(?P<place>[1-4])|(?P<month>\d\d)))?")
LONGEST = timedelta(days=5 * 366)
EARLIEST = date(2000, 1, 1)


class PeriodInvalid(ValueError):
    """No period: the code says why (`unreadable`, `reversed`, `too_long`, `too_early`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PeriodInvalid("reversed")
        if self.last - self.first > LONGEST:
            raise PeriodInvalid("too_long")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The period just before: as many whole months where this one is made of months."""
        months = self._whole_months()
        last = self.first - timedelta(days=1)
        if months:
            return Period(_months_later(self.first, -months), last)
        return Period(last - timedelta(days=self.days - 1), last)

    @property
    def year_before(self) -> "Period":
        """The same days of the year before; a 29 February becomes the 28th."""
        first, last = _months_later(self.first, -12), _months_later(self.last, -12)
        if self._whole_months():
            last = _month_end(last)
        return Period(first, last)

    @property
    def name(self) -> str:
        """`1. Halbjahr 2026`, `März 2026`, `2026`, else both days."""
        year, months = self.first.year, self._whole_months()
        if months == 12 and self.first.month == 1:
            return str(year)
        if months == 6 and self.first.month in {1, 7}:
            place = 1 if self.first.month == 1 else 2
            return _("%(place)s. Halbjahr %(year)s") % {"place": place, "year": year}
        if months == 3 and self.first.month in {1, 4, 7, 10}:
            place = (self.first.month + 2) // 3
            return _("%(place)s. Quartal %(year)s") % {"place": place, "year": year}
        if months == 1:
            return f"{month_name(self.first)} {year}"
        return f"{self.first:%d.%m.%Y} – {self.last:%d.%m.%Y}"

    @property
    def code(self) -> str:
        """The same for addresses: `2026-H1`, `2026-Q2`, `2026-03`, `2026`, else empty."""
        year, month, months = self.first.year, self.first.month, self._whole_months()
        codes = {12: f"{year}", 6: f"{year}-H{month // 6 + 1}", 3: f"{year}-Q{month // 3 + 1}"}
        code = codes.get(months, f"{year}-{month:02d}")
        return code if months and read_named(code) == self else ""

    def _whole_months(self) -> int:
        if self.first.day != 1 or self.last != _month_end(self.last):
            return 0
        years = self.last.year - self.first.year
        return years * 12 + self.last.month - self.first.month + 1


def read_named(code: str) -> Period:
    """The period of a code as `Period.code` writes it. Raises PeriodInvalid."""
    found = _NAMED.fullmatch(code)
    if found is None:
        raise PeriodInvalid("unreadable")
    year = int(found["year"])
    if found["month"]:
        month, length = int(found["month"]), 1
    elif found["part"]:
        length = 6 if found["part"] == "H" else 3
        month = (int(found["place"]) - 1) * length + 1
    else:
        month, length = 1, 12
    if not 1 <= month <= 12:
        raise PeriodInvalid("unreadable")
    first = date(year, month, 1)
    return Period(first, _months_later(first, length) - timedelta(days=1))


def read_days(first: str, last: str) -> Period:
    """The period between two ISO days. Raises PeriodInvalid."""
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except PeriodInvalid:
        raise
    except ValueError:
        raise PeriodInvalid("unreadable") from None
    if period.first < EARLIEST:
        raise PeriodInvalid("too_early")
    return period


def presets(today: date) -> list[Period]:
    """What people ask for, the nearest first: months, quarters, half-years, years."""
    months = [_month_of(_months_later(today.replace(day=1), -back)) for back in (0, 1)]
    quarter = read_named(f"{today.year}-Q{(today.month + 2) // 3}")
    half = read_named(f"{today.year}-H{1 if today.month <= 6 else 2}")
    year = read_named(str(today.year))
    return [*months, quarter, quarter.before, half, half.before, half.before.before, year,
            year.before]  # fmt: skip


def last_complete_months(today: date, count: int = 12) -> Period:
    """So many whole months, the last of which has ended."""
    first = _months_later(today.replace(day=1), -count)
    return Period(first, today.replace(day=1) - timedelta(days=1))


def month_name(day: date) -> str:
    """Januar … Dezember."""
    names = [
        _("Januar"), _("Februar"), _("März"), _("April"), _("Mai"), _("Juni"), _("Juli"),
        _("August"), _("September"), _("Oktober"), _("November"), _("Dezember"),
    ]  # fmt: skip
    return names[day.month - 1]


def _month_of(first: date) -> Period:
    return Period(first, _month_end(first))


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _months_later(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
