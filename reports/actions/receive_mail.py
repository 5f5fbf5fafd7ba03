"""Take a mail in: it becomes a message on the case it answers, or waits for a person.

Once this returns the mail is committed, and whoever delivered it may forget it. The same mail
delivered again changes nothing.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from io import BytesIO

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower

from accounts import limits
from accounts.models import Municipality
from notifications import outbox
from reports import blocking, photo_storage, photos
from reports.actions.add_photos import PhotosInvalid, add_photos
from reports.actions.add_text import add_text
from reports.actions.take_outside_answer import PassingClosed, take_outside_answer
from reports.additions import ClosedToCitizens, TooManyAdditions
from reports.draft import can_be_mailed
from reports.editing import TextMissing, TextTooLong
from reports.idempotency import Idempotency, KeyReused
from reports.inbox import IncomingFile, IncomingMail, MailState
from reports.incoming import MailFile, ReceivedMail
from reports.messages import alarm_of_mail, tell_mail_received
from reports.models import Contact, Report
from reports.outside import Passing
from reports.queries.passed import passing_for_codes
from routing import danger_words

ACKNOWLEDGE_EVERY = timedelta(hours=1)
_NOT_TAKEN = (
    ClosedToCitizens,
    TooManyAdditions,
    PhotosInvalid,
    TextMissing,
    TextTooLong,
    KeyReused,
    PassingClosed,
)


class Taken(StrEnum):
    """What became of a mail."""

    WAITS = "waits"
    ON_CASE = "on_case"
    BOUNCE = "bounce"
    KNOWN = "known"


@dataclass(frozen=True)
class _KeptFile:
    name: str
    byte_size: int
    sealed_key: str
    is_photo: bool


def receive_mail(town: Municipality, mail: ReceivedMail, *, now: datetime) -> Taken:
    """Take a mail in. Returns after COMMIT; raises OSError where the disk refuses."""
    if IncomingMail.objects.filter(municipality=town, message_key=mail.key).exists():
        return Taken.KNOWN
    if mail.is_bounce and _is_about_ours(town, mail):
        return Taken.BOUNCE
    about = _case_of(town, mail)
    state = _first_state(town, mail, now)
    passing = passing_for_codes(about, mail.codes) if about else None
    if passing is not None and state == MailState.NEW:
        with contextlib.suppress(*_NOT_TAKEN):
            return _take_answer(town, passing, mail, now)
    if about is not None and state == MailState.NEW and _may_speak_for(about, mail):
        with contextlib.suppress(*_NOT_TAKEN):
            _put_on_case(town, about, mail, now)
            return Taken.ON_CASE
    return _let_wait(town, mail, about, state, now)


def _is_about_ours(town: Municipality, mail: ReceivedMail) -> bool:
    """Whether a mail of ours came back, which the case then shows; marked once."""
    ours = outbox.subjects_of(mail.bounced, municipality_id=town.pk)
    outbox.mark_bounced(mail.bounced, municipality_id=town.pk)
    return bool(ours)


def _case_of(town: Municipality, mail: ReceivedMail) -> Report | None:
    """The case a mail speaks of: by the mail of ours it answers, else by a number it names."""
    named = [*outbox.subjects_of(mail.references, municipality_id=town.pk), *mail.numbers]
    if not named:
        return None
    found = Report.objects.filter(municipality=town, number__in=named).defer("place")
    by_number = {report.number: report for report in found}
    return next((by_number[number] for number in named if number in by_number), None)


def _first_state(town: Municipality, mail: ReceivedMail, now: datetime) -> MailState:
    # Our own mails, come back by a forwarding or a loop, must not be answered.
    if mail.is_automatic or mail.is_bounce or _is_ours(town, mail.sender_email):
        return MailState.AUTOMATIC
    if mail.is_spam or blocking.effect_on(town, mail.sender_email, now) is not None:
        return MailState.SPAM
    return MailState.NEW


def _is_ours(town: Municipality, address: str) -> bool:
    return address.casefold() in {town.contact_email.casefold(), outbox.sender_address().casefold()}


def _may_speak_for(report: Report, mail: ReceivedMail) -> bool:
    """Whether the address is the confirmed one of the report; nobody else writes as its sender."""
    return (
        Contact.objects.annotate(plain=Lower(F("email")))
        .filter(report=report, email_confirmed_at__isnull=False, plain=mail.sender_email.lower())
        .exclude(email="")
        .exists()
    )


def _take_answer(town: Municipality, passing: Passing, mail: ReceivedMail, now: datetime) -> Taken:
    """Put a body's answer on its case; files wait beside it for a person, who sees them first."""
    once = Idempotency("outside-mail", mail.key)
    take_outside_answer(passing.pk, text=mail.reply or mail.body, now=now, idempotency=once)
    if any(not file.is_decoration for file in mail.files):
        return _let_wait(town, mail, passing.report, MailState.NEW, now)
    _write_filed(town, passing.report, mail, now)
    return Taken.ON_CASE


