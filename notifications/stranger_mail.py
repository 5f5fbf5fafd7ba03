"""Mail to an address that nobody has confirmed: one an hour at most, whoever asks for it.

The database keeps one row an address with the time of its latest mail, locked until the commit of
whoever takes the next turn. The first mail goes at once. What comes later waits for the next turn,
and whatever else comes until then joins that mail as a line instead of taking a turn of its own.
Where a turn cannot be had nothing is sent: this limit fails closed.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction

from leases.statements import Answer, Statement, ask, send
from notifications import outbox
from notifications.models import MailTurn
from notifications.outbox import Letter

logger = logging.getLogger(__name__)

# Lines of one mail; of further ones it says how many they are.
LINES = 20
# What lines are kept under in the values of a message.
OTHERS = "others"

# A turn that is still to come is shared within a town where its mail can take one more line.
_TAKE_TURN = """
    INSERT INTO notifications_mailturn AS turn (address_hash, turn_at, municipality_id)
    VALUES (%(address)s, clock_timestamp(), %(town)s)
    ON CONFLICT (address_hash) DO UPDATE SET
        turn_at = CASE
            WHEN turn.municipality_id = %(town)s AND turn.turn_at > clock_timestamp()
            THEN turn.turn_at
            ELSE greatest(clock_timestamp(), turn.turn_at + %(every)s) END,
        municipality_id = excluded.municipality_id
    WHERE (turn.municipality_id = %(town)s AND turn.turn_at > clock_timestamp())
       OR turn.turn_at + %(every)s <= clock_timestamp() + %(within)s
    RETURNING turn_at, turn_at <= clock_timestamp()
"""
# A turn that cannot be had must not undo what the caller has written. The place is let go of with
# the transaction, and set together with the turn, as each savepoint of Django's is two round trips.
_REMEMBER_PLACE = Statement("SAVEPOINT stranger_mail", ())
_GO_BACK = Statement("ROLLBACK TO SAVEPOINT stranger_mail", ())
_ADD_LINE = """
    UPDATE notifications_message SET context = CASE
        WHEN jsonb_array_length(context #> '{others,lines}') <= %(most)s
        THEN jsonb_set(context, '{others,lines}', (context #> '{others,lines}') || %(line)s::jsonb)
        ELSE jsonb_set(context, '{others,more}',
                       to_jsonb(coalesce((context #>> '{others,more}')::int, 0) + 1)) END
    WHERE key = %(key)s AND state = 'pending' AND attempts = 0 AND erased_at IS NULL
      AND next_at > clock_timestamp()
"""


Line = Mapping[str, Any]


@dataclass(frozen=True)
class _Turn:
    at: datetime
    is_now: bool


def write_once_an_hour(
    letter: Letter,
    *,
    line: Line | None = None,
    heading: str = "",
    earlier: Callable[[], Sequence[Line]] = list,
) -> bool:
    """Book a letter to an unconfirmed address, in the caller's transaction; False if none will go.

    With a `line` (`{"text": …}` or with `url` and `derive`) a letter that must wait may become a
    line of the mail that waits already; `earlier` gives the lines for a mail that is made to
    wait, below `heading`. Raises RecipientRefused, ContextMismatch.
    """
    if not settings.STRANGER_MAIL_EVERY:
        return outbox.queue_many([letter]) == 1
    try:
        return _write(letter, line, heading, earlier)
    except Exception as error:
        send([_GO_BACK])
        transaction.set_rollback(False)  # the transaction is whole again up to that place
        if not isinstance(error, OperationalError):
            raise
        logger.warning("no turn for a mail: %s", type(error).__name__)
        return False


def _write(
    letter: Letter, line: Line | None, heading: str, earlier: Callable[[], Sequence[Line]]
) -> bool:
    _, answer = ask([_REMEMBER_PLACE, _turn_of(letter, shares=line is not None)])
    turn = _as_turn(answer)
    if turn is None:
        logger.info("too many mails to one address", extra={"ref": letter.subject_ref})
        return False
    if turn.is_now:
        return outbox.queue_many([letter]) == 1
    if line is None:
        return outbox.queue_many([replace(letter, not_before=turn.at)]) == 1
    return _join_or_wait(letter, turn, line, heading, earlier)


def _join_or_wait(
    letter: Letter,
    turn: _Turn,
    line: Line,
    heading: str,
    earlier: Callable[[], Sequence[Line]],
) -> bool:
    if _add_line(_key(letter, turn), line):
        return True
    lines = [{"text": heading}, *list(earlier())[:LINES]]
    others = {**letter.context, OTHERS: {"lines": lines}}
    waiting = replace(letter, key=_key(letter, turn), context=others, not_before=turn.at)
    if outbox.queue_many([waiting]):
        return True
    # The mail of this turn has left or was called off just now: the turn after it is ours.
    later = _as_turn(*ask([_turn_of(letter, shares=False)]))
    if later is None:
        return False
    return outbox.queue_many([replace(waiting, key=letter.key, not_before=later.at)]) == 1


def _turn_of(letter: Letter, *, shares: bool) -> Statement:
    every = settings.STRANGER_MAIL_EVERY
    asked: dict[str, Any] = {
        "address": _hash(letter.recipient),
        "town": letter.municipality_id if shares else None,
        "every": every,
        "within": settings.CONFIRM_ADDRESS_WITHIN - every,
    }
    return Statement(_TAKE_TURN, asked)


def _as_turn(answer: Answer) -> _Turn | None:
    return _Turn(*answer.rows[0]) if answer.rows else None


def _add_line(key: str, line: Line) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ADD_LINE, {"key": key, "line": json.dumps([line]), "most": LINES})
        added: int = cursor.rowcount
    return added == 1


def _key(letter: Letter, turn: _Turn) -> str:
    """The mail of a turn: everybody who joins it finds it by this."""
    return f"{letter.event}:{_hash(letter.recipient)[:32]}:{turn.at.timestamp():.6f}"


def forget_old_turns(before: datetime) -> int:
    """Forget when addresses were written to last; returns how many."""
    return MailTurn.objects.filter(turn_at__lt=before).delete()[0]


def _hash(address: str) -> str:
    message = b"stranger-mail:" + address.strip().casefold().encode("utf-8", "replace")
    return hmac.new(settings.RECEIPT_KEY, message, hashlib.sha256).hexdigest()
