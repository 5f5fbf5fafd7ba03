"""What a planned change of offices would move, counted and listed before anything happens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Office, RoleAssignment, Team
from reports.incidents import Incident, IncidentState
from reports.lifecycle import OPEN
from reports.models import Handover, Report
from reports.office_changes import OfficeChange
from routing.models import Area, Category, ClosingDay, OfficeHours, OnCallShift
from routing.office_rules import rules_parted

SHOWN_CASES = 20


@dataclass(frozen=True)
class Moving:
    """What a plan means today: from which offices, to which, which cases, and by what choice.

    `categories` and `areas` are ids that a split chose, None where that is no matter; `people`
    are the users (ids) that go along in a split, None where all do. `choice` says the same of
    reports; a merge takes all.
    """

    sources: Sequence[Office]
    target: Office
    categories: frozenset[int] | None
    areas: frozenset[int] | None
    people: frozenset[int] | None
    choice: Q = field(default_factory=Q)

    @property
    def ids(self) -> list[int]:
        """The offices it comes from."""
        return [office.pk for office in self.sources]

    @property
    def is_whole(self) -> bool:
        """Whether everything of the sources goes along, for they end."""
        return self.people is None

    @property
    def cases(self) -> QuerySet[Report]:
        """The open cases that go along."""
        return Report.objects.filter(self.choice, office__in=self.ids, status__in=OPEN)

    @property
    def roles(self) -> QuerySet[RoleAssignment]:
        """What the people who go along are there."""
        rows = RoleAssignment.objects.filter(office__in=self.ids)
        return rows if self.people is None else rows.filter(user__in=self.people)

    @property
    def first_looks(self) -> QuerySet[Report]:
        """What others look at first and would come to a source then."""
        return Report.objects.filter(self.choice, first_look_for__in=self.ids)

    @property
    def offers(self) -> QuerySet[Handover]:
        """What others offer to a source and is of the kind that goes along."""
        rows = Handover.objects.filter(to_office__in=self.ids, state=Handover.State.OFFERED)
        return rows.filter(report__in=Report.objects.filter(self.choice))

    @property
    def incidents(self) -> QuerySet[Incident]:
        """Incidents that go on there; in a split those of the chosen kinds alone."""
        rows = Incident.objects.filter(office__in=self.ids, state=IncidentState.RUNNING)
        if self.categories is not None:
            rows = rows.filter(_of_kinds(self.categories))
        elif not self.is_whole:
            rows = rows.none()
        return rows.select_related("category").order_by("pk")

    @property
    def default_categories(self) -> QuerySet[Category]:
        """Categories whose default office moves: in a split the chosen ones alone."""
        rows = Category.objects.filter(default_office__in=self.ids)
        if self.categories is not None:
            return rows.filter(Q(pk__in=self.categories) | Q(parent__in=self.categories))
        return rows if self.is_whole else rows.none()


@dataclass(frozen=True)
class Preview:
    """The same in numbers and names, for people.

    `left` are rules that go on naming the old office; `leads` teams that stay while the person
    who leads them goes; `duty` in a split counts shifts of those who go, which stay.
    """

    cases: int
    shown: Sequence[Report]
    rules: Sequence[str]
    left: Sequence[str]
    defaults: Sequence[str]
    people: Sequence[str]
    teams: Sequence[str]
    leads: Sequence[str]
    calendar: int
    duty: int
    offers: int
    first_looks: int
    incidents: Sequence[str]

    def told_afterwards(self) -> dict[str, Any]:
        """What the page says when all is done; people are counted there, not named."""
        lists = {name: list(getattr(self, name)) for name in ("rules", "left", "defaults", "teams")}
        numbers = {name: getattr(self, name) for name in ("calendar", "duty", "offers")}
        more = {"people": len(self.people), "first_looks": self.first_looks}
        return lists | numbers | more | {"incidents": list(self.incidents)}


def moving_of(change: OfficeChange) -> Moving:
    """What a merge or split moves as things stand; an office yet to be made is the old one here."""
    to = change.target or change.office
    if change.kind == OfficeChange.Kind.MERGE:
        sources = list(Office.objects.filter(pk__in=change.plan["sources"]).order_by("pk"))
        return Moving(sources, change.office, None, None, None)
    chosen = frozenset(change.plan["chosen"])
    by = change.plan["by"]
    return Moving(
        sources=[change.office],
        target=to,
        categories=chosen if by == "category" else None,
        areas=chosen if by == "area" else None,
        people=frozenset(change.plan.get("people", [])),
        choice=_choice(by, chosen),
    )


def preview_of(change: OfficeChange, now: datetime) -> Preview | None:
    """What would be moved, for the page before it is carried out; a rename moves nothing.

    About ten queries.
    """
    if change.kind == OfficeChange.Kind.RENAME:
        return None
    moving = moving_of(change)
    is_whole = moving.is_whole
    follow, left = rules_parted(change.municipality_id, moving, now)
    calendar = sum(
        rows.filter(office__in=moving.ids).count()
        for rows in (OfficeHours.objects.all(), ClosingDay.objects.all())
    )
    return Preview(
        cases=moving.cases.count(),
        shown=list(moving.cases.select_related("category").order_by("pk")[:SHOWN_CASES]),
        rules=[str(rule) for rule in follow],
        left=[str(rule) for rule in left],
        defaults=[str(each) for each in moving.default_categories],
        people=_people(moving),
        teams=[str(each) for each in Team.objects.filter(office__in=moving.ids)],
        leads=[] if is_whole else [str(each) for each in _teams_led(moving)],
        calendar=calendar if is_whole else 0,
        duty=_shifts(moving, now).count(),
        offers=moving.offers.count(),
        first_looks=moving.first_looks.count(),
        incidents=[str(each) for each in moving.incidents],
    )


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


def _choice(by: str, chosen: frozenset[int]) -> Q:
    """The reports that a split takes along."""
    if by == "category":
        return _of_kinds(chosen)
    return _inside(chosen) if by == "area" else Q(pk__in=chosen)


def _of_kinds(chosen: frozenset[int]) -> Q:
    return Q(category__in=chosen) | Q(category__parent__in=chosen)


def _inside(chosen: frozenset[int]) -> Q:
    """By the district that a case has, or by its place: most cases know no beat."""
    areas = Area.objects.filter(pk__in=chosen)
    return Q(district__in=chosen) | Q(Exists(areas.filter(geometry__covers=OuterRef("place"))))


def _teams_led(moving: Moving) -> QuerySet[Team]:
    return Team.objects.filter(office__in=moving.ids, lead__in=moving.people or ())


def _shifts(moving: Moving, now: datetime) -> QuerySet[OnCallShift]:
    rows = OnCallShift.objects.filter(office__in=moving.ids, ends_at__gt=now)
    return rows if moving.people is None else rows.filter(person__in=moving.people)


def _people(moving: Moving) -> list[str]:
    found = moving.roles.select_related("user").order_by("user__last_name", "pk")
    return list(dict.fromkeys(str(row.user) for row in found))
