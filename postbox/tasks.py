"""Celery task: look into the mailboxes. A wake-up that is lost costs one turn."""

from typing import Any

from celery import shared_task

from postbox.turns import fetch_all


@shared_task(name="postbox.tasks.fetch", time_limit=600)
def fetch(*_args: Any, **_kwargs: Any) -> None:
    """Take in what has come by e-mail since the last turn."""
    fetch_all()
