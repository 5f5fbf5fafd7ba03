"""Books what a change owes to the world: one row per effect, in the transaction of the change."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from leases.models import Lane
from leases.statements import Statement, send
from leases.wakeups import wake_after_commit
from reports.models import Effect, Report

LANES = {
    Effect.Kind.ROUTE: Lane.CITIZEN,
    Effect.Kind.DERIVE_PHOTO: Lane.MEDIA,
    Effect.Kind.FETCH_PHOTO: Lane.MEDIA,
    Effect.Kind.DETECT: Lane.MEDIA,
    Effect.Kind.MASK: Lane.MEDIA,
    Effect.Kind.PUBLISH: Lane.STAFF,
    Effect.Kind.HAND_OVER: Lane.BULK,
    Effect.Kind.ALERT: Lane.CITIZEN,
    Effect.Kind.OFFER_DEADLINE: Lane.PERIODIC,
    Effect.Kind.TELL_OTHERS: Lane.STAFF,
    Effect.Kind.FIND_ALIKE: Lane.STAFF,
    Effect.Kind.ESCALATE: Lane.PERIODIC,
    Effect.Kind.INTERIM: Lane.PERIODIC,
    Effect.Kind.JOIN_INCIDENT: Lane.BULK,
    Effect.Kind.INCIDENT_NEWS: Lane.BULK,
    Effect.Kind.PASS_TO_TOWN: Lane.STAFF,
    Effect.Kind.REPORT_BACK: Lane.STAFF,
    Effect.Kind.OFFICE_MOVE: Lane.BULK,
    Effect.Kind.DELEGATION_DEADLINE: Lane.PERIODIC,
}
DRAIN = "reports.tasks.drain"

_OWE = """
    INSERT INTO reports_effect (report_id, kind, version, lane, state, attempts, next_at,
                                last_error, created_at)
    VALUES (%s, %s, %s, %s, 'pending', 0, coalesce(%s, clock_timestamp()), '', clock_timestamp())
    ON CONFLICT (report_id, kind, version) DO NOTHING
"""

_OWE_EACH = """
    INSERT INTO reports_effect (report_id, kind, version, lane, state, attempts, next_at,
                                last_error, created_at)
    SELECT unnest(%s::bigint[]), %s, %s, %s, 'pending', 0, clock_timestamp(), '', clock_timestamp()
    ON CONFLICT (report_id, kind, version) DO NOTHING
"""


def owe(
    report: Report,
    kind: Effect.Kind,
    *,
    version: int = 1,
    not_before: datetime | None = None,
    lane: Lane | None = None,
) -> None:
    """Book an effect once per report, kind and version, and wake a worker after the commit.

    `not_before` (UTC) postpones it; `lane` overrides the usual queue, e.g. for bulk imports.
    """
    send([owing(report, kind, version=version, not_before=not_before, lane=lane)])


def owe_each(report_ids: Sequence[int], kind: Effect.Kind, *, version: int) -> None:
    """Book the same effect for many reports in one statement, and wake one worker."""
    lane = LANES[kind]
    with connection.cursor() as cursor:
        cursor.execute(_OWE_EACH, [list(report_ids), kind.value, version, lane.value])
    wake_after_commit(DRAIN, lane.value)


def owing(
    report: Report,
    kind: Effect.Kind,
    *,
    version: int = 1,
    not_before: datetime | None = None,
    lane: Lane | None = None,
) -> Statement:
    """The same as a statement to be sent with others; the wake-up is asked for already."""
    lane = lane or LANES[kind]
    if not_before is None:
        wake_after_commit(DRAIN, lane.value)
    return Statement(_OWE, [report.pk, kind.value, version, lane.value, not_before])
