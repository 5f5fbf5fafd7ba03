"""How many reports one sender may send, counted in PostgreSQL before anything is parsed.

Far above what is usual the answer is 429 before a byte is read; below that every complete report
is accepted, and `reports.screening` judges whether a person looks at it first. Anonymous senders
are told apart by their real network address: a header counts only as far as our own proxies wrote
it.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.arrivals import Allowance, Arrival, TooMany, arrival_of, knock
from accounts.models import ApiClient
from accounts.peers import peer_network
from accounts.towns import host_town
from mobile_api.problems import Problem

HOUR = timedelta(hours=1)
CONFIRMATIONS_AN_HOUR = 60
SEARCHES_WITHIN = timedelta(minutes=10)
UPLOADS_AN_HOUR = 10  # for each that may wait at the same time

logger = logging.getLogger(__name__)


def judge_pace(request: HttpRequest, client: ApiClient | None) -> Arrival:
    """Count one report before it is read, and say from where it comes.

    Notes on the request what is left, for the answer's headers. Raises Problem too_many_requests
    above the hard limit.
    """
    try:
        allowance = knock(request, client=client, town=host_town(request))
    except TooMany as refused:
        headers = {
            "Retry-After": str(refused.retry_after),
            "RateLimit": f'"reports";r=0;t={refused.retry_after}',
        }
        raise Problem("too_many_requests", headers=headers) from None
    if allowance is not None:
        request.rate_limit = rate_limit_headers(allowance)  # type: ignore[attr-defined]
    return arrival_of(request, client=client)


def rate_limit_headers(allowance: Allowance) -> dict[str, str]:
    """What is left of the hard limit (draft-ietf-httpapi-ratelimit-headers-10)."""
    return {
        "RateLimit-Policy": f'"reports";q={allowance.limit};w={allowance.window_seconds}',
        "RateLimit": f'"reports";r={allowance.remaining};t={allowance.seconds_left}',
    }


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


def judge_searches(request: HttpRequest) -> None:
    """Count one search for a place; raises Problem too_many_requests.

    Nothing of what was searched goes into the counter. Where it cannot be written in time the
    search goes on: without one's street nobody should have to stop reporting.
    """
    try:
        verdict = limits.count_attempt(
            "places", peer_network(request), limit=settings.PLACE_SEARCHES, window=SEARCHES_WITHIN
        )
    except OperationalError as error:
        logger.warning("limit not counted: %s", type(error).__name__)
        return
    if not verdict.allowed:
        raise Problem(
            "too_many_requests",
            _("Von diesem Anschluss wurde sehr oft nach Orten gesucht. Bitte warten Sie kurz."),
            headers={"Retry-After": str(verdict.retry_after)},
        )


def judge_suggestions(request: HttpRequest) -> None:
    """Count one question for fitting categories; raises Problem too_many_requests."""
    verdict = limits.count_attempt(
        "suggestions", peer_network(request), limit=settings.SUGGESTIONS, window=SEARCHES_WITHIN
    )
    if not verdict.allowed:
        raise Problem("too_many_requests", headers={"Retry-After": str(verdict.retry_after)})


def sender_of(request: HttpRequest, client: ApiClient | None) -> str:
    """Whose allowance a request uses: the app's, or that of its network address."""
    return f"client:{client.pk}" if client else f"peer:{peer_network(request)}"
