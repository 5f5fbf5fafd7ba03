"""How many reports one sender may send, counted in PostgreSQL before anything is parsed.

Above the hourly number of the rate class a complete report is still accepted and held for a person
to look at; above five times that number the answer is 429. Anonymous senders are told apart by
their real network address: a header counts only as far as our own proxies wrote it.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest

from accounts import limits
from accounts.models import ApiClient
from accounts.peers import peer_network
from mobile_api.problems import Problem
from reports.models import Screening

HOUR = timedelta(hours=1)
HARD_FACTOR = 5
CONFIRMATIONS_AN_HOUR = 60
UPLOADS_AN_HOUR = 10  # for each that may wait at the same time

logger = logging.getLogger(__name__)


def judge_pace(request: HttpRequest, client: ApiClient | None) -> Screening:
    """Count one report of a sender and say whether it is to be held.

    Raises Problem too_many_requests. Where the counter itself cannot be written in time, the
    report goes through: limits protect against floods and must not turn citizens away.
    """
    soft: int = settings.RATE_CLASSES[client.rate_class if client else "anonymous"]
    sender = ("client", str(client.pk)) if client else ("peer", peer_network(request))
    try:
        verdict = limits.count_attempt("reports", *sender, limit=soft, window=HOUR)
        if verdict.allowed:
            return Screening.CLEAR
        hits = limits.attempts("reports", *sender, window=HOUR)
    except OperationalError as error:
        logger.warning("limit not counted: %s", type(error).__name__)
        return Screening.CLEAR
    if hits > soft * HARD_FACTOR:
        raise Problem("too_many_requests", headers={"Retry-After": str(verdict.retry_after)})
    return Screening.HELD


def slow_guessing(request: HttpRequest) -> None:
    """Count one attempt to confirm an address; raises Problem too_many_requests."""
    verdict = limits.count_attempt(
        "confirm", peer_network(request), limit=CONFIRMATIONS_AN_HOUR, window=HOUR
    )
    if not verdict.allowed:
        raise Problem("too_many_requests", headers={"Retry-After": str(verdict.retry_after)})


def judge_uploads(request: HttpRequest, client: ApiClient | None) -> None:
    """Count one upload that is begun; raises Problem too_many_uploads."""
    hourly = settings.RATE_CLASSES[client.rate_class] * settings.PHOTO_LIMIT if client else 0
    limit = max(hourly, settings.UPLOADS_OF_ONE * UPLOADS_AN_HOUR)
    try:
        verdict = limits.count_attempt(
            "uploads", sender_of(request, client), limit=limit, window=HOUR
        )
    except OperationalError as error:
        logger.warning("limit not counted: %s", type(error).__name__)
        return
    if not verdict.allowed:
        raise Problem("too_many_uploads", headers={"Retry-After": str(verdict.retry_after)})


def sender_of(request: HttpRequest, client: ApiClient | None) -> str:
    """Whose allowance a request uses: the app's, or that of its network address."""
    return f"client:{client.pk}" if client else f"peer:{peer_network(request)}"
