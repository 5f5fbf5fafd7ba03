"""Owed work is claimed by one worker at a time, comes back from the dead, and ends."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from leases import claiming, heartbeats
from leases.claiming import (
    Claim,
    Outcome,
    backlog,
    claim_due,
    database_time,
    lanes_with_due_rows,
    revive,
    settle,
)
from leases.models import Heartbeat, Lane, WorkState
from reports import tasks
from reports.actions.submit import Receipt
from reports.models import Effect, Handover, Report
from reports.owed import owe
from tests.people import Town
from tests.processes import eventually
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db

KIND = Effect.Kind.HAND_OVER  # nobody can pay it yet, so it stays a mere row or becomes a poison
FAR = timedelta(days=2)


@pytest.fixture
def case(heilbronn: Town, report: Callable[..., Receipt]) -> Report:
    """A routed report without anything owed any more."""
    made = report(heilbronn).report
    Effect.objects.all().delete()
    return made


def book(report: Report, count: int = 1, *, lane: Lane = Lane.BULK) -> list[int]:
    """Owe so many effects; returns their ids."""
    first = Effect.objects.count()
    for version in range(first + 1, first + count + 1):
        with transaction.atomic():
            owe(report, KIND, version=version, lane=lane)
    return list(Effect.objects.filter(version__gt=first).values_list("pk", flat=True))


def claim(*, limit: int = 10, lease: float = 60, lane: Lane = Lane.BULK) -> list[Claim]:
    return claim_due(Effect, lane, limit=limit, lease=lease)


def one(lease: float = 60) -> Claim:
    (only,) = claim(limit=1, lease=lease)
    return only


def let_time_pass() -> None:
    """As if every back-off and every lease had ended."""
    Effect.objects.filter(state=WorkState.PENDING).update(next_at=Now())
    Effect.objects.filter(state=WorkState.LEASED).update(next_at=Now(), lease_until=Now())


def states() -> dict[int, str]:
    return dict(Effect.objects.values_list("pk", "state"))


# Claiming


def test_no_row_is_ever_given_to_two_workers(case: Report) -> None:
    owed = book(case, 80)

    def work(_number: int) -> list[int]:
        mine: list[int] = []
        while claims := claim(limit=7):
            mine += [each.pk for each in claims]
        return mine

    taken = [pk for mine in succeeded(at_once(6, work)) for pk in mine]

    assert sorted(taken) == sorted(owed)


def test_a_dead_workers_row_comes_back_when_its_lease_has_ended(case: Report) -> None:
    book(case)
    first = one(lease=0.5)

    assert claim() == []
    (second,) = eventually(lambda: claim(), within=5, saying="the row is claimed again")
    assert (second.pk, second.attempt) == (first.pk, 2)
    assert second.was == WorkState.LEASED


def test_what_a_zombie_has_to_say_is_refused(case: Report) -> None:
    book(case)
    zombie = one(lease=0)
    heir = one()

    assert settle(Effect, zombie, Outcome.dead("too late")) is False
    assert settle(Effect, heir, Outcome.done()) is True
    assert settle(Effect, zombie, Outcome.retry(0, "much too late")) is False
    row = Effect.objects.get()
    assert (row.state, row.last_error, row.attempts) == ("done", "", 2)
    assert row.settled_at is not None


def test_nothing_is_done_before_its_time(case: Report) -> None:
    with transaction.atomic():
        owe(case, KIND, version=1, lane=Lane.BULK, not_before=database_time() + FAR)
        owe(case, KIND, version=2, lane=Lane.BULK, not_before=database_time() - FAR)

    assert [Effect.objects.get(pk=each.pk).version for each in claim()] == [2]
    assert lanes_with_due_rows([Effect]) == {}


@pytest.mark.parametrize("skew", [-FAR, FAR], ids=["slow clock", "fast clock"])
def test_a_workers_wrong_clock_changes_nothing(case: Report, skew: timedelta) -> None:
    book(case)
    with transaction.atomic():
        owe(case, KIND, version=9, lane=Lane.BULK, not_before=database_time() + FAR / 2)

    with time_machine.travel(datetime.now(UTC) + skew, tick=True):
        mine = one()
        assert claim() == []
        assert abs(mine.lease_until - database_time()) < timedelta(seconds=61)
        assert settle(Effect, mine, Outcome.retry(3600, "later"))
        assert claim() == []


def test_the_same_promise_is_booked_once(case: Report) -> None:
    def promise(_number: int) -> None:
        with transaction.atomic():
            owe(case, KIND, version=1, lane=Lane.BULK)

    succeeded(at_once(8, promise))

    assert Effect.objects.count() == 1


def test_an_outcome_is_kept_until_the_database_takes_it(case: Report) -> None:
    book(case)
    mine = one()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    _end_session(pid)

    assert settle(Effect, mine, Outcome.done()) is True
    assert states() == {mine.pk: "done"}


def _end_session(pid: int) -> None:
    with psycopg.connect(
        host=os.environ["ANLIEGEN_DB_HOST"],
        user=settings.DB_USERS["app"],
        dbname=settings.DATABASES["default"]["NAME"],
        autocommit=True,
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    eventually(lambda: not _is_connected(pid), within=5, saying="the session ended")


def _is_connected(pid: int) -> bool:
    with psycopg.connect(
        host=os.environ["ANLIEGEN_DB_HOST"],
        user=settings.DB_USERS["app"],
        dbname=settings.DATABASES["default"]["NAME"],
    ) as other:
        found = other.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid])
        return found.rowcount == 1


# Poison


def test_a_row_that_always_fails_ends_dead_and_others_flow(
    heilbronn: Town, report: Callable[..., Receipt], case: Report
) -> None:
    (poison,) = book(case)
    good = report(heilbronn, routed=False).report
    Effect.objects.filter(report=good).update(lane=Lane.BULK)

    tries = 0
    while states()[poison] != WorkState.DEAD:
        tries += 1
        assert tries <= tasks.MAX_ATTEMPTS
        tasks.drain(Lane.BULK)
        let_time_pass()

    row = Effect.objects.get(pk=poison)
    assert (row.attempts, row.last_error) == (tasks.MAX_ATTEMPTS, "DoesNotExist")
    assert backlog(Effect).dead == 1
    good.refresh_from_db()
    assert good.office_id is not None


def test_a_row_that_kills_its_worker_ends_dead_and_takes_nobody_along(
    heilbronn: Town, report: Callable[..., Receipt], case: Report
) -> None:
    owed = book(case, 10)
    killer = owed[3]

    done: set[int] = set()
    for _life in range(tasks.MAX_ATTEMPTS * 3):
        let_time_pass()
        for each in claim():  # a worker's life: it ends when it touches the killer
            if each.attempt > tasks.MAX_ATTEMPTS:
                settle(Effect, each, tasks.pay(each))
            if each.pk == killer:
                break
            settle(Effect, each, Outcome.done())
            done.add(each.pk)

    assert done == set(owed) - {killer}
    row = Effect.objects.get(pk=killer)
    assert (row.state, row.last_error) == ("dead", tasks.ABANDONED)
    assert max(Effect.objects.exclude(pk=killer).values_list("attempts", flat=True)) == 2


def test_what_was_given_up_can_be_tried_again(case: Report) -> None:
    book(case)
    settle(Effect, one(), Outcome.dead("SandboxUnavailable"))

    assert revive(Effect, [Effect.objects.get().pk]) == 1
    assert revive(Effect, [Effect.objects.get().pk]) == 0
    assert one().attempt == 1


def test_back_off_grows_and_stays_below_ten_minutes() -> None:
    waits = [tasks._back_off(attempt) for attempt in range(1, tasks.MAX_ATTEMPTS + 4)]

    assert 1 < waits[0] < 3
    assert waits[5] > waits[2]
    assert max(waits) <= 720


def test_a_row_of_a_slow_batch_is_put_back_instead_of_done_twice(case: Report) -> None:
    book(case, 3)
    claims = claim()

    tasks._pay_batch(claims, begin_until=0)

    assert set(states().values()) == {"pending"}
    assert set(Effect.objects.values_list("last_error", flat=True)) == {"NoTime"}


def test_a_deadline_is_kept_by_a_worker_whose_clock_is_behind(
    heilbronn: Town, report: Callable[..., Receipt]
) -> None:
    made = report(heilbronn).report
    until = database_time()
    handover = Handover.objects.create(
        report=made,
        from_office=heilbronn.offices["66"],
        to_office=heilbronn.offices["67"],
        reason_remark_id=1,
        offered_by=heilbronn.people["clara"],
        answer_until=until,
    )
    with transaction.atomic():
        owe(made, Effect.Kind.OFFER_DEADLINE, version=handover.pk, not_before=until)

    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=10), tick=True):
        tasks.drain(Lane.PERIODIC)

    handover.refresh_from_db()
    assert handover.state == Handover.State.EXPIRED


# Sweeping and measuring


def test_a_backlog_in_one_lane_hides_no_other(case: Report) -> None:
    Effect.objects.bulk_create(
        Effect(report=case, kind=KIND, version=version, lane=Lane.BULK) for version in range(1500)
    )
    book(case, lane=Lane.CITIZEN)

    assert lanes_with_due_rows([Effect]) == {"bulk": 1000, "citizen": 1}


def test_claiming_and_measuring_follow_the_indexes(case: Report) -> None:
    claiming_plan = _plan(
        f"SELECT id FROM reports_effect WHERE lane = 'bulk' AND {claiming._DUE}"
        " ORDER BY next_at, id LIMIT 10"
    )
    dead_plan = _plan("SELECT count(*) FROM reports_effect WHERE state = 'dead'")

    assert "effect_due" in claiming_plan
    assert "next_at <= statement_timestamp()" in claiming_plan.partition("Index Cond")[2]
    assert "effect_dead" in dead_plan


def _plan(statement: str) -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (COSTS OFF) {statement}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_the_backlog_tells_dead_open_and_oldest(case: Report) -> None:
    book(case, 3)
    Effect.objects.update(next_at=database_time() - timedelta(minutes=7))
    settle(Effect, one(), Outcome.dead("X"))

    measured = backlog(Effect)

    assert (measured.dead, measured.open, measured.uncertain) == (1, 2, 0)
    assert 400 < measured.oldest_due_seconds < 450


def test_signs_of_life_of_processes_long_gone_are_forgotten() -> None:
    heartbeats.beat("worker:old@gone")
    Heartbeat.objects.update(seen_at=database_time() - timedelta(days=8))
    heartbeats.beat("beat")

    assert heartbeats.forget(timedelta(days=7)) == 1
    assert set(heartbeats.ages()) == {"beat"}
