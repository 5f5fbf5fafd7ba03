"""The responsible office for a place, a category and a moment, with the reasons in words.

Loads the facts (at most six queries), lets decision.py decide and explanation.py explain. Knows
nothing of reports: values in, values out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from accounts.models import Office
from routing.answers import dangerous_answers
from routing.calendar import WorkCalendar, week_of
from routing.decision import (
    AreaFacts,
    Basis,
    CaseFacts,
    CategoryFacts,
    NoDispatchOffice,
    OfficeFacts,
    RuleFacts,
    TownFacts,
    decide,
)
from routing.explanation import explain
from routing.models import Area, Category, ClosingDay, OfficeHours, Rule


@dataclass(frozen=True)
class Assignment:
    """Who is responsible and until when. Due times are aware, in UTC; sentences are German."""

    office_id: int
    office_label: str
    district_id: int | None
    district_name: str
    rule_id: int | None
    basis: Basis
    is_danger: bool
    first_answer_due_at: datetime
    due_at: datetime
    sentences: tuple[str, ...]


def assign(
    *,
    municipality_id: int,
    category_id: int,
    point: Point,
    at: datetime,
    answers: Mapping[str, Any] | None = None,
    danger: bool = False,
) -> Assignment:
    """Decide who is responsible for a point (WGS84) and a category at a moment.

    `answers` are checked answers to the category's questions; `danger` is set where the way in
    already found one. There is always an office. Six queries, five without answers. Raises
    ValueError for a naive `at`, Category.DoesNotExist for a category of another municipality.
    """
    if at.tzinfo is None:
        raise ValueError("`at` needs a time zone")
    category = Category.objects.select_related("parent").get(
        pk=category_id, municipality_id=municipality_id
    )
    town = load_town(municipality_id, since=at)
    day = at.astimezone(ZoneInfo(town.time_zone)).date()
    case = CaseFacts(
        category=category_facts(category),
        areas=_areas_at(municipality_id, point, day),
        at=at,
        danger=danger,
        danger_answers=tuple(dangerous_answers(category_id, answers)) if answers else (),
    )
    return decide_and_explain(town, case)


def decide_and_explain(town: TownFacts, case: CaseFacts) -> Assignment:
    """The pure part of assign(): the same facts always give the same assignment."""
    decision = decide(town, case)
    district = decision.districts[0] if decision.districts else None
    return Assignment(
        office_id=decision.office.id,
        office_label=decision.office.label,
        district_id=district.id if district else None,
        district_name=district.name if district else "",
        rule_id=decision.rule.id if decision.rule else None,
        basis=decision.basis,
        is_danger=decision.is_danger,
        first_answer_due_at=decision.first_answer_due_at,
        due_at=decision.due_at,
        sentences=explain(town, case, decision),
    )


def load_town(municipality_id: int, *, since: datetime) -> TownFacts:
    """The responsibility table of a town with the calendars of its offices from a moment on.

    Three queries. Closing days before `since` are left out. Raises NoDispatchOffice for a town
    without any office.
    """
    offices = list(
        Office.objects.filter(municipality_id=municipality_id)
        .select_related("municipality")
        .defer("municipality__coverage", "municipality__pages")
        .annotate(
            opening_rows=ArraySubquery(
                OfficeHours.objects.filter(office=OuterRef("pk"))
                .order_by("pk")
                .values(row=JSONObject(weekday="weekday", opens="opens", closes="closes"))
            )
        )
    )
    if not offices:
        raise NoDispatchOffice
    # A day earlier than needed: which day it is locally is known to each calendar.
    closing_days = list(
        ClosingDay.objects.filter(
            municipality_id=municipality_id, day__gte=since.date() - timedelta(days=1)
        ).values_list("office_id", "day", "reason")
    )
    return TownFacts(
        time_zone=offices[0].municipality.time_zone,
        offices={
            office.pk: _office_facts(office, _calendar(office, closing_days)) for office in offices
        },
        rules=tuple(_rules_of(municipality_id)),
    )


def category_facts(category: Category) -> CategoryFacts:
    """A category with its group as plain values; `parent` should be loaded."""
    group = category.parent
    return CategoryFacts(
        id=category.pk,
        name=category.name,
        group_id=group.pk if group else None,
        group_name=group.name if group else "",
        office_id=category.default_office_id,
        group_office_id=group.default_office_id if group else None,
        first_answer_hours=category.first_answer_hours,
        completion_hours=category.completion_hours,
        is_danger=category.is_danger,
    )


def _areas_at(municipality_id: int, point: Point, day: date) -> tuple[AreaFacts, ...]:
    rows = (
        Area.objects.filter(municipality_id=municipality_id)
        .valid_on(day)
        .containing(point)
        .values_list("level", "key", "pk", "name", "attributes")
    )
    return tuple(sorted(AreaFacts(*row) for row in rows))


def _rules_of(municipality_id: int) -> Iterable[RuleFacts]:
    # Plain rows: a large town has hundreds of rules, and every decision reads them all.
    rows = (
        Rule.objects.filter(municipality_id=municipality_id, is_active=True)
        .order_by("priority", "pk")
        .values_list(
            *("pk", "priority", "name", "office_id", "category_id"),
            *("completion_hours", "marks_danger"),
            *("area__level", "area__key", "area_id", "area__name"),
        )
    )
    for pk, priority, name, office_id, category_id, hours, marks_danger, *area in rows:
        yield RuleFacts(
            id=pk,
            priority=priority,
            name=name,
            office_id=office_id,
            category_id=category_id,
            area=AreaFacts(*area) if area[2] is not None else None,
            completion_hours=hours,
            marks_danger=marks_danger,
        )


def _office_facts(office: Office, calendar: WorkCalendar) -> OfficeFacts:
    return OfficeFacts(
        id=office.pk,
        label=office.label,
        calendar=calendar,
        valid_from=office.valid_from,
        valid_to=office.valid_to,
        successor_id=office.successor_id,
        is_dispatch=office.is_dispatch,
    )


def _calendar(office: Office, closing_days: Iterable[tuple[int | None, date, str]]) -> WorkCalendar:
    town, rows = office.municipality, cast("Any", office).opening_rows
    return WorkCalendar(
        time_zone=town.time_zone,
        state=town.state,
        # The database's JSON writes times as text.
        week=week_of(
            (row["weekday"], time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"]))
            for row in rows
        ),
        closing_days={
            day: reason or "Schließtag"
            for closed_office, day, reason in closing_days
            if closed_office in {None, office.pk}
        },
    )
