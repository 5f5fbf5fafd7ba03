"""The only door to this app: book messages, see what became of them, send again, forget.

A message is booked in the transaction of the change it tells of, once per key; a worker is woken
after the commit and pulls it.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import DateTimeField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Concat, Left, Now
from django.utils.translation import gettext_lazy as _

from leases import claiming
from leases.models import OPEN_STATES, WorkState
from leases.wakeups import wake_after_commit
from notifications.events import CITIZENS, EVENTS, event_of, label_of
from notifications.faults import Fault, label_of_error
from notifications.gateway import dialled
from notifications.models import Channel, Message
from notifications.values import one_line, storable

DRAIN = "notifications.tasks.drain"
SENDER = "maengelmelder"
CALL = Channel.CALL.value
MODEL = Message
LISTED_AT_MOST = 200
_UNDELIVERED = (WorkState.PENDING, WorkState.LEASED, WorkState.UNCERTAIN, WorkState.DEAD)
_TO_CITIZENS = [code for code, event in EVENTS.items() if event.audience in CITIZENS]
_CITIZENS_WORDS = {
    name
    for event in EVENTS.values()
    for name, placeholder in event.declared().items()
    if placeholder.from_citizen
}
# Stable within a statement, so that the index on next_at can be used.
_NOW = Func(function="statement_timestamp", output_field=DateTimeField())

# A mail that the relay took is "übergeben": whether it was read, nobody can know.
STATE_LABELS = {
    WorkState.PENDING: _("wartet"),
    WorkState.LEASED: _("wird gesendet"),
    WorkState.UNCERTAIN: _("Ausgang ungewiss"),
    WorkState.DONE: _("übergeben"),
    WorkState.DEAD: _("gescheitert"),
    WorkState.CANCELLED: _("entfallen"),
}

_BOUNCED = _("zurückgekommen")

_INSERT = """
    INSERT INTO notifications_message
        (municipality_id, key, channel, event, subject_ref, language, recipient, context,
         message_id, lane, state, attempts, next_at, last_error, created_at)
    VALUES
        (%(municipality_id)s, %(key)s, %(channel)s, %(event)s, %(subject_ref)s, %(language)s,
         %(recipient)s, %(context)s::jsonb, %(message_id)s, %(lane)s, 'pending', 0,
         coalesce(%(not_before)s, clock_timestamp()), '', clock_timestamp())
    ON CONFLICT (key) DO NOTHING
