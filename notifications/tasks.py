"""The Celery task of this app: a wake-up without content that pulls due messages."""

import contextlib
import logging
import time
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError

from leases.claiming import claim_due
from leases.wakeups import wake
from notifications.channels import CallCarrier, Carrier, MailCarrier, PushCarrier
from notifications.delivery import deliver_batch
from notifications.faults import TemporaryFailure
from notifications.models import Message
from notifications.outbox import DRAIN, has_due

logger = logging.getLogger(__name__)

BATCH = 10
DRAIN_SECONDS = 3.0
# The last message may begin just before the time is up, and its outcome may have to wait for the
# database until the lease ends. Killed earlier, the process could not say what it has sent.
TIME_LIMIT = int(
    DRAIN_SECONDS
    + 2 * settings.SMTP_TIMEOUT_SECONDS
    + settings.SMTP_DATA_TIMEOUT_SECONDS
    + settings.LEASE_SECONDS["message"]
)


@shared_task(name=DRAIN, time_limit=TIME_LIMIT)
def drain(lane: str = "citizen", *_args: Any, **_kwargs: Any) -> None:
    """Deliver due messages of a lane until none is left or the time is up; then wake again."""
    try:
        # One after the other: a relay that is away does not keep devices from being told. Calls
        # are alarms and go first.
        carriers = (CallCarrier(), MailCarrier(), PushCarrier())
        more = [_drain_channel(lane, carrier) for carrier in carriers]
        if any(more):
            wake(DRAIN, lane)
    except DatabaseError as error:  # rows are claimed again when their lease ends
        logger.warning("drain stopped, database away: %s", type(error).__name__)


def _drain_channel(lane: str, carrier: Carrier) -> bool:
    try:
        return _drain(lane, carrier)
    finally:
        carrier.close()


def _drain(lane: str, carrier: Carrier) -> bool:
    """Deliver batch by batch; True if there may be more to do at once.

    Nothing is claimed while the relay is away: rows stay due, lose no patience, and the first
    one after its return goes out with the next sweep.
    """
    stop_at = time.monotonic() + DRAIN_SECONDS
    limit = 1  # grows while the relay is quick, so that a slow one never hoards rows
    while has_due(lane, carrier.channel):
        if time.monotonic() > stop_at:
            return True
        if not _is_reachable(carrier):
            return False
        claimed_at = time.monotonic()
        lease = settings.LEASE_SECONDS["message"]
        claims = claim_due(Message, lane, limit=limit, lease=lease, channel=carrier.channel)
        if not claims or not deliver_batch(claims, carrier, claimed_at=claimed_at, stop_at=stop_at):
            return False
        limit = min(BATCH, limit * 2)
    return False


def _is_reachable(carrier: Carrier) -> bool:
    with contextlib.suppress(TemporaryFailure):
        carrier.open()
        return True
    logger.warning("%s: nobody to hand messages to", carrier.channel.value)
    return False
