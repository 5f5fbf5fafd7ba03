"""Workers killed without warning: nothing is lost, and doubles are rare and counted."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from deploy.local.mailsink import MailSink
from leases.models import OPEN_STATES
from notifications.models import Message
from notifications.tasks import drain
from tests.notifications.conftest import Book
from tests.processes import ROOT

WORKER = """
import django; django.setup()
from notifications.tasks import drain
print("ready", flush=True)
while True:
    drain("staff")
"""
KILLS = 4


@pytest.mark.django_db
@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_workers_lose_no_mail(book: Book, mail_sink: MailSink, seed: int) -> None:
    chance = random.Random(seed)
    owed = {book(f"k{number}").message_id for number in range(150)}
    mail_sink.set_mode("slow", delay=0.02)

    for _ in range(KILLS):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "backend.settings"},
            stdout=subprocess.PIPE,
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        threading.Event().wait(chance.uniform(0.1, 0.8))
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        worker.stdout.close()
    mail_sink.set_mode("normal")
    deadline = time.monotonic() + 40  # the leases of the dead must end first
    while Message.objects.filter(state__in=OPEN_STATES).exists() and time.monotonic() < deadline:
        drain("staff")
        threading.Event().wait(0.2)

    sent = [mail.message_id for mail in mail_sink.messages]
    assert set(sent) == owed, f"seed {seed}"
    assert len(sent) - len(owed) <= KILLS, f"seed {seed}"
    assert set(Message.objects.values_list("state", flat=True)) == {"done"}
