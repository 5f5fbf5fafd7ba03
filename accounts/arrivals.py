"""From where something came in: what may be counted of it, before and after it is read."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest
from django.utils import timezone

from accounts.intake_limits import Limit, limits_of
from accounts.limits import Count, count_together
from accounts.models import ApiClient, Municipality
from accounts.peers import peer_neighbourhood, peer_network

HARD_FACTOR = 5
_HOUR = timedelta(hours=1)
_DEVICE_LENGTH = 200

logger = logging.getLogger(__name__)


class TooMany(Exception):
    """So many came from one sender that nothing more of it is read; seconds until it may again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Allowance:
    """How many more are read at all from where one came; of several limits the tightest."""

    limit: int
    remaining: int
    window_seconds: int
    seconds_left: int


@dataclass(frozen=True)
class Arrival:
    """From where a report came. All of it is hashed before it is counted; nothing of it is stored.

    `peer` and `network` are empty where they say nothing (a partner's server, a mailbox).
    `suspicions` are reasons of the door's own to hold the report back (`honeypot`); `work` is the
    id of a proof of work that was shown, empty without one.
    """

    peer: str = ""
    network: str = ""
    device: str = ""
    client: ApiClient | None = None
    suspicions: tuple[str, ...] = ()
    work: str = ""


def arrival_of(
    request: HttpRequest,
    *,
    client: ApiClient | None = None,
    suspicions: tuple[str, ...] = (),
    work: str = "",
) -> Arrival:
    """From where a request came. Behind a partner's token the peer is the partner's server."""
    return Arrival(
        peer="" if client else peer_network(request),
        network="" if client else peer_neighbourhood(request),
        device=request.headers.get("X-Device-Id", "").strip()[:_DEVICE_LENGTH],
        client=client,
        suspicions=suspicions,
        work=work,
    )


def knock(
    request: HttpRequest, *, client: ApiClient | None = None, town: Municipality | None = None
) -> Allowance | None:
    """Count one report of a sender before a byte of it is read; raises TooMany if that is too much.

    Returns what is left, None where nothing is known. One statement. Where it cannot be counted
    in time the report goes through: limits protect against floods and must not turn citizens away.
    """
    limits = _hard_limits(client, town)
    sender = arrival_of(request, client=client)
    names = (
        {"client": str(client.pk)} if client else {"peer": sender.peer, "network": sender.network}
    )
    keys = {f"knock:{scope}": (what, limits[scope].window) for scope, what in names.items()}
    try:
        counts = count_together(keys, now=timezone.now())
    except OperationalError as error:
        logger.warning("limit not counted: %s", type(error).__name__)
        return None
    waits = [
        count.retry_after
        for name, count in counts.items()
        if _is_above(limits[name.partition(":")[2]], count.hits)
    ]
    if waits:
        raise TooMany(max(waits))
    left = [_left(limits[name.partition(":")[2]], count) for name, count in counts.items()]
    return min(filter(None, left), key=lambda each: each.remaining, default=None)


def _left(limit: Limit, count: Count) -> Allowance | None:
    if limit.hard is None:
        return None
    window = int(limit.window.total_seconds())
    return Allowance(limit.hard, max(limit.hard - count.hits, 0), window, count.retry_after)


def _hard_limits(client: ApiClient | None, town: Municipality | None) -> dict[str, Limit]:
    if client is None:
        return limits_of(town)
    soft: int = settings.RATE_CLASSES[client.rate_class]
    return {"client": Limit(soft, soft * HARD_FACTOR, _HOUR)}


def _is_above(limit: Limit, hits: int) -> bool:
    return limit.hard is not None and hits > limit.hard
