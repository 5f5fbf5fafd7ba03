"""Books what a change owes to the world: one row per effect, in the transaction of the change."""

from datetime import datetime

from django.db import connection

from leases.models import Lane
from leases.wakeups import wake_after_commit
from reports.models import Effect, Report

LANES = {
    Effect.Kind.ROUTE: Lane.CITIZEN,
    Effect.Kind.DERIVE_PHOTO: Lane.MEDIA,
    Effect.Kind.PUBLISH: Lane.STAFF,
    Effect.Kind.HAND_OVER: Lane.BULK,
    Effect.Kind.ALERT: Lane.CITIZEN,
    Effect.Kind.OFFER_DEADLINE: Lane.PERIODIC,
    Effect.Kind.TELL_OTHERS: Lane.STAFF,
}
DRAIN = "reports.tasks.drain"

_OWE = """
    INSERT INTO reports_effect (report_id, kind, version, lane, state, attempts, next_at,
                                last_error, created_at)
    VALUES (%s, %s, %s, %s, 'pending', 0, coalesce(%s, clock_timestamp()), '', clock_timestamp())
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
    lane = lane or LANES[kind]
    with connection.cursor() as cursor:
        cursor.execute(_OWE, [report.pk, kind.value, version, lane.value, not_before])
    if not_before is None:
        wake_after_commit(DRAIN, lane.value)
