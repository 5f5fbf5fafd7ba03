"""The one claim-and-lease implementation, used for effects and for messages alike.

    with no transaction open:
        for claim in claim_due(Effect, lane, limit=10, lease=60):
            ... do the outside work ...
            settle(Effect, claim, Outcome.done())

All times come from the database's clock, so a worker with a wrong clock does no harm.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models.functions import Now

from leases.models import Lane, LeasedRow, WorkState

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """A row leased to this worker: its id, which attempt this is, and when the lease ends (UTC)."""

    pk: int
    attempt: int
    lease_until: datetime
    was: str
    lease_seconds: float


@dataclass(frozen=True)
class Outcome:
    """What became of a claim. `retry_in` is in seconds and only meaningful for an open state."""

    state: WorkState
    retry_in: float = 0.0
    error: str = ""

    @classmethod
    def done(cls) -> "Outcome":
        return cls(WorkState.DONE)

    @classmethod
    def cancelled(cls, why: str) -> "Outcome":
        return cls(WorkState.CANCELLED, error=why)

    @classmethod
    def dead(cls, error: str) -> "Outcome":
        return cls(WorkState.DEAD, error=error)

    @classmethod
    def retry(cls, seconds: float, error: str) -> "Outcome":
        return cls(WorkState.PENDING, retry_in=seconds, error=error)

    @classmethod
    def uncertain(cls, seconds: float, error: str) -> "Outcome":
        return cls(WorkState.UNCERTAIN, retry_in=seconds, error=error)


# A row is due when its time has come and nobody holds a live lease on it. Open states are spelt
# out so that the planner can use the partial index on them; statement_timestamp() is stable within
# the statement, so the index also ends the search at the first row that lies in the future.
_DUE = """
    state IN ('pending', 'leased', 'uncertain')
    AND next_at <= statement_timestamp()
    AND (lease_until IS NULL OR lease_until <= statement_timestamp())
"""

# A row whose lease ran out may have killed the process that held it. It is claimed as the only
# one of its kind, so that whatever dies again takes no other such row with it and their attempts
# count their own failures.
_CLAIM = """
    WITH due AS (
        SELECT id, state AS was FROM {table}
        WHERE lane = %(lane)s AND {due} {only}
        ORDER BY next_at, id
        LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    ), fit AS (
        SELECT id, was FROM due
        WHERE was <> 'leased' OR id = (SELECT min(id) FROM due WHERE was = 'leased')
    )
    UPDATE {table} AS row
    SET state = 'leased',
        attempts = least(row.attempts + 1, 32767),
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s),
        next_at = clock_timestamp() + make_interval(secs => %(lease)s)
    FROM fit WHERE row.id = fit.id
    RETURNING row.id, row.attempts, row.lease_until, fit.was
"""

_SETTLE = """
    UPDATE {table}
    SET state = %(state)s, lease_until = NULL, last_error = %(error)s,
        next_at = clock_timestamp() + make_interval(secs => %(retry_in)s),
        settled_at = CASE WHEN %(final)s THEN clock_timestamp() END
    WHERE id = %(pk)s AND state = 'leased' AND attempts = %(attempt)s
"""

FINAL_STATES = (WorkState.DONE, WorkState.DEAD, WorkState.CANCELLED)


def claim_due(
    model: type[LeasedRow], lane: str, *, limit: int, lease: float, channel: str | None = None
) -> list[Claim]:
    """Lease up to `limit` due rows of a lane for `lease` seconds and commit at once.

    `channel` limits it to rows that travel one way, for tables with such a column. Claiming
    already moves `next_at` to the end of the lease, so a process that dies cannot make its row
    loop hot. A row that was left by such a process comes last in the list.
    """
    only = "AND channel = %(channel)s" if channel else ""
    sql = _CLAIM.format(table=_table(model), due=_DUE, only=only)
    values: dict[str, str | float | None] = {
        "lane": lane,
        "limit": limit,
        "lease": lease,
        "channel": channel,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    claims = [
        Claim(pk=pk, attempt=attempt, lease_until=until, was=was, lease_seconds=lease)
        for pk, attempt, until, was in rows
    ]
    return sorted(claims, key=lambda claim: (claim.was == WorkState.LEASED, claim.pk))


def settle(model: type[LeasedRow], claim: Claim, outcome: Outcome) -> bool:
    """Record the outcome of a claim; False if a newer attempt has taken the row over.

    The outcome is kept and written again, reconnecting, until the lease ends: a database that
    dies between "sent" and "recorded" must not send a second mail.
    """
    started = time.monotonic()
    while True:
        try:
            return settle_once(model, claim, outcome)
        except (DatabaseError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() - started > claim.lease_seconds:
                raise
            logger.warning("settling again after a database error", extra={"row": claim.pk})
            connection.close()
            time.sleep(0.2)


def settle_once(model: type[LeasedRow], claim: Claim, outcome: Outcome) -> bool:
    """Record the outcome inside the caller's transaction; False if the lease was taken over."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE.format(table=_table(model)),
            {
                "pk": claim.pk,
                "attempt": claim.attempt,
                "state": outcome.state.value,
                "retry_in": outcome.retry_in,
                "error": outcome.error[:200],
                "final": outcome.state in FINAL_STATES,
            },
        )
        return bool(cursor.rowcount == 1)


def revive(model: type[LeasedRow], pks: Iterable[int]) -> int:
    """Give dead rows all their attempts again, once their cause is gone; returns how many."""
    return model._default_manager.filter(pk__in=list(pks), state=WorkState.DEAD).update(
        state=WorkState.PENDING, attempts=0, next_at=Now(), settled_at=None
    )


def database_time() -> datetime:
    """The time now (UTC) by the clock that `not_before` and leases are judged by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def lanes_with_due_rows(models: Iterable[type[LeasedRow]]) -> dict[str, int]:
    """Number of due rows (capped at 1,000 a lane and table) per lane, for the sweeper."""
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for model in models:
            # Capped lane by lane: a backlog in one must not hide what is due in another.
            cursor.execute(
                f"SELECT lane, (SELECT count(*) FROM (SELECT 1 FROM {_table(model)} AS row"  # noqa: S608
                f" WHERE row.lane = lanes.lane AND {_DUE} LIMIT 1000) AS due)"
                " FROM unnest(%s::text[]) AS lanes (lane)",
                [list(Lane.values)],
            )
            for lane, count in cursor.fetchall():
                if count:
                    counts[lane] = counts.get(lane, 0) + count
    return counts


@dataclass(frozen=True)
class Backlog:
    """Health figures of one table: counts by state and age of the oldest due row in seconds."""

    dead: int
    uncertain: int
    open: int
    oldest_due_seconds: float


def backlog(model: type[LeasedRow]) -> Backlog:
    """Measure what is owed, for /healthz/effects and the reconciler."""
    # Two searches, each along its own partial index: rows that are done are never looked at.
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT (SELECT count(*) FROM {_table(model)} WHERE state = 'dead'),
                       count(*) FILTER (WHERE state = 'uncertain'),
                       count(*),
                       coalesce(extract(epoch FROM clock_timestamp() -
                           min(next_at) FILTER (WHERE {_DUE})), 0)
                FROM {_table(model)}
                WHERE state IN ('pending', 'leased', 'uncertain')"""  # noqa: S608
        )
        dead, uncertain, open_rows, oldest = cursor.fetchone()
    return Backlog(dead, uncertain, open_rows, float(oldest))


def _table(model: type[LeasedRow]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
