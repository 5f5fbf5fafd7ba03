"""Wake-ups leave by a thread of their own: nobody waits, and the same wish twice is one message."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import Settings

from leases import wakeups
from tests.processes import ROOT, eventually

pytestmark = pytest.mark.django_db


@pytest.fixture
def slow_broker(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator["Broker"]:
    """A broker that takes the first wake-up and does not answer before it is told to."""
    settings.WAKE_IN_BACKGROUND = True
    broker = Broker()
    monkeypatch.setattr("leases.wakeups.wake", broker.take)
    yield broker
    broker.go_on.set()
    eventually(lambda: not wakeups._bell._wishes, saying="all wishes are sent")


class Broker:
    """What was sent to it, in order."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.go_on = threading.Event()

    def take(self, task: str, lane: str) -> bool:
        """Note a wake-up and keep the sender waiting."""
        self.taken.append((task, lane))
        return self.go_on.wait(30)


def ask(lane: str) -> None:
    with transaction.atomic():
        wakeups.wake_after_commit("reports.tasks.drain", lane)


def test_nobody_waits_for_the_broker_and_equal_wishes_are_one(slow_broker: Broker) -> None:
    ask("citizen")
    eventually(lambda: len(slow_broker.taken) == 1, saying="the first is on its way")

    for _report in range(20):
        ask("citizen")
        ask("staff")
    slow_broker.go_on.set()

    eventually(lambda: len(slow_broker.taken) >= 3, saying="the others followed")
    assert slow_broker.taken[0] == ("reports.tasks.drain", "citizen")
    assert sorted(slow_broker.taken[1:]) == [
        ("reports.tasks.drain", "citizen"),
        ("reports.tasks.drain", "staff"),
    ]


def test_a_wish_just_after_the_same_was_sent_is_sent_too(slow_broker: Broker) -> None:
    slow_broker.go_on.set()
    ask("citizen")
    eventually(lambda: len(slow_broker.taken) == 1, saying="the first is sent")

    ask("citizen")

    eventually(lambda: len(slow_broker.taken) == 2, saying="the second is sent")


def test_what_is_rolled_back_wakes_nobody(slow_broker: Broker) -> None:
    with transaction.atomic():
        wakeups.wake_after_commit("reports.tasks.drain", "citizen")
        transaction.set_rollback(True)
    ask("staff")

    eventually(lambda: len(slow_broker.taken) == 1, saying="the committed wish is sent")
    assert slow_broker.taken == [("reports.tasks.drain", "staff")]


def test_a_process_that_ends_sends_its_last_wishes_first() -> None:
    code = (
        "import os, django; os.environ['ANLIEGEN_WAKE_IN_BACKGROUND'] = '1'; django.setup()\n"
        "from leases import wakeups\n"
        "wakeups.wake = lambda task, lane: print('sent', lane, flush=True)\n"
        "wakeups._bell.ring('reports.tasks.drain', 'citizen')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert "sent citizen" in done.stdout, done.stderr
