"""Deadlines that begin or move while a case is worked on, in the working hours of an office."""

from datetime import datetime

from accounts.models import Office
from reports.actors import SYSTEM
from reports.history import record
from reports.models import Report
from reports.pauses import ClockPause, rests_until
from routing.calendar import (
    WorkCalendar,
    add_working_days,
    add_working_hours,
)
from routing.clock import Clock, hours_paused, lengthened, set_anew
from routing.town_loading import load_town

DUE = ("first_answer_due_at", "due_at")


def offer_answer_until(report: Report, to_office: Office, *, now: datetime) -> datetime:
    """Until when an office must accept or return an offer: so many of its working days (UTC)."""
    days = max(report.municipality.handover_days, 1)
    return add_working_days(now, days, _calendar(report.municipality_id, to_office.pk, now))


def resume_clock(report: Report, *, now: datetime) -> float:
    """End the pause of a case that waited: its due dates move by the hours it lasted.

    The caller holds the lock, calls this before it changes what the case waits for, and saves the
    fields in DUE. Keeps the pause; returns the hours gained. What was missed before stays missed.
    """
    until, reason = rests_until(report, now=now), report.waiting_for
    if until is None or reason is None or report.waiting_since is None or not report.office_id:
        return 0.0
    pause = (report.waiting_since, max(until, report.waiting_since))
    clock = _clock(report, report.office_id)
    hours = hours_paused(report.due_at, pause, clock) if report.due_at else 0.0
    ClockPause.objects.update_or_create(
        report=report,
        began_at=pause[0],
        defaults={"ended_at": pause[1], "hours": hours, "reason": reason},
    )
    for name in DUE:
        due = getattr(report, name)
        setattr(report, name, lengthened(due, [pause], clock) if due else None)
    if hours:
        record(report, "clock_resumed", by=SYSTEM, at=now, hours=round(hours, 2))
    return hours


def count_anew(report: Report, *, by_office: int) -> None:
    """Count the targets of a case again in the hours of its office, from its arrival.

    Its due dates were counted in the hours of `by_office`, with the pauses it has had. The caller
    holds the lock and saves the fields in DUE.
    """
    assert report.office_id is not None  # noqa: S101 - there is an office to count by
    before, now = _clock(report, by_office), _clock(report, report.office_id)
    rows = list(ClockPause.objects.filter(report=report).order_by("began_at"))
    pauses = [(row.began_at, row.ended_at) for row in rows]
    for name in DUE:
        due = getattr(report, name)
        if due is not None:
            anew = set_anew(due, start=report.received_at, pauses=pauses, before=before, now=now)
            setattr(report, name, anew)
    for row, pause in zip(rows, pauses, strict=True):
        row.hours = hours_paused(report.due_at, pause, now) if report.due_at else 0.0
    ClockPause.objects.bulk_update(rows, ["hours"])


def set_targets(
    report: Report, *, first_answer_due_at: datetime, due_at: datetime, by_office: int
) -> None:
    """Give a case new targets, counted from its arrival in the hours of an office; its pauses and
    its own office's hours count from then on. The caller saves the fields in DUE."""
    clock = _clock(report, by_office)
    pauses = list(
        ClockPause.objects.filter(report=report)
        .order_by("began_at")
        .values_list("began_at", "ended_at")
    )
    report.first_answer_due_at = lengthened(first_answer_due_at, pauses, clock)
    report.due_at = lengthened(due_at, pauses, clock)
    count_anew(report, by_office=by_office)


def council_answer_until(report: Report, office_id: int) -> datetime:
    """Until when an enquiry of the council is answered: so many of the office's days (UTC)."""
    days = max(report.municipality.council_answer_days, 1)
    calendar = _calendar(report.municipality_id, office_id, report.received_at)
    return add_working_days(report.received_at, days, calendar)


def reply_until(report: Report, *, now: datetime, hours: float) -> datetime:
    """So many working hours from now, of the responsible office or, before it is known, dispatch.

    Returns UTC.
    """
    offices = load_town(report.municipality_id, since=now).offices
    dispatch = next(office for office in offices.values() if office.is_dispatch)
    office = offices.get(report.office_id or 0, dispatch)
    return add_working_hours(now, hours, office.calendar)


def clock_of(report: Report) -> Clock:
    """By what the targets of a case are counted; three queries unless it is a danger."""
    assert report.office_id is not None  # noqa: S101 - targets are an office's
    return _clock(report, report.office_id)


def clock_of_office(municipality_id: int, office_id: int, *, since: datetime) -> Clock:
    """By what targets of an office are counted that are no case's own; three queries."""
    return Clock(_calendar(municipality_id, office_id, since))


def _clock(report: Report, office_id: int) -> Clock:
    """By what the targets of a case are counted: around the clock for dangers and by rule."""
    if report.is_danger or report.runs_by_clock:
        return Clock()
    return Clock(_calendar(report.municipality_id, office_id, report.received_at))


def _calendar(municipality_id: int, office_id: int, since: datetime) -> WorkCalendar:
    return load_town(municipality_id, since=since).offices[office_id].calendar
