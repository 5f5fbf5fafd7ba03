"""Delivers claimed messages: render, hand over, judge what that means for the row.

No transaction is open and the database is not needed while the relay is talked to.
"""

import logging
import random
import time
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F

from leases.claiming import Claim, Outcome, settle
from leases.models import WorkState
from notifications.channels import Carrier
from notifications.faults import (
    NOT_TRIED,
    Fault,
    NotHandedOver,
    OutcomeUnknown,
    PermanentFailure,
    RecipientGone,
)
from notifications.models import Message

logger = logging.getLogger(__name__)

FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 10.0, 3600.0
UNCERTAIN_RETRY_SECONDS: float = getattr(settings, "MAIL_UNCERTAIN_RETRY_SECONDS", 900)
PUT_BACK_SECONDS = 3.0
GIVE_UP_AFTER = timedelta(hours=72)
POISON_ATTEMPTS = 8
# Share of the lease that is kept for writing the outcome down.
RECORDING_SHARE = 0.1


def deliver_batch(
    claims: Sequence[Claim], carrier: Carrier, *, claimed_at: float, stop_at: float
) -> bool:
    """Deliver and settle claims one by one; False when the relay went away meanwhile.

    `claimed_at` is the time.monotonic() from before the claim; after `stop_at`, what is left goes
    back at once for other workers.
    """
    reachable = True
    for claim in claims:
        if not reachable:
            outcome = _put_back(claim, Fault.UNREACHABLE)
        elif time.monotonic() > stop_at:
            outcome = _put_back(claim, Fault.NO_TIME)
        else:
            until = claimed_at + claim.lease_seconds * (1 - RECORDING_SHARE)
            outcome = deliver(claim, carrier, until=until)
            reachable = Fault.UNREACHABLE.value not in outcome.error.split()
        record(claim, outcome)
    return reachable


def deliver(claim: Claim, carrier: Carrier, *, until: float) -> Outcome:
    """Try to hand over one message; never raises, so that one bad row cannot stop the others."""
    try:
        message = (
            Message.objects.select_related("municipality")
            .defer("municipality__coverage")
            .get(pk=claim.pk)
        )
        try:
            carrier.hand_over(message, until=until)
        except NotHandedOver as failure:
            return _judge(claim, message, failure)
    except DatabaseError:
        return _put_back(claim, Fault.NO_TIME)
    except Exception as error:  # noqa: BLE001, RUF100 - whatever ails a row, others must flow
        return _poison(claim, error)
    return Outcome.done()


def record(claim: Claim, outcome: Outcome) -> bool:
    """Settle a claim and note since when it is sent or failing; False if it came too late."""
    if not settle(Message, claim, outcome):
        logger.warning("too late, another worker has the message", extra={"row": claim.pk})
        return False
    row = Message.objects.filter(pk=claim.pk)
    try:
        if outcome.state == WorkState.DONE:
            row.update(sent_at=F("settled_at"))
        elif NOT_TRIED.isdisjoint(outcome.error.split()):
            row.filter(failing_since=None).update(failing_since=_claimed_at(claim))
    except DatabaseError as error:  # the outcome itself is recorded
        logger.warning("time not noted: %s", type(error).__name__, extra={"row": claim.pk})
    return True


def _judge(claim: Claim, message: Message, failure: NotHandedOver) -> Outcome:
    """What becomes of a message that was not accepted, or perhaps was."""
    in_doubt = _is_in_doubt(claim, message.last_error)
    error = _with_doubt(str(failure)) if in_doubt else str(failure)
    if isinstance(failure, RecipientGone):
        return Outcome.cancelled(error)
    if isinstance(failure, PermanentFailure):
        return Outcome.dead(error)
    if isinstance(failure, OutcomeUnknown):
        if in_doubt:
            return Outcome.dead(error)
        return Outcome.uncertain(UNCERTAIN_RETRY_SECONDS, error)
    if failure.fault in NOT_TRIED:
        return _later(PUT_BACK_SECONDS, error, in_doubt=in_doubt)
    since = message.failing_since
    if since is not None and _claimed_at(claim) - since > GIVE_UP_AFTER:
        return Outcome.dead(error)
    return _later(back_off(claim.attempt), error, in_doubt=in_doubt)


def _put_back(claim: Claim, fault: Fault) -> Outcome:
    in_doubt = _is_in_doubt(claim)
    error = _with_doubt(fault.value) if in_doubt else fault.value
    return _later(PUT_BACK_SECONDS, error, in_doubt=in_doubt)


def _poison(claim: Claim, error: Exception) -> Outcome:
    # The text of an exception may quote a citizen; its type and place are enough to act on.
    place = traceback.extract_tb(error.__traceback__)[-1]
    detail = f"{type(error).__name__} {place.name}:{place.lineno}"
    logger.error("message cannot be made: %s", detail, extra={"row": claim.pk})
    if claim.attempt >= POISON_ATTEMPTS:
        return Outcome.dead(f"{Fault.BROKEN.value} {detail}")
    return _later(
        back_off(claim.attempt), f"{Fault.BROKEN.value} {detail}", in_doubt=_is_in_doubt(claim)
    )


def back_off(attempt: int) -> float:
    """Seconds until the next try: 10, 20, 40 … at most an hour, with jitter."""
    seconds = min(FIRST_RETRY_SECONDS * 2.0 ** min(attempt - 1, 20), LAST_RETRY_SECONDS)
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


def _later(seconds: float, error: str, *, in_doubt: bool) -> Outcome:
    # A doubtful message stays visible as such, and is doubted only once.
    return (Outcome.uncertain if in_doubt else Outcome.retry)(seconds, error)


def _is_in_doubt(claim: Claim, last_error: str = "") -> bool:
    # The state before the claim tells; after a crash of the worker only the last error still does.
    return claim.was == WorkState.UNCERTAIN or last_error.startswith(Fault.UNANSWERED.value)


def _with_doubt(error: str) -> str:
    return f"{Fault.UNANSWERED.value} {error}"


def _claimed_at(claim: Claim) -> datetime:
    """The database's time when the claim was made."""
    return claim.lease_until - timedelta(seconds=claim.lease_seconds)
