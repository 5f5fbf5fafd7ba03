"""What is said of a category at a moment and place: dated notices, pauses, closed offices."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Municipality
from accounts.short_memory import remembered
from routing.answers import language_of
from routing.calendar import WorkCalendar, add_working_hours
from routing.category_notice import CategoryNotice, NoticeEffect, NoticeHours
from routing.decision import NoDispatchOffice, TownFacts
from routing.models import Category
from routing.town_loading import load_town

_A_MOMENT_OF_WORK = 1 / 60  # hours


@dataclass(frozen=True)
class TimelyNotice:
    """Something said for a time, an area or some hours; `pauses`: not offered meanwhile."""

    id: int
    text: str
    contact: str
    phone: str
    url: str
    pauses: bool
    category_id: int | None


class Moment:
    """What counts in a town at a moment, and at a place where one is known; read when asked for.

    One query for the notices; three more for the calendars, only where hours matter.
    """

    def __init__(
        self,
        town: Municipality,
        now: datetime,
        *,
        point: Point | None = None,
        language: str = "de",
    ) -> None:
        self.town, self.now, self.point = town, now, point
        self.language = language_of(language)
        self._rows: list[CategoryNotice] | None = None
        self._facts: TownFacts | None = None

    def notices_for(self, category: Category) -> list[TimelyNotice]:
        """Notices on a category, its group or all, pauses first."""
        found = [
            _timely(row, self.language)
            for row in self._rows_in_force()
            if row.category_id in {None, category.pk, category.parent_id}
            and self._fits_hours(row, category)
        ]
        return sorted(found, key=lambda notice: not notice.pauses)

    def pause_of(self, category: Category) -> TimelyNotice | None:
        """Why a category is not offered here and now, or None."""
        return next((each for each in self.notices_for(category) if each.pauses), None)

    def opens_again(self, category: Category) -> datetime | None:
        """When the first office that may be responsible works again; None where one works now.

        Local time. Every office a rule could choose counts: nobody is promised less than happens.
        """
        calendars = self._calendars(category)
        if not calendars or any(each.is_working_at(self.now) for each in calendars):
            return None
        starts = [add_working_hours(self.now, _A_MOMENT_OF_WORK, each) for each in calendars]
        return min(starts).astimezone(ZoneInfo(self.town.time_zone))

    def _rows_in_force(self) -> list[CategoryNotice]:
        if self._rows is None:
            today = self.now.astimezone(ZoneInfo(self.town.time_zone)).date()
            rows = [row for row in _active_notices(self.town.pk) if _is_in_force(row, today)]
            here = self._those_here([row.pk for row in rows if row.area_id is not None])
            self._rows = [row for row in rows if row.area_id is None or row.pk in here]
        return self._rows

    def _those_here(self, limited: list[int]) -> set[int]:
        """Which of the notices limited to an area hold at the point; one query if there are any."""
        if self.point is None or not limited:
            return set()
        rows = CategoryNotice.objects.filter(_covering(self.point), pk__in=limited)
        return set(rows.values_list("pk", flat=True))

    def _fits_hours(self, row: CategoryNotice, category: Category) -> bool:
        if row.hours == NoticeHours.ALWAYS:
            return True
        works = any(each.is_working_at(self.now) for each in self._calendars(category))
        return works == (row.hours == NoticeHours.OPEN)

    def _calendars(self, category: Category) -> list[WorkCalendar]:
        facts = self._load_facts()
        if facts is None:
            return []
        kinds = {None, category.pk, category.parent_id}
        chosen: set[int | None] = {
            rule.office_id for rule in facts.rules if rule.category_id in kinds
        }
        group_office = category.parent.default_office_id if category.parent else None
        chosen.add(category.default_office_id or group_office or _dispatch(facts))
        return [office.calendar for office in facts.offices.values() if office.id in chosen]

    def _load_facts(self) -> TownFacts | None:
        if self._facts is None:
            try:
                self._facts = load_town(self.town.pk, since=self.now)
            except NoDispatchOffice:
                return None
        return self._facts


@remembered
def _active_notices(municipality_id: int) -> tuple[CategoryNotice, ...]:
    rows = CategoryNotice.objects.filter(municipality_id=municipality_id, is_active=True)
    return tuple(rows.order_by("pk"))


def closed_words(category: Category, moment: Moment) -> str:
    """When work on a report begins, where no office works now; empty otherwise and for dangers."""
    if category.is_danger:
        return ""
    opens = moment.opens_again(category)
    if opens is None:
        return ""
    here = moment.now.astimezone(opens.tzinfo).date()
    if opens.date() == here:
        return _(
            "Gerade ist niemand im Dienst. Bearbeitet wird Ihre Meldung ab heute, %(time)s."
        ) % {"time": date_format(opens, "TIME_FORMAT")}
    near = (opens.date() - here).days < 7
    day = date_format(opens, "l" if near else "l, j. F")
    return _("Gerade ist niemand im Dienst. Bearbeitet wird Ihre Meldung ab %(day)s.") % {
        "day": day
    }


def _covering(point: Point) -> Q:
    return Q(area__geometry__covers=point)


def _dispatch(facts: TownFacts) -> int | None:
    return next((office.id for office in facts.offices.values() if office.is_dispatch), None)


def _is_in_force(row: CategoryNotice, today: date) -> bool:
    if row.is_yearly and row.valid_from and row.valid_to:
        first, last = _day_of_year(row.valid_from), _day_of_year(row.valid_to)
        now = _day_of_year(today)
        # From October to March the year turns in between.
        return first <= now <= last if first <= last else now >= first or now <= last
    starts = row.valid_from is None or row.valid_from <= today
    return starts and (row.valid_to is None or row.valid_to >= today)


def _day_of_year(day: date) -> tuple[int, int]:
    return day.month, day.day


def _timely(row: CategoryNotice, language: str) -> TimelyNotice:
    return TimelyNotice(
        id=row.pk,
        text=str(row.translations.get(language) or row.text),
        contact=row.contact,
        phone=row.phone,
        url=row.url,
        pauses=row.effect == NoticeEffect.PAUSE,
        category_id=row.category_id,
    )
