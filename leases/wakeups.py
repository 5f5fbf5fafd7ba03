"""Content-free wake-ups: a nudge for workers that may be lost without harm.

Publishing gives up after about two seconds (broker socket timeouts) and a breaker then skips
further tries for a while, so that a dead Redis never slows down whoever is being served.
"""

import logging
import threading
import time
from functools import partial

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

# How long no further try is made after a failed one: a broker that refuses costs little and is
# tried again soon; one that is frozen costs its socket timeouts, which few may have to wait for.
BREAKER_SECONDS, LONGEST_BREAK, BREAK_PER_SECOND_LOST = 5.0, 60.0, 30.0
_WAKEUP_EXPIRES_SECONDS = 30
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
    """Send the wake-up once the surrounding transaction has committed."""
    transaction.on_commit(partial(wake, task, lane), robust=True)
