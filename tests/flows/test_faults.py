"""kill -9 of workers and a wiped Redis while reports come in: nothing is lost, nothing left open.

Short leases (tests/environment.py) make a minute of recovery take seconds.
"""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import redis
from django.db import connection

from leases.models import WorkState
from reports.models import Effect, Report
from tests.processes import Worker, eventually

pytestmark = [pytest.mark.django_db, pytest.mark.faults]

REPORTS = 200


def _post(base: str, number: int) -> str:
    """Send one report, retrying with the same key as a phone would; returns its number."""
    body = {
        "municipality": "heilbronn",
        "category": "gruen.baum" if number % 2 else "strasse.schlagloch",
        "lon": 9.15 + number / 10_000,
        "lat": 49.14,
        "place_chosen_by": "gps",
        "description": f"Meldung Nummer {number}",
        "email": f"person{number}@buerger.example",
    }
    # Loopback needs no certificates; reading the system's took longer than sending the report.
    with httpx.Client(base_url=base, timeout=20, verify=False) as client:
        for _attempt in range(5):
            answer = client.post(
                "/api/v1/reports",
                json=body,
                headers={"Idempotency-Key": f"fault-test-report-{number:06d}"},
            )
            if answer.status_code == 201:
                return str(answer.json()["number"])
    raise AssertionError(answer.text)


def _flush_redis() -> None:
    client = redis.Redis(
        unix_socket_path=os.environ["ANLIEGEN_REDIS_SOCKET"],
        db=int(os.environ["ANLIEGEN_REDIS_DB"]),
    )
    client.flushall()


def test_nothing_is_lost_when_workers_die_and_redis_is_wiped(
    heilbronn, web, mail_sink, start_worker
):
    worker = start_worker("doomed")
    worker.wait_until_alive()
    with ThreadPoolExecutor(8) as pool:
        accepted = []
        for batch in range(5):
            wave = [pool.submit(_post, web, batch * 40 + number) for number in range(REPORTS // 5)]
            worker.keep_up()
            if batch % 2 == 0:
                worker.wait_until_alive()
                for child in worker.children():
                    os.kill(child, signal.SIGKILL)
            if batch == 1:
                worker.kill()
                worker = start_worker("second")
            if batch == 3:
                _flush_redis()
            accepted += [answer.result() for answer in wave]

    assert len(set(accepted)) == REPORTS
    assert set(Report.objects.values_list("number", flat=True)) == set(accepted)
    _eventually_beside(
        worker,
        lambda: not Report.objects.filter(office__isnull=True).exists(),
        within=150,
        saying="every report has an office",
    )
    _eventually_beside(
        worker,
        lambda: not Effect.objects.exclude(state=WorkState.DONE).exists(),
        within=60,
        saying="every effect is done",
    )
    _every_message_ended(worker)
    worker.kill()
    received = [mail.to[0] for mail in mail_sink.messages if "buerger.example" in mail.to[0]]
    assert set(received) == {f"person{number}@buerger.example" for number in range(REPORTS)}
    doubles = len(received) - len(set(received))
    killed = 4  # three rounds of children and one worker: at most one mail in flight for each
    assert doubles <= killed * 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_timeline_broken()")
        assert cursor.fetchone() == (0,)


def _eventually_beside(
    worker: Worker, look: Callable[[], bool], *, within: float, saying: str
) -> None:
    """Wait for what is owed while a supervisor stands by.

    A worker whose children are all killed before it listens ends itself ("Could not start worker
    processes"); whoever runs one starts it again.
    """

    def look_after_it() -> bool:
        worker.keep_up()
        return look()

    eventually(look_after_it, within=within, saying=saying)


def _every_message_ended(worker: Worker) -> None:
    def open_messages() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM notifications_message"
                " WHERE state NOT IN ('done', 'uncertain', 'dead', 'cancelled')"
            )
            return int(cursor.fetchone()[0])

    _eventually_beside(
        worker, lambda: open_messages() == 0, within=60, saying="every message ended"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, last_error FROM notifications_message WHERE state <> 'done'")
        listed = cursor.fetchall()
    # Rows that are deliberately uncertain are listed, not hidden; none may be dead.
    assert [row for row in listed if "dead" in row[1]] == [], listed
