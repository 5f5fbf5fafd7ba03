"""The same key with the same body is the same wish, however often it is sent."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from leases.statements import Answer, Statement, ask, send
from reports.models import IdempotencyRecord, Report

CLOCK_MARGIN = timedelta(seconds=30)


_RUN_OUT = """
    DELETE FROM reports_idempotencyrecord WHERE endpoint = %s AND key_hash = %s
    AND created_at < clock_timestamp() - make_interval(secs => %s)
"""
_RESERVE = """
    INSERT INTO reports_idempotencyrecord (endpoint, key_hash, fingerprint, outcome, created_at)
    VALUES (%s, %s, %s, '{}', clock_timestamp()) ON CONFLICT (endpoint, key_hash) DO NOTHING
"""
_REMEMBER = """
    UPDATE reports_idempotencyrecord SET report_id = %s, outcome = %s::jsonb
    WHERE endpoint = %s AND key_hash = %s
"""


class KeyReused(Exception):
    """The idempotency key was used before with another body."""


@dataclass(frozen=True)
class Idempotency:
    """A client's key for one endpoint; `scope` separates clients from each other."""

    endpoint: str
    key: str
    scope: str = ""
    # Of a key that was made from the content: for how long the same content is the same wish.
    # What else was sent with it may differ then, as the second of two tries is the same wish too.
    lasts: timedelta | None = None


@dataclass(frozen=True)
class HashedKey:
    """A key as it is stored: never the client's own words."""

    endpoint: str
    key_hash: str
    fingerprint: str
    lasts: timedelta | None = None


def hashed_key(
    idempotency: Idempotency | None, body: Mapping[str, Any], files: Sequence[BinaryIO] = ()
) -> HashedKey | None:
    """The key with the fingerprint of what was sent with it, files included; None without key."""
    if idempotency is None:
        return None
    scoped = f"{idempotency.scope}\x1f{idempotency.key}".encode()
    words = json.dumps(body, sort_keys=True, default=str).encode()
    fingerprint = hashlib.sha256(words)
    for file in files:
        file.seek(0)
        fingerprint.update(hashlib.file_digest(file, "sha256").digest())  # type: ignore[arg-type]
    return HashedKey(
        idempotency.endpoint,
        hmac.new(settings.RECEIPT_KEY, scoped, hashlib.sha256).hexdigest(),
        fingerprint.hexdigest() if idempotency.lasts is None else "",
        idempotency.lasts,
    )


class TwinWasFirst(Exception):
    """The same key was used by a request that has committed by now."""


def reserve(key: HashedKey | None) -> None:
    """Take the key inside the transaction; waits for a twin in flight. Raises TwinWasFirst."""
    if key is not None:
        check_reserved(ask(reserving(key)))


def reserving(key: HashedKey | None) -> list[Statement]:
    """The same as statements to be asked with others, for `check_reserved`; none without a key."""
    if key is None:
        return []
    taken = Statement(_RESERVE, [key.endpoint, key.key_hash, key.fingerprint])
    if key.lasts is None:
        return [taken]
    return [Statement(_RUN_OUT, [key.endpoint, key.key_hash, key.lasts.total_seconds()]), taken]


def check_reserved(answers: Sequence[Answer]) -> None:
    """Raises TwinWasFirst where the last of the answers to `reserving` took no key."""
    if answers and answers[-1].touched == 0:
        raise TwinWasFirst


def remember(key: HashedKey | None, report: Report, outcome: Mapping[str, Any]) -> None:
    """Write down what the key has made, to be answered again."""
    send(remembering(key, report, outcome))


def remembering(
    key: HashedKey | None, report: Report, outcome: Mapping[str, Any]
) -> list[Statement]:
    """The same as a statement to be sent with others; nothing without a key."""
    if key is None:
        return []
    words = json.dumps(outcome, ensure_ascii=False)
    return [Statement(_REMEMBER, [report.pk, words, key.endpoint, key.key_hash])]


def was_used(idempotency: Idempotency) -> bool:
    """Whether a key has made a report, whatever was sent with it. One query."""
    key = hashed_key(idempotency, {})
    assert key is not None  # noqa: S101 - there is an idempotency
    return IdempotencyRecord.objects.filter(endpoint=key.endpoint, key_hash=key.key_hash).exists()


def earlier_outcome(key: HashedKey | None) -> IdempotencyRecord | None:
    """What the key made before, or None. Raises KeyReused."""
    if key is None or not _is_known(key):  # a bare look, as nearly every key is new
        return None
    row = (
        IdempotencyRecord.objects.select_related(
            "report__municipality", "report__category", "report__office"
        )
        .defer("report__municipality__coverage", "report__municipality__pages")
        .filter(endpoint=key.endpoint, key_hash=key.key_hash, **_still(key))
        .first()
    )
    if row is not None and row.fingerprint != key.fingerprint:
        raise KeyReused
    return row


def _still(key: HashedKey) -> dict[str, Any]:
    # By the database's clock, and a little longer than `reserve` lets a key live: whoever found
    # somebody else there first finds here what it was.
    return {} if key.lasts is None else {"created_at__gte": Now() - (key.lasts + CLOCK_MARGIN)}


def _is_known(key: HashedKey) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM reports_idempotencyrecord WHERE endpoint = %s AND key_hash = %s",
            [key.endpoint, key.key_hash],
        )
        return bool(cursor.rowcount)
