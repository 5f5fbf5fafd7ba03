"""Erase a whole case: content, public row, number; what stays says kind, office, area and month.

Three transactions, in this order, so that the process may die between any two of them and
whoever comes next goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from reports import erasing
from reports.actions.publish import publish_report
from reports.actors import SYSTEM
from reports.erasure_list import hash_of_number
from reports.history import record
from reports.models import Report
from reports.published import PublishedReport
from reports.retention import DeletionProof, Part, RetentionRun


@dataclass(frozen=True)
class Why:
    """What led to a deletion, for its proof."""

    cause: DeletionProof.Cause
    class_name: str = ""
    run: RetentionRun | None = None


def erase_case(
    report_id: int,
    *,
    lock: Callable[[], Report | None],
    coarse_m: int,
    why: Why,
    now: datetime,
) -> bool:
    """Leave the anonymous row; False where `lock` gives no row. Raises what `lock` raises."""
    with transaction.atomic():
        report = lock()
        if report is None:
            return False
        erasing.erase_content(report, now=now)
    publish_report(report_id, now=now)
    with transaction.atomic():
        report = lock()
        if report is None or PublishedReport.objects.filter(number=report.number).exists():
            return False
        prove(report, Part.CASE, why, now=now)
        record(report, "forgotten", by=SYSTEM, at=now, cause=why.cause.value)
        erasing.make_anonymous(report, coarse_m=coarse_m, now=now)
    return True


def prove(report: Report, part: Part, why: Why, *, now: datetime) -> None:
    """Write down, in the transaction of the deletion, that a part of a case went."""
    DeletionProof.objects.create(
        run=why.run,
        municipality_id=report.municipality_id,
        part=part,
        class_name=why.class_name,
        case_hash=hash_of_number(report.number),
        cause=why.cause,
        at=now,
    )
