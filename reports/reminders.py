"""Which reminder of a target comes next; the effect that pays it books the one after it.

Effects are numbered by the due date they watch, in seconds, with two digits behind them for the
tries at the same date: a case may rest and go on without its date moving.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from leases.models import OPEN_STATES
from reports.deadlines import clock_of
from reports.escalations import LADDER, Escalation, EscalationStep, Rung
from reports.lifecycle import OPEN
from reports.models import Effect, Report, Screening
from reports.owed import owe
from reports.pauses import is_resting

TRIES = 100
WATCHED = frozenset({"due_at", "status", "office", "screening", "incident"})


def watch_due(report: Report, *, now: datetime, after: int | None = None) -> None:
    """Book the next reminder of a case; the caller holds its lock and has saved it.

    Nothing is booked twice for a date: an open effect books the next one itself (`after` names the
    one that is just being paid). One query where the town has no steps.
    """
    if not is_watched(report, now=now):
        return
    coming = [row for row in steps_ahead(report) if row[1] not in taken(report)]
    if not coming:
        return
    mark = date_mark(report)
    booked = Effect.objects.filter(
        report=report, kind=Effect.Kind.ESCALATE, version__range=(mark, mark + TRIES - 1)
    )
    others = booked.exclude(version=after) if after is not None else booked
    if others.filter(state__in=OPEN_STATES).exists():
        return
    number = min(booked.count(), TRIES - 1)
    owe(report, Effect.Kind.ESCALATE, version=mark + number, not_before=coming[0][0])


def is_watched(report: Report, *, now: datetime) -> bool:
    """Whether anybody is to be reminded of this case now: open, not at rest, with a target."""
    if report.due_at is None or report.office_id is None or report.status not in OPEN:
        return False
    if is_reminded_with_incident(report):
        return False
    return report.screening != Screening.SPAM and not is_resting(report, now=now)


def is_reminded_with_incident(report: Report) -> bool:
    """Whether the clock of an incident counts instead; a danger keeps its own until it is safe."""
    return report.incident_id is not None and not (report.is_danger and report.made_safe_at is None)


def steps_ahead(report: Report) -> list[tuple[datetime, Rung]]:
    """Every step of a case with its moment, the earliest first."""
    rows = steps_of(report.municipality_id, report.office_id)
    if not rows or report.due_at is None:
        return []
    clock, due = clock_of(report), report.due_at
    moments = [(clock.after(due, hours), Rung(rung)) for rung, hours in rows]
    return sorted(moments, key=lambda row: (row[0], LADDER.index(row[1])))


def taken(report: Report) -> set[str]:
    """The steps that were taken for the date the case has now."""
    if report.due_at is None:
        return set()
    rows = Escalation.objects.filter(report=report, due_at=report.due_at)
    return set(rows.values_list("rung", flat=True))


def date_mark(report: Report) -> int:
    """What the effects for the date of a case are numbered from."""
    return int(report.due_at.timestamp()) * TRIES if report.due_at else 0


def steps_of(municipality_id: int, office_id: int | None) -> Iterable[tuple[str, int]]:
    """Who is reminded (a rung) how many hours after a target, in an office. One query."""
    rows = list(
        EscalationStep.objects.filter(
            Q(office__isnull=True) | Q(office_id=office_id),
            municipality_id=municipality_id,
        ).values_list("office_id", "rung", "hours")
    )
    own = [row for row in rows if row[0] is not None]
    return [(rung, hours) for _office, rung, hours in own or rows]
