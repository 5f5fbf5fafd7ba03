"""Notices a worker that lives but no longer takes messages from its queues.

After a broken connection a consumer may go on without listening (celery issues 8030, 8091). Its
process answers, its heartbeat thread runs, and nothing gets done. Then it shows no more signs of
life, so that the supervisor starts it again.
"""

import logging
import time
from typing import Any

from celery.worker import state

logger = logging.getLogger(__name__)


class ConsumerWatch:
    """Compares what waits in the worker's queues with what it takes."""

    def __init__(self, app: Any, *, patience: float) -> None:
        self.app, self.patience = app, patience
        self.queues = tuple(app.amqp.queues.consume_from)
        self._taken = -1
        self._in_vain_since: float | None = None

    def is_listening(self) -> bool:
        """False once messages have waited for `patience` seconds beside an idle worker."""
        taken = sum(state.total_count.values())
        if state.active_requests or taken != self._taken or not self._messages_wait():
            self._taken, self._in_vain_since = taken, None
            return True
        if self._in_vain_since is None:
            self._in_vain_since = time.monotonic()
        return time.monotonic() - self._in_vain_since < self.patience

    def _messages_wait(self) -> bool:
        try:
            with self.app.connection_for_read() as broker:
                return any(broker.default_channel._size(queue) for queue in self.queues)
        except Exception:  # noqa: BLE001, RUF100 - while the broker is away nobody can listen
            return False
