"""How many reports one sender may send, counted in PostgreSQL before anything is parsed.

Above the hourly number of the rate class a complete report is still accepted and held for a person
to look at; above five times that number the answer is 429. Anonymous senders are told apart by
their real network address: a header counts only as far as our own proxies wrote it.
"""

import ipaddress
import logging
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest

from accounts import limits
from accounts.models import ApiClient
from mobile_api.problems import Problem
from reports.models import Screening

HOUR = timedelta(hours=1)
HARD_FACTOR = 5
CONFIRMATIONS_AN_HOUR = 60

logger = logging.getLogger(__name__)


def judge_pace(request: HttpRequest, client: ApiClient | None) -> Screening:
    """Count one report of a sender and say whether it is to be held.

    Raises Problem too_many_requests. Where the counter itself cannot be written in time, the
    report goes through: limits protect against floods and must not turn citizens away.
    """
    soft: int = settings.RATE_CLASSES[client.rate_class if client else "anonymous"]
    sender = ("client", str(client.pk)) if client else ("peer", peer_of(request))
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
        "confirm", peer_of(request), limit=CONFIRMATIONS_AN_HOUR, window=HOUR
    )
    if not verdict.allowed:
        raise Problem("too_many_requests", headers={"Retry-After": str(verdict.retry_after)})


def peer_of(request: HttpRequest) -> str:
    """The real network address of the sender; of IPv6 the /64 that one household gets.

    With TRUSTED_PROXIES = n, the n-th address from the right in X-Forwarded-For is what the
    outermost of our proxies saw. Everything further left was written by the sender.
    """
    written = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    hops: int = settings.TRUSTED_PROXIES
    address = request.META.get("REMOTE_ADDR", "")
    if hops and len(written) >= hops:
        address = written[-hops].strip() or address
    return _network(address)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)
