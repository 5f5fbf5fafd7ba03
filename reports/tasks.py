"""Celery tasks: content-free wake-ups that pull due effects, the sweeper, housekeeping."""

import logging
import random
import time
from collections.abc import Sequence
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from leases import heartbeats
from leases.claiming import (
    Claim,
    Outcome,
    claim_due,
    database_time,
    lanes_with_due_rows,
    settle,
)
from leases.models import Lane, WorkState
from leases.wakeups import wake
from notifications import outbox
from reports.actions.align_published import align_published
from reports.actions.follow_sensor import settle_owed
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.publish_by_time import publish_by_time
from reports.actions.publish_incident import publish_running_incidents
from reports.actions.read_acknowledgements import read_acknowledgements
from reports.actions.recheck_ground import recheck_ground
from reports.actions.remind_of_decisions import remind_of_decisions
from reports.actions.remind_of_held import remind_of_held
from reports.actions.remind_of_incidents import remind_of_incidents
from reports.actions.retain import LONGEST_SECONDS, retain
from reports.actions.send_interim import book_interims
from reports.actions.sweep_files import sweep_files
from reports.actions.tell_proposals import tell_proposals
from reports.actions.train_suggestions import train_everywhere
from reports.actions.try_rules import RulesChanged, run_replay
from reports.models import Effect
from reports.owed import DRAIN
from reports.paying import perform
from reports.queries.reconcile import reconcile
from reports.replays import REPLAY, RuleReplay

logger = logging.getLogger(__name__)

BATCH = 10
# A photo may take its child's whole wall time, so a second one would outlive the common lease.
BATCH_OF_LANE = {Lane.MEDIA.value: 1}
DRAIN_SECONDS = 3.0
# Share of the lease after which no further row of a batch is begun.
BEGIN_SHARE = 0.5
MAX_ATTEMPTS = 8
LOOK_THROUGH_SECONDS = 3600
LEARNING_SECONDS = 4 * 3600
# A million cases (bench/routing.py); what is left then is the next turn's.
REPLAY_SECONDS = 600.0
MAX_REPLAY_ATTEMPTS = 5
ABANDONED = "Abandoned"
PUT_BACK_SECONDS = 1.0


@shared_task(name=DRAIN)
def drain(lane: str = "citizen", *_args: Any, **_kwargs: Any) -> None:
    """Pay due effects of a lane until none is left or the time is up; then wake the next turn."""
    try:
        if _drain(lane):
            wake(DRAIN, lane)
    except (DatabaseError, InterfaceError) as error:  # rows come back when their lease ends
        logger.warning("drain stopped, database away: %s", type(error).__name__)


def _drain(lane: str) -> bool:
    """Pay batch by batch; True if there may be more to do at once."""
    until = time.monotonic() + DRAIN_SECONDS
    lease = settings.LEASE_SECONDS["effect"]
    limit = BATCH_OF_LANE.get(lane, BATCH)
    begin_until = time.monotonic() + lease * BEGIN_SHARE
    while claims := claim_due(Effect, lane, limit=limit, lease=lease):
        _pay_batch(claims, begin_until=begin_until)
        if time.monotonic() > until:
            return True
        begin_until = time.monotonic() + lease * BEGIN_SHARE
    return False


def _pay_batch(claims: Sequence[Claim], *, begin_until: float) -> None:
    for claim in claims:
        if time.monotonic() > begin_until:
            # The lease would end under the work, and another worker would do it a second time.
            settle(Effect, claim, Outcome.retry(PUT_BACK_SECONDS, "NoTime"))
        else:
            settle(Effect, claim, pay(claim))


def pay(claim: Claim) -> Outcome:
    """Do what one effect row promises; a fault becomes a retry, in the end a dead row."""
    if claim.attempt > MAX_ATTEMPTS and claim.was == WorkState.LEASED:
        # Again a process that tried it ended without a word: killed, out of memory, crashed.
        logger.error("effect given up, no attempt ended", extra={"row": claim.pk})
        return Outcome.dead(ABANDONED)
    kind = ""
    try:
        effect = Effect.objects.get(pk=claim.pk)
        kind = effect.kind
        # The row came due by the database's clock. By a worker's own, which may be behind, a
        # deadline could seem to lie ahead, and the row would be done without anything being done.
        perform(effect, now=database_time(), last_try=claim.attempt >= MAX_ATTEMPTS)
    except Exception as error:
        logger.exception("effect failed", extra={"row": claim.pk, "kind": kind})
        # The text of an exception may quote a citizen; the kind of fault is enough to act on.
        fault = type(error).__name__
        if claim.attempt >= MAX_ATTEMPTS:
            return Outcome.dead(fault)
        return Outcome.retry(_back_off(claim.attempt), fault)
    return Outcome.done()


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