def _put_on_case(town: Municipality, report: Report, mail: ReceivedMail, now: datetime) -> None:
    if mail.reply.strip():
        add_text(report.pk, text=mail.reply, now=now, idempotency=Idempotency("mail", mail.key))
    pictures = [BytesIO(file.content) for file in mail.files if _is_photo(file)]
    if pictures:
        once = Idempotency("mail-photos", mail.key)
        add_photos(report.pk, files=pictures, now=now, idempotency=once)
    _write_filed(town, report, mail, now)


def _write_filed(town: Municipality, report: Report, mail: ReceivedMail, now: datetime) -> None:
    IncomingMail.objects.bulk_create(
        [
            IncomingMail(
                municipality=town,
                message_key=mail.key,
                state=MailState.FILED,
                about=report,
                report=report,
                received_at=now,
                settled_at=now,
                erased_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def _let_wait(
    town: Municipality,
    mail: ReceivedMail,
    about: Report | None,
    state: MailState,
    now: datetime,
) -> Taken:
    # Sealed, fsynced and renamed before the transaction, like every original.
    kept = [_keep(town, file) for file in mail.files]
    is_danger = danger_words.find(f"{mail.subject}\n{mail.body}", "de", town).is_danger
    with transaction.atomic(durable=True):
        row, is_new = IncomingMail.objects.get_or_create(
            municipality=town,
            message_key=mail.key,
            defaults={
                "state": state,
                "sender_name": mail.sender_name,
                "sender_email": mail.sender_email,
                "subject": mail.subject,
                "body": mail.body,
                "is_cut": mail.is_cut,
                "is_danger": is_danger,
                "about": about,
                "received_at": now,
            },
        )
        if is_new:
            _write_files(row, kept)
            _acknowledge(row)
            if is_danger and state != MailState.AUTOMATIC:
                alarm_of_mail(row, now=now)
    if not is_new:
        for file in kept:
            photo_storage.delete_original(file.sealed_key)
        return Taken.KNOWN
    return Taken.WAITS


def _acknowledge(mail: IncomingMail) -> None:
    """Say that a mail has come, once an hour to an address at most, and never to a machine."""
    if mail.state != MailState.NEW or not can_be_mailed(mail.sender_email):
        return
    parts = ("mail-acknowledged", mail.municipality.slug, mail.sender_email.casefold())
    if limits.count_attempt(*parts, limit=1, window=ACKNOWLEDGE_EVERY).allowed:
        tell_mail_received(mail)


def _keep(town: Municipality, file: MailFile) -> _KeptFile:
    key = photo_storage.keep_original(file.content, context=mail_seal_context(town.slug))
    return _KeptFile(file.name, len(file.content), key, _is_photo(file))


def mail_seal_context(town_slug: str) -> str:
    """What a file of a mail is bound to, so that it opens for its own municipality only."""
    return f"mail:{town_slug}"


def _is_photo(file: MailFile) -> bool:
    if file.is_decoration:
        return False
    try:
        photos.inspect(BytesIO(file.content))
    except photos.PhotoRejected:
        return False
    return True


def _write_files(mail: IncomingMail, kept: Sequence[_KeptFile]) -> None:
    IncomingFile.objects.bulk_create(
        IncomingFile(
            mail=mail,
            ordinal=ordinal,
            name=file.name,
            byte_size=file.byte_size,
            sealed_key=file.sealed_key,
            is_photo=file.is_photo,
        )
        for ordinal, file in enumerate(kept, start=1)
    )
