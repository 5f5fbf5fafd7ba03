"""Celery tasks: content-free wake-ups that pull due effects, the sweeper, housekeeping."""

import logging
import random
import time
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from leases import heartbeats
from leases.claiming import Claim, Outcome, claim_due, lanes_with_due_rows, settle
from leases.wakeups import wake
from notifications import outbox
from reports.actions.alert import alert_next
from reports.actions.derive_photo import derive_photo
from reports.actions.hand_over import expire_offer
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.publish import publish_report
from reports.actions.route import route_report
from reports.models import Effect
from reports.owed import DRAIN

logger = logging.getLogger(__name__)

BATCH = 10
DRAIN_SECONDS = 15.0
MAX_ATTEMPTS = 8
_KINDS = Effect.Kind


@shared_task(name=DRAIN)
def drain(lane: str = "citizen", *_args: Any, **_kwargs: Any) -> None:
    """Pay due effects of a lane until none is left or the time is up; then wake the next turn."""
    until = time.monotonic() + DRAIN_SECONDS
    while claims := claim_due(Effect, lane, limit=BATCH, lease=settings.LEASE_SECONDS["effect"]):
        for claim in claims:
            settle(Effect, claim, pay(claim))
        if time.monotonic() > until:
            wake(DRAIN, lane)
            return


def pay(claim: Claim) -> Outcome:
    """Do what one effect row promises; a fault becomes a retry, in the end a dead row."""
    effect = Effect.objects.get(pk=claim.pk)
    try:
        _perform(effect, last_try=claim.attempt >= MAX_ATTEMPTS)
    except Exception as error:
        logger.exception("effect failed", extra={"row": claim.pk, "kind": effect.kind})
        # The text of an exception may quote a citizen; the kind of fault is enough to act on.
        fault = type(error).__name__
        if claim.attempt >= MAX_ATTEMPTS:
            return Outcome.dead(fault)
        return Outcome.retry(_back_off(claim.attempt), fault)
    return Outcome.done()


def _perform(effect: Effect, *, last_try: bool) -> None:
    now = timezone.now()
    match effect.kind:
        case _KINDS.ROUTE:
            route_report(effect.report_id, now=now)
        case _KINDS.DERIVE_PHOTO:
            derive_photo(effect.version, last_try=last_try)
        case _KINDS.PUBLISH:
            publish_report(effect.report_id, now=now)
        case _KINDS.ALERT:
            alert_next(effect.report_id, step=effect.version, now=now)
        case _KINDS.OFFER_DEADLINE:
            expire_offer(effect.version, now=now)
        case other:
            raise NotImplementedError(other)


def _back_off(attempt: int) -> float:
    """Seconds until the next try: 2, 4, 8 … at most 10 minutes, with jitter."""
    return min(2.0**attempt, 600.0) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


@shared_task(name="reports.tasks.beat")
def beat(*_args: Any, **_kwargs: Any) -> None:
    """Beat's regular turn: show that the schedule runs, then sweep."""
    heartbeats.beat("beat")
    sweep()


def sweep() -> None:
    """Wake workers for every lane with due rows: what Redis lost costs one sweep, nothing more."""
    for lane, count in lanes_with_due_rows([Effect]).items():
        _wake_for(DRAIN, lane, count)
    for lane, count in outbox.due_by_lane().items():
        _wake_for(outbox.DRAIN, lane, count)


def _wake_for(task: str, lane: str, count: int) -> None:
    # Never one message a row: at most as many wake-ups as workers could use.
    for _turn in range(min(settings.WORKERS_PER_LANE, 1 + count // BATCH)):
        wake(task, lane)


@shared_task(name="reports.tasks.keep_house")
def keep_house(*_args: Any, **_kwargs: Any) -> None:
    """Forget what is past its time: unconfirmed addresses, idempotency keys, old counters."""
    forget_what_is_due(now=timezone.now())
