"""Settle a mail that waited: it became a report, belongs to a case, or is nothing for us."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from notifications import outbox
from reports import photo_storage
from reports.actors import Actor
from reports.history import record, write_remark
from reports.inbox import SETTLED, IncomingFile, IncomingMail, MailState
from reports.messages import mail_ref
from reports.models import Remark, Report
from reports.policies import NotPermitted, Staff, may_read_inbox, may_see

# A settled mail can be looked at for a while; spam and what machines wrote is only passing through.
KEEP_SETTLED, KEEP_UNWANTED = timedelta(days=30), timedelta(days=30)
TEXT_LIMIT = 4000
BATCH = 200


class MailSettled(Exception):
    """Somebody else has settled the mail in the meantime."""


def became_report(mail_id: int, report: Report, *, by: User, now: datetime) -> None:
    """Note which report a mail has become; the second time changes nothing."""
    with transaction.atomic():
        mail = IncomingMail.objects.select_for_update(no_key=True).get(pk=mail_id)
        if mail.state != MailState.REPORTED:
            _settle(mail, MailState.REPORTED, by=by, now=now, report=report)


def file_to_case(mail_id: int, number: str, *, staff: Staff, by: User, now: datetime) -> Report:
    """Keep a mail as an internal note of a case. Raises Report.DoesNotExist, MailSettled.

    It does not count as the sender's own word: anybody can write any address into a mail.
    """
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality")
            .defer("municipality__coverage", "municipality__pages")
            .get(number=number.strip().upper(), municipality_id=staff.municipality_id)
        )
        mail = _waiting(mail_id, staff)
        if not may_see(staff, report):
            raise Report.DoesNotExist
        words = f"{mail.sender_name} <{mail.sender_email}>\n{mail.subject}\n\n{mail.body}"
        remark = write_remark(report, Remark.Kind.NOTE, words[:TEXT_LIMIT])
        record(report, "mail_filed", by=Actor.staff(by), remark=remark, at=now)
        _settle(mail, MailState.FILED, by=by, now=now, report=report)
    return report


def sort_mail(
    mail_id: int, state: MailState, *, staff: Staff, by: User, now: datetime
) -> IncomingMail:
    """Move a mail: to the spam, back to the new ones, or out as no concern of ours.

    Raises IncomingMail.DoesNotExist, MailSettled.
    """
    with transaction.atomic():
        mail = _waiting(mail_id, staff)
        if state in SETTLED:
            _settle(mail, state, by=by, now=now)
        else:
            mail.state = state
            mail.save(update_fields=["state"])
    return mail


def forget_mails(*, now: datetime) -> int:
    """Erase words and files of mails whose time is over; returns how many.

    What belongs to a case on hold, or to one whose processing is restricted, stays.
    """
    kept = Q(report__hold_until__gte=timezone.localdate(now)) | Q(
        report__restricted_at__isnull=False
    )
    due = IncomingMail.objects.filter(
        Q(settled_at__lt=now - KEEP_SETTLED)
        | Q(
            state__in=[MailState.SPAM, MailState.AUTOMATIC],
            received_at__lt=now - KEEP_UNWANTED,
        ),
        erased_at__isnull=True,
    ).exclude(kept)
    mails = list(due.order_by("received_at")[:BATCH])
    for mail in mails:
        erase_mail(mail, now=now)
    return len(mails)


def erase_mail(mail: IncomingMail, *, now: datetime) -> None:
    """Forget words and files of a mail; that it came stays."""
    with transaction.atomic():
        keys = _drop_files(mail)
        mail.sender_name = mail.sender_email = mail.subject = mail.body = ""
        mail.erased_at = now
        mail.save(update_fields=["sender_name", "sender_email", "subject", "body", "erased_at"])
        outbox.erase(mail_ref(mail.pk))
        transaction.on_commit(lambda: _remove_files(keys))


def _remove_files(keys: Sequence[str]) -> None:
    for key in keys:
        photo_storage.delete_original(key)


def _drop_files(mail: IncomingMail) -> Sequence[str]:
    files = IncomingFile.objects.filter(mail=mail)
    keys = list(files.values_list("sealed_key", flat=True))
    files.delete()
    return keys


def _waiting(mail_id: int, staff: Staff) -> IncomingMail:
    if not may_read_inbox(staff):
        raise NotPermitted
    mail = IncomingMail.objects.select_for_update(no_key=True).get(
        pk=mail_id, municipality_id=staff.municipality_id
    )
    if mail.state in SETTLED:
        raise MailSettled
    return mail


def _settle(
    mail: IncomingMail,
    state: MailState,
    *,
    by: User,
    now: datetime,
    report: Report | None = None,
) -> None:
    mail.state, mail.settled_at, mail.settled_by, mail.report = state, now, by, report
    mail.save(update_fields=["state", "settled_at", "settled_by", "report"])