"""


class RecipientRefused(ValueError):
    """This is no address a mail can be sent to; the exception never quotes it."""


class CannotResend(Exception):
    """The message is on its way already, or its data have been erased."""


class UnknownMessage(LookupError):
    """The municipality has no such message."""


@dataclass(frozen=True)
class Letter:
    """A message to be booked. Times are UTC; `key` is the promise "once"."""

    municipality_id: int
    key: str
    event: str
    recipient: str
    context: Mapping[str, Any]
    lane: str
    language: str = "de"
    subject_ref: str = ""
    not_before: datetime | None = None
    channel: str = Channel.EMAIL.value


@dataclass(frozen=True)
class MessageState:
    """What staff may know of a message; the address is masked (`e…@beispiel.de`)."""

    id: int
    event: str
    event_label: str
    state: str
    state_label: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str
    recipient: str
    subject_ref: str
    can_resend: bool


def queue(
    *,
    municipality_id: int,
    key: str,
    event: str,
    recipient: str,
    context: Mapping[str, Any],
    lane: str,
    language: str = "de",
    subject_ref: str = "",
    not_before: datetime | None = None,
) -> bool:
    """Book a message in the caller's transaction; False if the key was booked before.

    `not_before` (UTC) postpones it. Raises RecipientRefused, UnknownEvent, ContextMismatch.
    """
    letter = Letter(
        municipality_id, key, event, recipient, context, lane, language, subject_ref, not_before
    )
    return queue_many([letter]) == 1


def queue_many(letters: Iterable[Letter]) -> int:
    """Book several messages, each once per key; returns how many were new. Raises as queue."""
    # In the order of keys, so that two transactions that book the same ones cannot deadlock.
    rows = sorted((_row(letter) for letter in letters), key=itemgetter("key"))
    booked = []
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(_INSERT, row)
            booked += [row] * cursor.rowcount
    for lane in sorted({row["lane"] for row in booked if row["not_before"] is None}):
        wake_after_commit(DRAIN, lane)
    return len(booked)


def states_for(subject_ref: str) -> list[MessageState]:
    """Every message about a subject, newest first."""
    return _states(Message.objects.filter(subject_ref=subject_ref).order_by("-id"))


def trouble(municipality_ids: Collection[int]) -> list[MessageState]:
    """Messages that failed or whose outcome is uncertain, newest first; at most 200."""
    rows = Message.objects.filter(
        municipality__in=municipality_ids, state__in=[WorkState.DEAD, WorkState.UNCERTAIN]
    )
    return _states(rows.order_by("-id")[:LISTED_AT_MOST])


def resend(message_id: int, *, municipality_id: int) -> str:
    """Send a finished, failed or uncertain message again; returns the key of the new row.

    The new row has a key (`…#2`) and a Message-ID of its own; a failed or uncertain one is
    thereby closed. A second click gives the same key. Raises UnknownMessage, CannotResend.
    """
    with transaction.atomic():
        old = _locked(message_id, municipality_id)
        family = _family(old)
        underway = next((row for row in family if row.state in OPEN_STATES and row != old), None)
        if underway is not None:
            return underway.key
        if old.state in {WorkState.PENDING, WorkState.LEASED} or not old.recipient:
            raise CannotResend
        if old.state in {WorkState.DEAD, WorkState.UNCERTAIN}:
            _close(Message.objects.filter(pk=old.pk), Fault.SUPERSEDED)
        key = f"{_stem(old.key)}#{1 + max(_turn(row.key) for row in family)}"
        again = Letter(
            municipality_id=old.municipality_id,
            key=key,
            event=old.event,
            recipient=old.recipient,
            context=old.context,
            lane=old.lane,
            language=old.language,
            subject_ref=old.subject_ref,
            channel=old.channel,
        )
        queue_many([again])
    return key


def dismiss(message_id: int, *, municipality_id: int) -> bool:
    """Tick a failed message off the trouble list; False if it had not failed.

    Raises UnknownMessage.
    """
    with transaction.atomic():
        row = Message.objects.filter(pk=_locked(message_id, municipality_id).pk)
        return _close(row.filter(state=WorkState.DEAD), Fault.DISMISSED) == 1


def subjects_of(message_ids: Collection[str], *, municipality_id: int) -> list[str]:
    """What mails of ours with these Message-IDs were about, each subject once. One query."""
    rows = Message.objects.filter(message_id__in=message_ids, municipality_id=municipality_id)
    return list(dict.fromkeys(rows.order_by("id").values_list("subject_ref", flat=True)))


def sender_address() -> str:
    """The address our mails come from."""
    return f"{SENDER}@{settings.MAIL_FROM_DOMAIN}"


def mark_bounced(message_ids: Collection[str], *, municipality_id: int) -> int:
    """Note that mails came back; returns how many of these are ours and had not come back yet."""
    rows = Message.objects.filter(
        message_id__in=message_ids, municipality_id=municipality_id, bounced_at=None
    )
    return rows.update(bounced_at=Now())


def cancel(key: str) -> bool:
    """Call a message off that nobody is sending right now; False if it is too late."""
    waiting = Message.objects.filter(key=key, state__in=[WorkState.PENDING, WorkState.UNCERTAIN])
    return _close(waiting, Fault.WITHDRAWN) == 1


def erase(subject_ref: str, *, staff_too: bool = False) -> int:
    """Forget who was written to about a subject, and what; returns how many messages it touched.

    What was still to be sent to a citizen is called off. Messages to offices only lose what a
    citizen may have worded, unless `staff_too`: then they go the same way.
    """
    rows = Message.objects.filter(subject_ref=subject_ref, erased_at=None)
    with transaction.atomic():
        for_staff = 0 if staff_too else _forget_citizens_words(rows)
        if not staff_too:
            rows = rows.filter(event__in=_TO_CITIZENS)
        _close(rows.filter(state__in=_UNDELIVERED), Fault.ERASED)
        return for_staff + rows.update(recipient="", context={}, erased_at=Now())


def drop(subject_ref: str) -> int:
    """Remove every trace of the messages about a subject and those below it (`…/s12`).

    Only for a subject that will never be written about again: the keys go, and with them "once".
    """
    about = Q(subject_ref=subject_ref) | Q(subject_ref__startswith=f"{subject_ref}/")
    return Message.objects.filter(about).delete()[0]


def _forget_citizens_words(rows: QuerySet[Message]) -> int:
    names = sorted(_CITIZENS_WORDS)
    touched = rows.exclude(event__in=_TO_CITIZENS).filter(context__has_any_keys=names)
    without = Func(
        F("context"), Value(names), template="(%(expressions)s::text[])", arg_joiner=" - "
    )
    return touched.update(context=without)


def backlog() -> claiming.Backlog:
    """What is owed, for health pages."""
    return claiming.backlog(Message)


def is_for_citizens(event: str) -> bool:
    """Whether messages of an event go to citizens."""
    return event in _TO_CITIZENS


def due_by_lane() -> dict[str, int]:
    """Due messages per lane (capped), for the sweeper."""
    return claiming.lanes_with_due_rows([Message])


def has_due(lane: str, channel: Channel) -> bool:
    """Whether a message of a lane and channel could be claimed now."""
    return (
        Message.objects.filter(lane=lane, channel=channel, state__in=OPEN_STATES, next_at__lte=_NOW)
        .filter(Q(lease_until=None) | Q(lease_until__lte=_NOW))
        .exists()
    )


def masked(address: str) -> str:
    """`e…@beispiel.de`: enough to recognise an address, too little to use it."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}…{at}{domain}" if at else ""


