"""Send a message about a case again, when a clerk asks for it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from notifications import outbox
from reports.actors import Actor
from reports.history import record
from reports.models import Report
from reports.policies import NotPermitted, load_staff, may_work


class MessageUnknown(Exception):
    """The case has no such message."""


def resend_message(report_id: int, *, message_id: int, by: User, now: datetime) -> str:
    """Book a message of this case once more; returns the event it tells of.

    Changes nothing of the case, so no version is asked for. Raises NotPermitted, MessageUnknown,
    notifications.outbox.CannotResend.
    """
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        if not may_work(load_staff(by, report.municipality_id), report):
            raise NotPermitted
        known = {state.id: state for state in outbox.states_for(report.number)}
        if message_id not in known:
            raise MessageUnknown
        outbox.resend(message_id, municipality_id=report.municipality_id)
        event = known[message_id].event
        record(report, "message_resent", by=Actor.staff(by), at=now, event=event)
    return event
