"""Remind of a target: the person at the desk, then upwards, each step once for each due date."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.actors import SYSTEM
from reports.escalations import Escalation, Rung
from reports.history import record
from reports.messages import tell_dispatch
from reports.models import Report
from reports.policies import circle_of, load_staff, may_see
from reports.reminder_messages import remind_office, remind_person
from reports.reminders import TRIES, date_mark, is_watched, steps_ahead, taken, watch_due
from reports.responsibility import dispatch_office
from reports.whom_to_remind import office_heads, team_leads, who_is_there


def escalate(report_id: int, *, version: int, now: datetime) -> None:
    """Take every step that is due for the date this effect watches, and book the next one.

    Running twice changes nothing. A case that has ended, rests or got another date is left alone:
    the steps of its new date count.
    """
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "office", "assignee", "district")
            .defer("municipality__coverage", "municipality__pages", "district__geometry")
            .get(pk=report_id)
        )
        mark = date_mark(report)
        if not is_watched(report, now=now) or not mark <= version < mark + TRIES:
            return
        done = taken(report)
        for moment, rung in steps_ahead(report):
            if moment <= now and rung not in done:
                _take(report, rung, now)
        watch_due(report, now=now, after=version)


def _take(report: Report, rung: Rung, now: datetime) -> None:
    assert report.due_at is not None  # noqa: S101 - is_watched has looked
    told = _TELL[rung](report, now)
    Escalation.objects.create(report=report, due_at=report.due_at, rung=rung, told=told, at=now)
    if told:
        record(report, "escalated", by=SYSTEM, at=now, rung=rung.value)


def _tell_assignee(report: Report, now: datetime) -> bool:
    """The assignee, else the deputy, else the office's mailbox: somebody must know."""
    people = [report.assignee] if report.assignee is not None else []
    if _tell_people(report, Rung.ASSIGNEE, people, now):
        return True
    remind_office(report, is_late=_is_late(report, now))
    return True


def _tell_team_lead(report: Report, now: datetime) -> bool:
    leads = team_leads(report.office_id or 0, report.team_id)
    return _tell_people(report, Rung.TEAM_LEAD, leads, now)


def _tell_head(report: Report, now: datetime) -> bool:
    heads = office_heads(report.office_id or 0)
    return _tell_people(report, Rung.OFFICE_HEAD, heads, now)


def _tell_dispatch(report: Report, now: datetime) -> bool:
    tell_dispatch(report, dispatch_office(report), why="overdue", version=date_mark(report))
    return True


_TELL = {
    Rung.ASSIGNEE: _tell_assignee,
    Rung.TEAM_LEAD: _tell_team_lead,
    Rung.OFFICE_HEAD: _tell_head,
    Rung.DISPATCHER: _tell_dispatch,
}


def _tell_people(report: Report, rung: Rung, people: Iterable[User], now: datetime) -> bool:
    """Mail those who are there, or who stands in for them, and may see the case."""
    told = who_is_there(people, now)
    circle = circle_of(report)
    reached = [
        person
        for person in told
        if may_see(load_staff(person, report.municipality_id), report, circle)
    ]
    for person in reached:
        remind_person(report, person, rung=rung.value, is_late=_is_late(report, now))
    return bool(reached)


def _is_late(report: Report, now: datetime) -> bool:
    return report.due_at is not None and report.due_at <= now