@shared_task(name="reports.tasks.remind")
def remind(*_args: Any, **_kwargs: Any) -> None:
    """Let out what goes by time; remind dispatch offices of what waits too long, owners of
    their incidents."""
    publish_by_time(now=timezone.now())
    remind_of_decisions(now=timezone.now())
    remind_of_held(now=timezone.now())
    remind_of_incidents(now=timezone.now())


@shared_task(name="reports.tasks.interims")
def interims(*_args: Any, **_kwargs: Any) -> None:
    """Note of which cases the public has heard nothing for too long."""
    book_interims(now=timezone.now())


@shared_task(name="reports.tasks.align")
def align(*_args: Any, **_kwargs: Any) -> None:
    """Let the public table follow what the administration has changed."""
    align_published()
    recheck_ground(now=timezone.now())
    publish_running_incidents(now=timezone.now())


@shared_task(name="reports.tasks.follow_sensors")
def follow_sensors(*_args: Any, **_kwargs: Any) -> None:
    """Open and close the cases of sensors that a crash has left owed."""
    settle_owed(now=timezone.now())


@shared_task(name="reports.tasks.read_receipts")
def read_receipts(*_args: Any, **_kwargs: Any) -> None:
    """Read what the electronic file has answered."""
    read_acknowledgements(now=timezone.now())


@shared_task(name=REPLAY, time_limit=int(REPLAY_SECONDS) - 20)
def try_rules(lane: str = "bulk", *_args: Any, **_kwargs: Any) -> None:
    """Try rules on past cases where somebody asked for it; the next turn if there is more."""
    try:
        claims = claim_due(RuleReplay, lane, limit=1, lease=REPLAY_SECONDS)
        for claim in claims:
            settle(RuleReplay, claim, replay(claim))
        if claims:
            wake(REPLAY, lane)
    except (DatabaseError, InterfaceError) as error:  # rows come back when their lease ends
        logger.warning("trial stopped, database away: %s", type(error).__name__)


def replay(claim: Claim) -> Outcome:
    """Go on with one trial; a fault becomes a retry, in the end a dead row that the page shows."""
    if claim.attempt > MAX_REPLAY_ATTEMPTS and claim.was == WorkState.LEASED:
        return Outcome.dead(ABANDONED)
    try:
        run_replay(claim.pk)
    except (RulesChanged, RuleReplay.DoesNotExist) as end:
        return Outcome.cancelled(type(end).__name__)
    except Exception as error:
        logger.exception("trial failed", extra={"row": claim.pk})
        fault = type(error).__name__
        if claim.attempt >= MAX_REPLAY_ATTEMPTS:
            return Outcome.dead(fault)
        return Outcome.retry(_back_off(claim.attempt), fault)
    return Outcome.done()


@shared_task(name="reports.tasks.sweep_replays")
def sweep_replays(*_args: Any, **_kwargs: Any) -> None:
    """Wake whoever tries rules while a trial is due: what Redis lost costs one sweep."""
    for lane in lanes_with_due_rows([RuleReplay]):
        wake(REPLAY, lane)


@shared_task(name="reports.tasks.forget", time_limit=int(LONGEST_SECONDS) + 600)
def forget(*_args: Any, **_kwargs: Any) -> None:
    """Once a night: delete what the towns' deletion classes say."""
    counts = retain(now=timezone.now())
    heartbeats.beat("retention", deleted=sum(counts.values()))


@shared_task(name="reports.tasks.train", time_limit=LEARNING_SECONDS)
def train(*_args: Any, **_kwargs: Any) -> None:
    """Once a night: learn anew which kind of report a text speaks of, where there is a reason."""
    train_everywhere(now=timezone.now())


@shared_task(name="reports.tasks.digest")
def digest(*_args: Any, **_kwargs: Any) -> None:
    """Once a day: tell dispatchers of new proposals, each town at most once a week."""
    tell_proposals(now=timezone.now())


@shared_task(name="reports.tasks.look_through", time_limit=LOOK_THROUGH_SECONDS)
def look_through(*_args: Any, **_kwargs: Any) -> None:
    """Once a day: sweep files, then ask the reconciler's questions; any finding is an alarm."""
    sweep_files(now=timezone.now())
    findings = [finding for finding in reconcile() if finding.count]
    for finding in findings:
        logger.error("reconciler: %s %d", finding.name, finding.count)
    heartbeats.beat("reconciler", findings=len(findings))
