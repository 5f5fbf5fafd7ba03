"""Atomic counters against abuse, kept in PostgreSQL.

The key (address, account, …) is hashed with the server key before it is stored: addresses are no
application data. Windows are fixed; one UPSERT counts and answers.

What is counted for every report (`count_together`) is salted besides with a random value of the
day that is forgotten two days later, and its commit does not wait for the disk: a crash of the
database may cost the counts of the last moment, never a report.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.models import DailySalt, RateCounter

_COUNT = """
    INSERT INTO accounts_ratecounter (key_hash, window_start, hits)
    VALUES (%(key)s, %(window)s, 1)
    ON CONFLICT (key_hash, window_start) DO UPDATE SET hits = accounts_ratecounter.hits + 1
    RETURNING hits
"""

# Every key in one statement, in one order, so that two of them cannot deadlock. An empty answer
# means that the day has no salt yet. Half of what it takes is planning: every part of it counts.
_COUNT_TOGETHER = """
    WITH quick AS (SELECT set_config('synchronous_commit',
        coalesce(%(commit)s, current_setting('synchronous_commit')), true)),
    wanted AS MATERIALIZED (
        SELECT one.ordinality AS place, one.starts,
               encode(sha256(salt.salt || convert_to(one.hash, 'UTF8')), 'hex') AS key_hash
        FROM quick, accounts_dailysalt AS salt,
            unnest(%(hashes)s::text[], %(starts)s::timestamptz[])
            WITH ORDINALITY AS one (hash, starts, ordinality)
        WHERE salt.day = %(day)s
    ),
    counted AS (
        INSERT INTO accounts_ratecounter (key_hash, window_start, hits)
        SELECT key_hash, starts, 1 FROM wanted ORDER BY key_hash
        ON CONFLICT (key_hash, window_start) DO UPDATE SET hits = accounts_ratecounter.hits + 1
        RETURNING key_hash, hits
    )
    SELECT key_hash, hits FROM wanted JOIN counted USING (key_hash) ORDER BY place
"""
_MAKE_SALT = """
    INSERT INTO accounts_dailysalt (day, salt) VALUES (%s, %s) ON CONFLICT (day) DO NOTHING
"""
_READ_TOGETHER = """
    SELECT one.ordinality, counter.hits
    FROM accounts_dailysalt AS salt, unnest(%(hashes)s::text[], %(starts)s::timestamptz[])
        WITH ORDINALITY AS one (hash, starts, ordinality)
    JOIN accounts_ratecounter AS counter ON counter.window_start = one.starts
    WHERE salt.day = %(day)s
      AND counter.key_hash = encode(sha256(salt.salt || convert_to(one.hash, 'UTF8')), 'hex')
"""


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
    return Verdict(allowed=hits <= limit, retry_after=_seconds_left(now, window))


def attempts(*parts: str, window: timedelta) -> int:
    """Attempts counted so far in the current window, without adding one."""
    row = RateCounter.objects.filter(
        key_hash=_hashed(parts), window_start=_window_start(timezone.now(), window)
    ).first()
    return row.hits if row else 0


@dataclass(frozen=True)
class Count:
    """How often a key was counted in its window, and the salted hash it is kept under."""

    hits: int
    key_hash: str
    retry_after: int


Key = tuple[str, timedelta]


def count_together(keys: Mapping[str, Key], *, now: datetime) -> dict[str, Count]:
    """Count one attempt under each key (what, window), by name; one statement, three for the first
    of a day.

    Windows divide a day. Outside of a transaction the commit does not wait for the disk; inside
    of one its commit stays as it is.
    """
    commit = None if connection.in_atomic_block else "off"
    asked = _asked(keys, now) | {"commit": commit}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_TOGETHER, asked)
        rows: list[tuple[str, int]] = cursor.fetchall()
        if keys and not rows:
            cursor.execute(_MAKE_SALT, [asked["day"], secrets.token_bytes(32)])
            cursor.execute(_COUNT_TOGETHER, asked)
            rows = cursor.fetchall()
    waits = [_seconds_left(now, window) for _what, window in keys.values()]
    return {
        name: Count(hits, key_hash, wait)
        for name, (key_hash, hits), wait in zip(keys, rows, waits, strict=False)
    }


def read_together(keys: Mapping[str, Key], *, now: datetime) -> dict[str, int]:
    """How often each key was counted in the current window, without counting; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_READ_TOGETHER, _asked(keys, now))
        found: dict[int, int] = dict(cursor.fetchall())
    return {name: found.get(place, 0) for place, name in enumerate(keys, start=1)}


def _asked(keys: Mapping[str, Key], now: datetime) -> dict[str, Any]:
    return {
        "day": now.astimezone(UTC).date(),
        "hashes": [_hashed((name, what)) for name, (what, _window) in keys.items()],
        "starts": [_window_start(now, window) for _what, window in keys.values()],
    }


def _seconds_left(now: datetime, window: timedelta) -> int:
    return int((_window_start(now, window) + window - now).total_seconds()) + 1


def take_back(*parts: str, window: timedelta) -> None:
    """Take back one attempt of the current window that turned out to be no abuse."""
    RateCounter.objects.filter(
        key_hash=_hashed(parts), window_start=_window_start(timezone.now(), window), hits__gt=0
    ).update(hits=F("hits") - 1)


def forget(*parts: str) -> None:
    """Drop what was counted under a key, e.g. after a successful login."""
    RateCounter.objects.filter(key_hash=_hashed(parts)).delete()


def forget_old_windows(before: datetime) -> int:
    """Delete counters of windows that began before a time, and salts; returns how many counters."""
    DailySalt.objects.filter(day__lt=before.astimezone(UTC).date()).delete()
    deleted, _ = RateCounter.objects.filter(window_start__lt=before).delete()
    return deleted


def _window_start(now: datetime, window: timedelta) -> datetime:
    seconds = int(window.total_seconds())
    epoch = int(now.timestamp())
    return datetime.fromtimestamp(epoch - epoch % seconds, tz=now.tzinfo)


def _hashed(parts: tuple[str, ...]) -> str:
    message = "\x1f".join(parts).encode()
    return hmac.digest(settings.RECEIPT_KEY, b"rate:" + message, "sha256").hex()
