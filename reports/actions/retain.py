"""Forget by the deletion classes: every night, in small steps, each in a transaction of its own.

What is due is computed from the rows, so the job may be killed anywhere: the next one goes on.
Every step leaves a proof without content in its own transaction. Nothing that is on hold or
restricted is touched: that is asked once more under the lock of the row.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Municipality
from reports import erasing
from reports.actions.erase_case import Why, erase_case, prove
from reports.models import Report
from reports.queries.retention import Slice, deletable, due, slices
from reports.retention import DeletionProof, Part, RetentionRun

BATCH = 200
# A night has hours, but the lane is shared; what is left goes the next night.
LONGEST_SECONDS = 2 * 3600.0

logger = logging.getLogger(__name__)

Counts = dict[str, int]


def retain(*, now: datetime, seconds: float = LONGEST_SECONDS) -> Counts:
    """Delete what is due in every town until nothing is or the time is up; counts by part."""
    until = time.monotonic() + seconds
    run = RetentionRun.objects.create(started_at=now)
    counts: Counts = dict.fromkeys(Part.values, 0)
    for town in towns():
        for piece in slices(town):
            for part in Part:
                counts[part.value] += _work_off(piece, part, run, now, until)
    if time.monotonic() <= until:
        RetentionRun.objects.filter(pk=run.pk).update(ended_at=now)
    logger.info("retention run", extra={"row": run.pk, **counts})
    return counts


def towns() -> QuerySet[Municipality]:
    """Every town, without its outline."""
    return Municipality.objects.order_by("pk").defer("coverage", "pages")


def outlook_of(town: Municipality, *, now: datetime) -> list[tuple[Slice, Counts]]:
    """What the next run would delete in a town: figures by class and part. Changes nothing."""
    return [
        (piece, {part.value: due(piece, part, now=now).count() for part in Part})
        for piece in slices(town)
    ]


def _work_off(piece: Slice, part: Part, run: RetentionRun, now: datetime, until: float) -> int:
    done = last = 0
    while time.monotonic() < until:
        # Past those that could not be worked on right now; they are tried again the next night.
        rows = due(piece, part, now=now).filter(pk__gt=last)
        batch = list(rows.values_list("pk", flat=True)[:BATCH])
        done += sum(_forget(pk, part, piece, run, now) for pk in batch)
        if len(batch) < BATCH:
            break
        last = batch[-1]
    return done


def _forget(report_id: int, part: Part, piece: Slice, run: RetentionRun, now: datetime) -> bool:
    try:
        if part == Part.CASE:
            return _forget_case(report_id, piece, run, now)
        return _forget_part(report_id, part, piece, run, now)
    except Exception:
        # One case must not keep all others from being forgotten.
        logger.exception("retention step failed", extra={"row": report_id, "kind": part.value})
        return False


def _forget_part(
    report_id: int, part: Part, piece: Slice, run: RetentionRun, now: datetime
) -> bool:
    with transaction.atomic():
        report = lock_deletable(report_id, now)
        if report is None:
            return False
        _STEPS[part](report, now)
        prove(report, part, Why(DeletionProof.Cause.TIME, piece.terms.name, run), now=now)
    return True


def _forget_case(report_id: int, piece: Slice, run: RetentionRun, now: datetime) -> bool:
    why = Why(DeletionProof.Cause.TIME, piece.terms.name, run)
    return erase_case(
        report_id,
        lock=lambda: lock_deletable(report_id, now),
        coarse_m=piece.terms.coarse_m,
        why=why,
        now=now,
    )


def lock_deletable(report_id: int, now: datetime) -> Report | None:
    """Lock a case that may lose something; None if it may not, or somebody works on it now."""
    rows = Report.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    rows = rows.select_related("municipality").defer(
        "municipality__coverage", "municipality__pages"
    )
    return rows.filter(deletable(now), pk=report_id).first()


_STEPS: dict[Part, Callable[[Report, datetime], None]] = {
    Part.SUPPORTS: lambda report, now: erasing.erase_supports(report, now=now),
    Part.CONTACT: lambda report, now: erasing.erase_contact(report, now=now),
    Part.DEVICES: lambda report, now: erasing.forget_devices(report),
    Part.WORDS: lambda report, now: erasing.erase_words(report, now=now),
    Part.ORIGINALS: lambda report, now: erasing.erase_originals(report, now=now),
    Part.PUBLIC: lambda report, now: erasing.end_publication(report),
    Part.SPAM: lambda report, now: erasing.erase_content(report, now=now),
}
