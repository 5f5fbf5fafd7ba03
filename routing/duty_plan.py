"""The on-call plan: weeks of people by rank, filled, split, copied and swapped; and its gaps.

A plan belongs to one office or, without one, to the whole town. Weeks begin on the day and at the
hour at which the town changes its people. Everything a planner does comes down to one step: a rank
gets a person, or nobody, from a moment to another; what was planned there before is cut away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.absence import Absence
from accounts.models import Municipality, Office, User
from routing.calendar import Span
from routing.models import OnCallShift

RANKS = (1, 2, 3)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Plan:
    """Whose plan it is."""

    town: Municipality
    office: Office | None = None


@dataclass(frozen=True)
class Slot:
    """A person on a rank for a while; moments are aware."""

    person_id: int
    name: str
    rank: int
    starts_at: datetime
    ends_at: datetime


def week_of(town: Municipality, day: date) -> date:
    """The day on which the week of a plan began that holds a day."""
    return day - timedelta(days=(day.weekday() - town.on_call_weekday) % 7)


def span_of(town: Municipality, first: date) -> Span:
    """A week of a plan from change to change, in local time."""
    at = time(town.on_call_hour)
    return (
        datetime.combine(first, at, town.tz),
        datetime.combine(first + WEEK, at, town.tz),
    )


def slots(plan: Plan, span: Span) -> list[Slot]:
    """Who is planned within a span, by rank and time; inactive people are left out. One query."""
    start, end = span
    rows = (
        _rows(plan)
        .filter(starts_at__lt=end, ends_at__gt=start, person__is_active=True)
        .select_related("person")
        .order_by("rank", "starts_at", "pk")
    )
    return [
        Slot(row.person_id, str(row.person), row.rank, row.starts_at, row.ends_at) for row in rows
    ]


def put(plan: Plan, *, rank: int, span: Span, person: User | None) -> None:
    """Give a rank to a person, or to nobody, for a span; what stood there before is cut away."""
    with transaction.atomic():
        _lock(plan)
        _clear(plan, rank, span)
        if person is not None:
            _write(plan, rank, span, person.pk)


def copy_week(plan: Plan, *, source: date, target: date) -> None:
    """Plan a week like another one; what stood there before is replaced."""
    with transaction.atomic():
        _lock(plan)
        found = slots(plan, span_of(plan.town, source))
        _replace(plan, target, _moved(plan.town, found, source, target))


def swap_weeks(plan: Plan, *, one: date, other: date) -> None:
    """Let the people of two weeks change places, on every rank."""
    with transaction.atomic():
        _lock(plan)
        of_one = slots(plan, span_of(plan.town, one))
        of_other = slots(plan, span_of(plan.town, other))
        _replace(plan, other, _moved(plan.town, of_one, one, other))
        _replace(plan, one, _moved(plan.town, of_other, other, one))


def gaps(plan: Plan, span: Span) -> list[Span]:
    """When nobody is on duty by this plan, those on leave not counted. Two queries."""
    planned = slots(plan, span)
    away = Absence.objects.filter(
        person__in={slot.person_id for slot in planned}, last_day__gte=span[0].date()
    )
    leave: dict[int, list[Span]] = {}
    for absence in away:
        midnight = time(0)
        days = (
            datetime.combine(absence.first_day, midnight, plan.town.tz),
            datetime.combine(absence.last_day + timedelta(days=1), midnight, plan.town.tz),
        )
        leave.setdefault(absence.person_id, []).append(days)
    there: list[Span] = []
    for slot in planned:
        there += without((slot.starts_at, slot.ends_at), leave.get(slot.person_id, []))
    return without(span, there)


def is_used(plan: Plan) -> bool:
    """Whether anybody has ever been planned here that is not long ago."""
    recently = datetime.now(plan.town.tz) - timedelta(days=30)
    return _rows(plan).filter(ends_at__gt=recently).exists()


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What of a span is left when others are taken out of it, in order. Pure."""
    left = [span]
    for start, end in taken:
        left = [
            part
            for begins, ends in left
            for part in ((begins, min(ends, start)), (max(begins, end), ends))
            if part[0] < part[1]
        ]
    return left


def _rows(plan: Plan) -> QuerySet[OnCallShift]:
    return OnCallShift.objects.filter(municipality=plan.town, office=plan.office)


def _lock(plan: Plan) -> None:
    # Two planners at once would cut each other's weeks; the town's row stands for all its plans.
    Municipality.objects.select_for_update(no_key=True).only("pk").get(pk=plan.town.pk)


def _clear(plan: Plan, rank: int, span: Span) -> None:
    rows = _rows(plan).filter(rank=rank, starts_at__lt=span[1], ends_at__gt=span[0])
    for row in list(rows):
        rest = without((row.starts_at, row.ends_at), [span])
        row.delete()
        for part in rest:
            _write(plan, rank, part, row.person_id)


def _write(plan: Plan, rank: int, span: Span, person_id: int) -> None:
    OnCallShift.objects.create(
        municipality=plan.town,
        office=plan.office,
        person_id=person_id,
        rank=rank,
        starts_at=span[0],
        ends_at=span[1],
    )


def _replace(plan: Plan, week: date, found: Sequence[Slot]) -> None:
    for rank in RANKS:
        _clear(plan, rank, span_of(plan.town, week))
    for slot in found:
        _write(plan, slot.rank, (slot.starts_at, slot.ends_at), slot.person_id)


def _moved(town: Municipality, found: Sequence[Slot], source: date, target: date) -> list[Slot]:
    """Slots of a week, clipped to it, at the same local time of another one."""
    start, end = span_of(town, source)
    by = target - source
    moved = []
    for slot in found:
        begins = max(slot.starts_at.astimezone(town.tz), start) + by
        ends = min(slot.ends_at.astimezone(town.tz), end) + by
        moved.append(Slot(slot.person_id, slot.name, slot.rank, begins, ends))
    return moved
