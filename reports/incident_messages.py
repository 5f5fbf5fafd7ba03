"""What the house is told of an incident: its target, and that all who reported wait for a word."""

from datetime import datetime

from django.conf import settings

from accounts.models import Office, User
from leases.models import Lane
from notifications.outbox import Letter
from reports.incidents import SILENCE, Incident
from reports.staff_mail import queue_or_log

EVENT = "incident_reminder"


def remind_owner(
    incident: Incident, person: User, *, rung: str, about: datetime, now: datetime
) -> None:
    """Remind somebody of an incident; once per step and date."""
    _mail(incident, person.email, f"{rung}:{person.pk}", rung, about, now)


def remind_mailbox(
    incident: Incident, office: Office, *, rung: str, about: datetime, now: datetime
) -> None:
    """Remind the mailbox of an office; once per step and date."""
    _mail(incident, office.email, f"{rung}:office", rung, about, now)


def _mail(
    incident: Incident, recipient: str, whom: str, rung: str, about: datetime, now: datetime
) -> None:
    town = incident.municipality
    due = incident.due_at.astimezone(town.tz).strftime("%d.%m.%Y %H:%M") if incident.due_at else ""
    late = "late" if about <= now else "soon"
    queue_or_log(
        Letter(
            municipality_id=town.pk,
            key=f"incident:{incident.pk}:remind:{int(about.timestamp())}:{whom}",
            event=EVENT,
            recipient=recipient,
            context={
                "title": incident.title,
                "situation": SILENCE if rung == SILENCE else late,
                "due": due,
                "office": incident.office.label if incident.office else "",
                "desk_link": f"{settings.BASE_URL}/desk/ereignisse/{incident.pk}/",
            },
            lane=Lane.STAFF,
        )
    )
