"""Atomic counters against abuse, kept in PostgreSQL.

The key (address, account, …) is hashed with the server key before it is stored: addresses are no
application data. Windows are fixed; one UPSERT counts and answers.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.models import RateCounter

_COUNT = """
    INSERT INTO accounts_ratecounter (key_hash, window_start, hits)
    VALUES (%(key)s, %(window)s, 1)
    ON CONFLICT (key_hash, window_start) DO UPDATE SET hits = accounts_ratecounter.hits + 1
    RETURNING hits
"""


_TAKE_TURN = """
    INSERT INTO accounts_ratecounter (key_hash, window_start, hits)
    SELECT %(key)s, turn, 1
    FROM generate_series(%(first)s::timestamptz, %(last)s::timestamptz, %(every)s) AS turn
    WHERE NOT EXISTS (SELECT FROM accounts_ratecounter
                      WHERE key_hash = %(key)s AND window_start = turn)
    ORDER BY turn LIMIT 1
    ON CONFLICT (key_hash, window_start) DO NOTHING
    RETURNING window_start
"""
_RACES = 20  # how often somebody else may be faster


@dataclass(frozen=True)
class Verdict:
    """Whether one more attempt is within the limit, and if not, seconds until the next window."""

    allowed: bool
    retry_after: int


def count_attempt(*parts: str, limit: int, window: timedelta) -> Verdict:
    """Count one attempt under the key made of `parts` and judge it against `limit` per window."""
    now = timezone.now()
    start = _window_start(now, window)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": _hashed(parts), "window": start})
        hits: int = cursor.fetchone()[0]
    retry_after = int((start + window - now).total_seconds()) + 1
    return Verdict(allowed=hits <= limit, retry_after=retry_after)


def attempts(*parts: str, window: timedelta) -> int:
    """Attempts counted so far in the current window, without adding one."""
    row = RateCounter.objects.filter(
        key_hash=_hashed(parts), window_start=_window_start(timezone.now(), window)
    ).first()
    return row.hits if row else 0


def take_turn(*parts: str, every: timedelta, within: timedelta) -> datetime | None:
    """Take the next free turn of a key: one per `every`, at most `within` ahead; None if all are.

    Returns when the turn begins, which lies in the past where nobody waits.
    """
    first = _window_start(timezone.now(), every)
    turns: dict[str, Any] = {
        "key": _hashed(parts),
        "first": first,
        "last": first + within,
        "every": every,
    }
    for _try in range(_RACES):
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_TURN, turns)
            row: tuple[datetime] | None = cursor.fetchone()
        if row is not None:
            return row[0]
    return None


def take_back(*parts: str, window: timedelta) -> None:
    """Take back one attempt of the current window that turned out to be no abuse."""
    RateCounter.objects.filter(
        key_hash=_hashed(parts), window_start=_window_start(timezone.now(), window), hits__gt=0
    ).update(hits=F("hits") - 1)


def forget(*parts: str) -> None:
    """Drop what was counted under a key, e.g. after a successful login."""
    RateCounter.objects.filter(key_hash=_hashed(parts)).delete()


def forget_old_windows(before: datetime) -> int:
    """Delete counters of windows that began before a time; returns how many."""
    deleted, _ = RateCounter.objects.filter(window_start__lt=before).delete()
    return deleted


def _window_start(now: datetime, window: timedelta) -> datetime:
    seconds = int(window.total_seconds())
    epoch = int(now.timestamp())
    return datetime.fromtimestamp(epoch - epoch % seconds, tz=now.tzinfo)


def _hashed(parts: tuple[str, ...]) -> str:
    message = "\x1f".join(parts).encode()
    return hmac.new(settings.RECEIPT_KEY, b"rate:" + message, hashlib.sha256).hexdigest()
