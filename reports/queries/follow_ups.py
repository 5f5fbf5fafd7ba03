"""What was passed on and is to be looked at again, for the people who work on the cases."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import DateField, F, Func, OuterRef, Q, QuerySet, Subquery, Value

from accounts.models import Municipality
from reports.delegating import OPEN_DELEGATIONS, Delegation, DelegationState
from reports.models import Remark
from reports.outside import Passing
from reports.policies import Staff

PAGE = 100


@dataclass(frozen=True)
class FollowUp:
    """A passing with what its body answered last, if it did."""

    passing: Passing
    answer: str
    is_due: bool


def follow_ups(staff: Staff, *, now: datetime) -> list[FollowUp]:
    """Everything open of the person's offices, dispatchers all of the town: answered first, then
    by day. Two queries."""
    today = _today(staff, now)
    answers = Remark.objects.filter(report=OuterRef("report_id"), kind=Remark.Kind.OUTSIDE)
    rows = (
        _open(staff)
        .select_related("body", "report__category", "report__office", "there")
        .annotate(answer=Subquery(answers.order_by("-pk").values("body")[:1]))
    )
    answered = list(rows.filter(state=Passing.State.ANSWERED).order_by("answered_at", "pk")[:PAGE])
    waiting = rows.filter(state=Passing.State.WAITING).order_by("follow_up_on", "pk")[:PAGE]
    return [
        FollowUp(
            passing=row,
            answer=getattr(row, "answer", "") or "",
            is_due=row.state == Passing.State.ANSWERED or row.follow_up_on <= today,
        )
        for row in [*answered, *waiting]
    ]


@dataclass(frozen=True)
class FirmWork:
    """An open delegation, and whether the office must act on it."""

    delegation: Delegation
    is_due: bool


def firm_work(staff: Staff, *, now: datetime) -> list[FirmWork]:
    """Open delegations of the person's offices, dispatchers all of the town: done ones first, then
    by deadline. One query."""
    rows = (
        _with_firms(staff)
        .select_related("firm", "report__category", "report__office")
        .order_by("until", "pk")[:PAGE]
    )
    found = [FirmWork(row, _needs_office(row, now)) for row in rows]
    return sorted(found, key=lambda work: work.delegation.state != DelegationState.DONE)


def due_passings(staff: Staff, *, now: datetime) -> QuerySet[Passing]:
    """Passings that need a look today: answered, or their day has come; for use in a query."""
    today = Func(
        Value(now),
        F("report__municipality__time_zone"),
        template="(%(expressions)s)::date",
        arg_joiner=" AT TIME ZONE ",
        output_field=DateField(),
    )
    return _open(staff).filter(Q(state=Passing.State.ANSWERED) | Q(follow_up_on__lte=today))


def due_work(staff: Staff, *, now: datetime) -> QuerySet[Delegation]:
    """Work of firms that needs a look: done, or its deadline is over; for use in a query."""
    return _with_firms(staff).filter(Q(state=DelegationState.DONE) | Q(until__lte=now))


def _with_firms(staff: Staff) -> QuerySet[Delegation]:
    return Delegation.objects.filter(works_on(staff), state__in=OPEN_DELEGATIONS)


def _needs_office(delegation: Delegation, now: datetime) -> bool:
    return delegation.state == DelegationState.DONE or delegation.until <= now


def _open(staff: Staff) -> QuerySet[Passing]:
    return Passing.objects.filter(works_on(staff)).exclude(state=Passing.State.SETTLED)


def works_on(staff: Staff) -> Q:
    """The filter on what belongs to a report that `may_work` is for the report."""
    here = Q(report__municipality_id=staff.municipality_id)
    if staff.is_dispatcher:
        return here
    return here & Q(report__office_id__in=staff.offices)


def _today(staff: Staff, now: datetime) -> date:
    zone = Municipality.objects.values_list("time_zone", flat=True).get(pk=staff.municipality_id)
    return now.astimezone(ZoneInfo(zone)).date()
