"""What a supervisor can rely on: who works shows signs of life, who only seems to, does not."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from backend.celery import app
from deploy.local.mailsink import MailSink
from leases import heartbeats
from reports.actions.submit import Receipt
from reports.models import Report
from tests.people import Town
from tests.processes import Worker, eventually

pytestmark = [pytest.mark.django_db, pytest.mark.workers]
NAME = "worker:watched@test"


@pytest.fixture
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANLIEGEN_IDLE_CONSUMER_SECONDS", "2")


@pytest.fixture
def watched(db: None, mail_sink: MailSink, _short_patience: None) -> Iterator[Worker]:
    """A worker that must not leave messages lying for more than two seconds."""
    worker = Worker("watched")
    worker.start()
    worker.wait_until_alive()
    yield worker
    worker.kill()
    worker.log.unlink()


def age() -> float:
    return heartbeats.ages()[NAME]


def test_a_worker_that_stops_listening_shows_no_more_signs_of_life(
    heilbronn: Town, report: Callable[..., Receipt], watched: Worker
) -> None:
    receipt = report(heilbronn, routed=False)
    eventually(lambda: Report.objects.filter(office__isnull=False).exists(), saying="routed")
    eventually(lambda: age() < 3, within=40, saying="alive")

    app.control.cancel_consumer("citizen", destination=["watched@test"], reply=True, timeout=5)
    report(heilbronn, routed=False)

    eventually(lambda: age() > 4, within=60, saying="no more signs of life")
    assert "this worker takes none" in watched.log.read_text()

    app.control.add_consumer("citizen", destination=["watched@test"], reply=True, timeout=5)
    eventually(lambda: age() < 2, within=40, saying="alive again")
    eventually(lambda: not Report.objects.filter(office=None).exists(), saying="all routed")
    assert receipt.number


def test_an_idle_worker_is_no_dead_worker(heilbronn: Town, watched: Worker) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seen_at FROM leases_heartbeat WHERE name = %s", [NAME])
        (first,) = cursor.fetchone()

    def seen_five_seconds_later() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seen_at > %s::timestamptz + interval '5 seconds'"
                " FROM leases_heartbeat WHERE name = %s",
                [first, NAME],
            )
            return bool(cursor.fetchone()[0])

    eventually(seen_five_seconds_later, within=40, saying="the heart still beats")
