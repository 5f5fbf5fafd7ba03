"""Deadlines that begin or move while a case is worked on, in the working hours of an office."""

from datetime import datetime

from accounts.models import Office
from reports.models import Report
from routing.assignment import load_town
from routing.calendar import (
    WorkCalendar,
    add_clock_hours,
    add_working_days,
    add_working_hours,
    working_hours_between,
)


def offer_answer_until(report: Report, to_office: Office, *, now: datetime) -> datetime:
    """Until when an office must accept or return an offer: so many of its working days (UTC)."""
    days = max(report.municipality.handover_days, 1)
    return add_working_days(now, days, _calendar(report.municipality_id, to_office.pk, now))


def due_after_waiting(report: Report, *, now: datetime) -> datetime | None:
    """The due date moved by the time the case waited since `waiting_since`.

    The working hours that were left when it began to wait are left again; danger cases run
    around the clock. What was overdue before stays as overdue as it was.
    """
    due, since = report.due_at, report.waiting_since
    if due is None or since is None or report.office_id is None or due <= since:
        return due
    if report.is_danger:
        return add_clock_hours(due, (now - since).total_seconds() / 3600)
    calendar = _calendar(report.municipality_id, report.office_id, since)
    return add_working_hours(now, working_hours_between(since, due, calendar), calendar)


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


def _calendar(municipality_id: int, office_id: int, since: datetime) -> WorkCalendar:
    return load_town(municipality_id, since=since).offices[office_id].calendar
