"""The Celery application. Messages are wake-ups without content; rows are the truth."""

import os

from celery import Celery

from backend.worker_loop import DueWorkLoop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

app = Celery("anliegen")
app.config_from_object("backend.celery_config")
app.autodiscover_tasks(["reports", "notifications", "postbox", "opendata", "figures", "leakcheck"])
app.steps["worker"].add(DueWorkLoop)
