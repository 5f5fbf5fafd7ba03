"""Celery tasks of figures: reports that wait to be made, public statistics that are renewed."""

import logging
from typing import Any

from celery import shared_task
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from figures.actions.build_report import build_report
from figures.actions.publish_statistics import publish_everywhere
from figures.models import ManagementReport
from figures.waking import DRAIN
from leases.claiming import Claim, Outcome, claim_due, database_time, lanes_with_due_rows, settle
from leases.models import WorkState
from leases.wakeups import wake

logger = logging.getLogger(__name__)

# Ten times what a report of 200,000 cases takes (bench/figures.py).
LEASE_SECONDS = 300.0
MAX_ATTEMPTS = 5
TIME_LIMIT = 280


@shared_task(name=DRAIN, time_limit=TIME_LIMIT)
def drain(lane: str = "bulk", *_args: Any, **_kwargs: Any) -> None:
    """Make the reports that are due, one after the other; the next turn if there are more."""
    try:
        claims = claim_due(ManagementReport, lane, limit=1, lease=LEASE_SECONDS)
        for claim in claims:
            settle(ManagementReport, claim, make(claim))
        if claims:
            wake(DRAIN, lane)
    except (DatabaseError, InterfaceError) as error:  # rows come back when their lease ends
        logger.warning("drain stopped, database away: %s", type(error).__name__)


def make(claim: Claim) -> Outcome:
    """Make one report; a fault becomes a retry, in the end a dead row that the page shows."""
    if claim.attempt > MAX_ATTEMPTS and claim.was == WorkState.LEASED:
        return Outcome.dead("Abandoned")
    try:
        build_report(claim.pk, now=database_time())
    except Exception as error:
        logger.exception("report failed", extra={"row": claim.pk})
        fault = type(error).__name__
        if claim.attempt >= MAX_ATTEMPTS:
            return Outcome.dead(fault)
        return Outcome.retry(2.0**claim.attempt, fault)
    return Outcome.done()


@shared_task(name="figures.tasks.sweep")
def sweep(*_args: Any, **_kwargs: Any) -> None:
    """Wake whoever makes reports while some are due: what Redis lost costs one sweep."""
    for lane in lanes_with_due_rows([ManagementReport]):
        wake(DRAIN, lane)


@shared_task(name="figures.tasks.publish", time_limit=1800)
def publish(*_args: Any, **_kwargs: Any) -> None:
    """Renew what towns publish of their figures; unchanged ones stay as they are."""
    publish_everywhere(now=timezone.now())
