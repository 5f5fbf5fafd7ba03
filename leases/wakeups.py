"""Content-free wake-ups: a nudge for workers that may be lost without harm.

They are sent by a thread of their own: who is being served never waits for the broker, and wishes
for the same lane that come close together are one message. Publishing gives up after about two
seconds (broker socket timeouts) and a breaker then skips further tries for a while.
"""

import atexit
import logging
import os
import threading
import time
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

# How long no further try is made after a failed one: a broker that refuses costs little and is
# tried again soon; one that is frozen costs its socket timeouts, which few may have to wait for.
BREAKER_SECONDS, LONGEST_BREAK, BREAK_PER_SECOND_LOST = 5.0, 60.0, 30.0
_WAKEUP_EXPIRES_SECONDS = 30
_LAST_WISHES_SECONDS = 2.5  # how long a process that ends waits for what it still has to send
# Three messages a report were a quarter of the work of accepting it. Who wishes for a lane that was
# woken less than this ago waits for the rest of it, and all who wish meanwhile share one message.
_BETWEEN_EQUAL_SECONDS = 0.1
_breaker = threading.local()


def wake(task: str, lane: str) -> bool:
    """Send the wake-up `task(lane)` to the queue named like the lane; False if it was skipped."""
    if getattr(_breaker, "open_until", 0.0) > time.monotonic():
        return False
    started = time.monotonic()
    try:
        current_app.send_task(
            task,
            args=[lane],
            queue=lane,
            expires=_WAKEUP_EXPIRES_SECONDS,
            ignore_result=True,
            retry=False,
        )
    except Exception as error:  # noqa: BLE001, RUF100 - any broker fault is the same to us: the sweeper repairs it
        now = time.monotonic()
        pause = min(max(BREAK_PER_SECOND_LOST * (now - started), BREAKER_SECONDS), LONGEST_BREAK)
        _breaker.open_until = now + pause
        logger.warning("wake-up skipped, broker unreachable: %s", type(error).__name__)
        return False
    return True


def wake_after_commit(task: str, lane: str) -> None:
    """Have the wake-up sent once the surrounding transaction has committed."""
    send = _bell.ring if settings.WAKE_IN_BACKGROUND else wake
    transaction.on_commit(partial(send, task, lane), robust=True)


class _Bell:
    """Wishes of this process that wait to be sent, and the thread that sends them."""

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self._last_wishes)

    def _forget(self) -> None:
        # A child has its parent's memory and none of its threads.
        self._wishes: dict[tuple[str, str], float] = {}  # with the time they may be sent at
        self._sendable_at: dict[tuple[str, str], float] = {}
        self._is_sending = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self, task: str, lane: str) -> None:
        """Ask for a wake-up and return at once."""
        with self._changed:
            if (task, lane) in self._wishes:
                return
            self._wishes[task, lane] = self._sendable_at.get((task, lane), 0.0)
            if self._thread is None:
                self._thread = threading.Thread(target=self._send, name="wake-ups", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _send(self) -> None:
        while True:
            with self._changed:
                while (pause := self._pause()) is None or pause > 0:
                    self._changed.wait(pause)
                task, lane = self._take_first()
                self._is_sending = True
            wake(task, lane)
            with self._changed:
                self._is_sending = False
                self._changed.notify_all()

    def _pause(self) -> float | None:
        """Seconds until the first wish may be sent; None where nobody wishes for anything."""
        first = min(self._wishes.values(), default=None)
        return None if first is None else first - time.monotonic()

    def _take_first(self) -> tuple[str, str]:
        """Taken off before it is sent: who asks from now on means a later commit."""
        wish = min(self._wishes, key=lambda each: self._wishes[each])
        del self._wishes[wish]
        self._sendable_at[wish] = time.monotonic() + _BETWEEN_EQUAL_SECONDS
        return wish

    def _last_wishes(self) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: not self._wishes and not self._is_sending, _LAST_WISHES_SECONDS
            )


_bell = _Bell()
