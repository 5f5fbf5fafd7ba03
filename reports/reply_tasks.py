"""Books calls and letters to people who are not told by mail, in the transaction of the change."""

from datetime import datetime

from reports.deadlines import reply_until
from reports.desk_entry import AttachedCaller, ReplyTask
from reports.models import AnswerBy, Contact, Report

# Working hours until somebody who asked for a call or a letter has it: by tomorrow.
REPLY_HOURS = 8
BY_HAND = (AnswerBy.CALL, AnswerBy.LETTER)


def owe_reply(
    report: Report,
    contact: Contact | AttachedCaller,
    *,
    event: str,
    now: datetime,
) -> None:
    """Owe the call or letter somebody chose; an open one tells the newest as well, when it was due.

    Belongs into the transaction of the change; the caller holds the lock of the report.
    """
    kind = ReplyTask.Kind(contact.answer_by)
    caller = contact if isinstance(contact, AttachedCaller) else None
    still_open = ReplyTask.objects.filter(
        report=report, caller=caller, kind=kind, state=ReplyTask.State.OPEN
    )
    if still_open.update(event=event):
        return
    due_at = reply_until(report, now=now, hours=REPLY_HOURS)
    ReplyTask.objects.create(
        report=report, caller=caller, kind=kind, event=event, due_at=due_at, created_at=now
    )


def owe_replies_to_attached(report: Report, *, event: str, now: datetime) -> None:
    """The same for everybody who called about the case later."""
    callers = AttachedCaller.objects.filter(
        support__report=report, answer_by__in=BY_HAND, erased_at__isnull=True
    )
    for caller in callers:
        owe_reply(report, caller, event=event, now=now)


def forget_caller(support_id: int, *, now: datetime) -> None:
    """Erase how somebody who called later is reached; a call still owed to nobody is dropped."""
    AttachedCaller.objects.filter(support_id=support_id).update(
        name="", phone="", postal_address="", erased_at=now
    )
    still_open = ReplyTask.objects.filter(caller_id=support_id, state=ReplyTask.State.OPEN)
    still_open.update(state=ReplyTask.State.DROPPED, settled_at=now)


def drop_replies(report: Report, *, now: datetime) -> None:
    """Owe nothing more, for there is nobody or nothing to tell."""
    still_open = ReplyTask.objects.filter(report=report, state=ReplyTask.State.OPEN)
    still_open.update(state=ReplyTask.State.DROPPED, settled_at=now)
