"""The weekly search. Its message carries nothing."""

import logging
from typing import Any

from celery import shared_task
from django.conf import settings

from accounts.models import Municipality
from leakcheck.check import check_leaks

CHECK_SECONDS = 6 * 3600

logger = logging.getLogger(__name__)


@shared_task(name="leakcheck.tasks.look", time_limit=CHECK_SECONDS)
def look(*_args: Any, **_kwargs: Any) -> None:
    """Search everything public of every live town; rows and an alarm tell the outcome."""
    check_leaks(list(Municipality.objects.filter(is_live=True)), logs=settings.LEAK_CHECK_LOGS)
