"""A second path to due work inside each worker: a heartbeat and a sweep every few seconds.

Should beat be dead or Redis have been wiped, workers still find what is owed; and a supervisor
can see by the heartbeat whether a worker is alive.
"""

import logging
import threading
from typing import Any

from celery import bootsteps
from django.conf import settings
from django.db import close_old_connections, connections

from backend.consumer_watch import ConsumerWatch

logger = logging.getLogger(__name__)


class DueWorkLoop(bootsteps.StartStopStep):
    """Thread of the worker's main process; ends with the worker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self.ended = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self, worker: Any) -> None:
        """Begin the loop once the pool is up."""
        self.thread = threading.Thread(
            target=self._run, args=[worker], daemon=True, name="due-work"
        )
        self.thread.start()

    def stop(self, worker: Any) -> None:
        """End the loop with the worker."""
        self.ended.set()

    def terminate(self, worker: Any) -> None:
        """End the loop when the worker is cut short."""
        self.ended.set()

    def _run(self, worker: Any) -> None:
        # Imported late: Django's apps are loaded only once the worker has been set up.
        from leases import heartbeats  # noqa: PLC0415
        from reports.tasks import sweep  # noqa: PLC0415

        watch = ConsumerWatch(worker.app, patience=settings.IDLE_CONSUMER_SECONDS)
        while True:
            try:
                close_old_connections()
                if watch.is_listening():
                    heartbeats.beat(f"worker:{worker.hostname}")
                else:
                    logger.error("messages wait and this worker takes none")
                sweep()
            except Exception as error:  # noqa: BLE001, RUF100 - one failed turn must not end the loop
                logger.warning("sweep skipped: %s", type(error).__name__)
            finally:
                # Children are forked from this process; they must not inherit an open connection.
                connections.close_all()
            if self.ended.wait(settings.SWEEP_SECONDS):
                return
