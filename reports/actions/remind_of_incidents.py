"""Remind of incidents that run: of their target by the town's steps, and of silence towards all.

Their cases are not reminded of one by one: one clock, one owner.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.models import Office, User
from reports.deadlines import clock_of_office
from reports.escalations import Rung
from reports.incident_messages import remind_mailbox, remind_owner
from reports.incidents import SILENCE, Incident, IncidentReminder, IncidentState
from reports.policies import load_staff, may_see_incidents
from reports.queries.silence import silent_since
from reports.reminders import steps_of
from reports.whom_to_remind import office_heads, team_leads, who_is_there


def remind_of_incidents(*, now: datetime) -> int:
    """Take every step that is due, each once for its date; safe to run twice. Returns how many."""
    running = Incident.objects.filter(state=IncidentState.RUNNING).order_by("pk")
    return sum(_remind(pk, now) for pk in running.values_list("pk", flat=True))


def _remind(incident_id: int, now: datetime) -> int:
    with transaction.atomic():
        incident = (
            Incident.objects.select_for_update(of=("self",))
            .select_related("municipality", "office", "owner", "category")
            .defer("municipality__coverage", "municipality__pages")
            .get(pk=incident_id)
        )
        if incident.state != IncidentState.RUNNING or incident.office is None:
            return 0
        due = _steps_due(incident, now)
        since = silent_since(incident, now=now)
        if since is not None:
            due.append((SILENCE, since))
        taken = set(incident.reminders.values_list("rung", "about"))
        new = [step for step in due if step not in taken]
        for rung, about in new:
            told = _TELL[rung](incident, rung, about, now)
            IncidentReminder.objects.create(
                incident=incident, rung=rung, about=about, told=told, at=now
            )
        return len(new)


def _steps_due(incident: Incident, now: datetime) -> list[tuple[str, datetime]]:
    assert incident.office_id is not None  # noqa: S101 - the caller has looked
    if incident.due_at is None:
        return []
    rows = steps_of(incident.municipality_id, incident.office_id)
    clock = clock_of_office(incident.municipality_id, incident.office_id, since=incident.started_at)
    return [
        (str(rung), incident.due_at)
        for rung, hours in rows
        if clock.after(incident.due_at, hours) <= now
    ]


def _tell_owner(incident: Incident, rung: str, about: datetime, now: datetime) -> bool:
    """The owner or who stands in, else the mailbox of the office: somebody must know."""
    owners = [incident.owner] if incident.owner is not None else []
    if not _tell_people(incident, rung, about, owners, now):
        _tell_mailbox(incident, incident.office, rung, about, now)
    return True


def _tell_leads(incident: Incident, rung: str, about: datetime, now: datetime) -> bool:
    people = list(team_leads(incident.office_id or 0))
    return _tell_people(incident, rung, about, people, now)


def _tell_heads(incident: Incident, rung: str, about: datetime, now: datetime) -> bool:
    people = list(office_heads(incident.office_id or 0))
    return _tell_people(incident, rung, about, people, now)


def _tell_dispatch(incident: Incident, rung: str, about: datetime, now: datetime) -> bool:
    dispatch = Office.objects.get(municipality_id=incident.municipality_id, is_dispatch=True)
    _tell_mailbox(incident, dispatch, rung, about, now)
    return True


_TELL: dict[str, Callable[[Incident, str, datetime, datetime], bool]] = {
    SILENCE: _tell_owner,
    Rung.ASSIGNEE: _tell_owner,
    Rung.TEAM_LEAD: _tell_leads,
    Rung.OFFICE_HEAD: _tell_heads,
    Rung.DISPATCHER: _tell_dispatch,
}


def _tell_people(
    incident: Incident, rung: str, about: datetime, people: list[User], now: datetime
) -> bool:
    reached = [
        person
        for person in who_is_there(people, now)
        if may_see_incidents(load_staff(person, incident.municipality_id))
    ]
    for person in reached:
        remind_owner(incident, person, rung=rung, about=about, now=now)
    return bool(reached)


def _tell_mailbox(
    incident: Incident, office: Office | None, rung: str, about: datetime, now: datetime
) -> None:
    if office is not None:
        remind_mailbox(incident, office, rung=rung, about=about, now=now)