def _row(letter: Letter) -> dict[str, Any]:
    event, in_words = event_of(letter.event), letter.channel != Channel.PUSH
    if not 0 < len(letter.key) <= 160:
        raise ValueError("a key has 1 to 160 characters")
    return {
        "municipality_id": letter.municipality_id,
        "key": letter.key,
        "channel": letter.channel,
        "event": event.code,
        "subject_ref": letter.subject_ref,
        "language": letter.language[:8],
        "recipient": _CHECKED[Channel(letter.channel)](letter.recipient),
        "context": json.dumps(
            storable(event, letter.context, letter.language) if in_words else dict(letter.context)
        ),
        "message_id": f"<{uuid5(NAMESPACE_URL, letter.key)}@{settings.MAIL_FROM_DOMAIN}>",
        "lane": str(letter.lane),
        "not_before": letter.not_before,
    }


def _checked_address(address: str) -> str:
    """The address as given; control characters and line ends could smuggle headers in."""
    try:
        if one_line(address) != address or len(address) > 254:
            raise RecipientRefused
        validate_email(address)
        address.rpartition("@")[2].encode("idna")
    except (ValidationError, UnicodeError):
        raise RecipientRefused from None
    return address


def _checked_number(number: str) -> str:
    """The number in E.164, as gateways want it."""
    found = dialled(number)
    if not found:
        raise RecipientRefused
    return found


_CHECKED: dict[Channel, Callable[[str], str]] = {
    Channel.EMAIL: _checked_address,
    Channel.CALL: _checked_number,
    Channel.PUSH: str,
}


def _states(rows: QuerySet[Message]) -> list[MessageState]:
    return [state_of(row) for row in rows]


def state_of(row: Message) -> MessageState:
    """A row as people may see it."""
    done, by_mail = row.state == WorkState.DONE, row.channel == Channel.EMAIL
    return MessageState(
        id=row.pk,
        event=row.event,
        event_label=label_of(row.event),
        state=row.state,
        state_label=str(_BOUNCED if row.bounced_at else STATE_LABELS[WorkState(row.state)]),
        created_at=row.created_at,
        sent_at=row.sent_at or (row.settled_at if done else None),
        attempts=row.attempts,
        last_error=label_of_error(row.last_error),
        recipient=masked(row.recipient) if by_mail else str(Channel(row.channel).label),
        subject_ref=row.subject_ref,
        can_resend=bool(row.recipient) and row.state not in {WorkState.PENDING, WorkState.LEASED},
    )


def _locked(message_id: int, municipality_id: int) -> Message:
    row = (
        Message.objects.select_for_update(no_key=True)
        .filter(pk=message_id, municipality_id=municipality_id)
        .first()
    )
    if row is None:
        raise UnknownMessage(message_id)
    return row


def _close(rows: QuerySet[Message], why: Fault) -> int:
    # Why it failed before stays readable behind why it was closed.
    reason = Left(Concat(Value(f"{why.value} "), F("last_error")), 200)
    return rows.update(
        state=WorkState.CANCELLED, settled_at=Now(), lease_until=None, last_error=reason
    )


def _family(row: Message) -> list[Message]:
    """A message and the ones it was sent as again."""
    stem = _stem(row.key)
    return list(Message.objects.filter(Q(key=stem) | Q(key__startswith=f"{stem}#")))


def _stem(key: str) -> str:
    stem, mark, turn = key.rpartition("#")
    return stem if mark and turn.isdecimal() else key


def _turn(key: str) -> int:
    turn = key.removeprefix(_stem(key)).removeprefix("#")
    return int(turn) if turn else 1
