"""Celery tasks of the open data: regular turns that look what is due. They carry nothing."""

import logging
from typing import Any

from celery import shared_task
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from accounts.models import Municipality
from opendata.archive import keep_archive
from opendata.package_file import forget_stale
from opendata.subscriptions import deliver_due

ARCHIVE_SECONDS = 2 * 3600

logger = logging.getLogger(__name__)


@shared_task(name="opendata.tasks.deliver")
def deliver(*_args: Any, **_kwargs: Any) -> None:
    """Tell subscribers what is new; take files away that show what it was."""
    try:
        deliver_due()
        for town in _towns():
            forget_stale(town.slug)
    except (DatabaseError, InterfaceError) as error:  # rows come back when their lease ends
        logger.warning("deliveries stopped, database away: %s", type(error).__name__)


@shared_task(name="opendata.tasks.archive", time_limit=ARCHIVE_SECONDS)
def archive(*_args: Any, **_kwargs: Any) -> None:
    """Keep the daily copies of every town; one town's fault keeps no other from its copy."""
    for town in _towns():
        try:
            keep_archive(town, now=timezone.now())
        except Exception:
            logger.exception("daily copy failed", extra={"town": town.slug})


def _towns() -> list[Municipality]:
    return list(Municipality.objects.filter(is_live=True).defer("coverage", "pages"))
