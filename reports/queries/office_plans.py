"""What a planned change of offices would move, counted and listed before anything happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Office, RoleAssignment, Team
from reports.incidents import Incident, IncidentState
from reports.lifecycle import OPEN
from reports.models import Handover, Report
from reports.office_changes import OfficeChange
from routing.models import Category, ClosingDay, OfficeHours, OnCallShift
from routing.office_rules import rules_of

SHOWN_CASES = 20


@dataclass(frozen=True)
class Moving:
    """What a plan means today: from which offices, to which, which cases, and by what choice.

    `categories` and `areas` are ids that a split chose, None where that is no matter; `people`
    are the users (ids) that go along in a split, None where all do.
    """

    sources: Sequence[Office]
    target: Office
    cases: QuerySet[Report]
    categories: frozenset[int] | None
    areas: frozenset[int] | None
    people: frozenset[int] | None


@dataclass(frozen=True)
class Preview:
    """The same in numbers and names, for people."""

    cases: int
    shown: Sequence[Report]
    rules: Sequence[str]
    defaults: Sequence[str]
    people: Sequence[str]
    teams: Sequence[str]
    calendar: int
    duty: int
    offers: int
    incidents: Sequence[str]


def moving_of(change: OfficeChange) -> Moving:
    """What a merge or split moves as things stand; an office yet to be made is the old one here."""
    to = change.target or change.office
    if change.kind == OfficeChange.Kind.MERGE:
        sources = list(Office.objects.filter(pk__in=change.plan["sources"]).order_by("pk"))
        return Moving(sources, change.office, _open_cases(sources), None, None, None)
    chosen = frozenset(change.plan["chosen"])
    by = change.plan["by"]
    cases = _open_cases([change.office]).filter(_choice(by, chosen))
    return Moving(
        sources=[change.office],
        target=to,
        cases=cases,
        categories=chosen if by == "category" else None,
        areas=chosen if by == "area" else None,
        people=frozenset(change.plan.get("people", [])),
    )


def preview_of(change: OfficeChange, now: datetime) -> Preview:
    """What would be moved, for the page before it is carried out. About ten queries."""
    if change.kind == OfficeChange.Kind.RENAME:
        return Preview(0, [], [], [], [], [], 0, 0, 0, [])
    moving = moving_of(change)
    offices = [office.pk for office in moving.sources]
    is_whole = change.kind == OfficeChange.Kind.MERGE
    hours = OfficeHours.objects.filter(office__in=offices).count()
    closing = ClosingDay.objects.filter(office__in=offices).count()
    duty = OnCallShift.objects.filter(office__in=offices, ends_at__gt=now).count()
    offers = Handover.objects.filter(to_office__in=offices, state=Handover.State.OFFERED)
    return Preview(
        cases=moving.cases.count(),
        shown=list(moving.cases.select_related("category").order_by("pk")[:SHOWN_CASES]),
        rules=[str(rule) for rule in rules_of(change.municipality_id, moving, now)],
        defaults=[str(each) for each in default_categories(moving)],
        people=_people(moving),
        teams=[str(team) for team in Team.objects.filter(office__in=offices)] if is_whole else [],
        calendar=hours + closing if is_whole else 0,
        duty=duty if is_whole else 0,
        offers=offers.count() if is_whole else 0,
        incidents=[str(each) for each in running_incidents(offices)] if is_whole else [],
    )


def running_incidents(offices: Sequence[int]) -> QuerySet[Incident]:
    """Incidents that go on at offices (ids); what is only proposed has no office yet."""
    rows = Incident.objects.filter(office__in=offices, state=IncidentState.RUNNING)
    return rows.select_related("category").order_by("pk")


def default_categories(moving: Any) -> QuerySet[Category]:
    """Categories whose default office moves: all of the sources, in a split by kind the chosen."""
    offices = [office.pk for office in moving.sources]
    rows = Category.objects.filter(default_office__in=offices)
    if moving.areas is not None:
        return rows.none()
    if moving.categories is not None:
        return rows.filter(Q(pk__in=moving.categories) | Q(parent__in=moving.categories))
    return rows if moving.people is None else rows.none()


def changes_of(municipality_id: int) -> list[OfficeChange]:
    """The newest changes of a town, planned, running and done. One query."""
    rows = OfficeChange.objects.filter(municipality_id=municipality_id)
    rows = rows.exclude(state=OfficeChange.State.DISCARDED)
    return list(rows.select_related("office", "target", "planned_by").order_by("-pk")[:50])


def find_change(municipality_id: int, change_id: int) -> OfficeChange | None:
    """A change of a town. One query."""
    rows = OfficeChange.objects.filter(pk=change_id, municipality_id=municipality_id)
    rows = rows.select_related("office__municipality", "target", "planned_by", "started_by")
    return rows.defer("office__municipality__coverage", "office__municipality__pages").first()


def _open_cases(offices: Sequence[Office]) -> QuerySet[Report]:
    return Report.objects.filter(office__in=[office.pk for office in offices], status__in=OPEN)


def _choice(by: str, chosen: frozenset[int]) -> Q:
    if by == "category":
        return Q(category__in=chosen) | Q(category__parent__in=chosen)
    return Q(district__in=chosen) if by == "area" else Q(pk__in=chosen)


def _people(moving: Moving) -> list[str]:
    rows = RoleAssignment.objects.filter(office__in=[office.pk for office in moving.sources])
    if moving.people is not None:
        rows = rows.filter(user__in=moving.people)
    found = rows.select_related("user").order_by("user__last_name", "pk")
    return list(dict.fromkeys(str(row.user) for row in found))
