"""The floor of any figure with Celery in it: enqueue → start of a task that does nothing.

A worker of its own on the same Redis, with the product's broker settings and a key prefix of its
own, so that nothing of the running stack is touched.
"""

import os
import subprocess
import sys
import time
from statistics import quantiles

import redis
from celery import Celery

RESULTS = "bench:empty-task"
app = Celery("bench.empty_task")
app.config_from_object("backend.celery_config")
app.conf.update(
    broker_transport_options=app.conf.broker_transport_options | {"global_keyprefix": "bench:"},
    task_queues=None,
    task_create_missing_queues=True,
    task_default_queue="bench",
    beat_schedule={},
)


def _redis() -> redis.Redis:
    return redis.Redis(unix_socket_path=os.environ["ANLIEGEN_REDIS_SOCKET"], db=0)


@app.task(name="bench.empty")
def empty(sent_at: float) -> None:
    """Note how long the message was under way, in seconds."""
    _redis().rpush(RESULTS, time.time() - sent_at)


def measure(count: int = 200) -> tuple[float, float]:
    """p50 and p95 of enqueue → start in seconds, one message at a time on an idle worker."""
    store = _redis()
    store.delete(RESULTS)
    command = [sys.executable, "-m", "celery", "-A", "bench.empty_task", "worker", "-c", "1"]
    worker = subprocess.Popen(
        [*command, "-Q", "bench", "-n", "bench@bench", "--without-gossip", "--without-mingle"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for number in range(1, count + 11):
            empty.delay(time.time())
            deadline = time.monotonic() + 30
            while store.llen(RESULTS) < number and time.monotonic() < deadline:
                time.sleep(0.001)
        times = sorted(float(value) for value in store.lrange(RESULTS, 10, -1))
    finally:
        worker.terminate()
        worker.wait(60)
        store.delete(RESULTS)
    cuts = quantiles(times, n=20)
    return cuts[9], cuts[18]
