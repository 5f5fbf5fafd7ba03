"""Erase on request of the person (Article 17 GDPR), and again after a backup was restored.

A hold wins and says so. Of a case that is still open the person goes and what is needed to repair
the defect stays, off the public pages (Article 17 (3) b); it goes with the case's class.
"""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from reports import erasing, erasure_list
from reports.actions.erase_case import Why, erase_case, prove
from reports.models import Publication, Report
from reports.queries.retention import class_of
from reports.retention import DeletionProof, Part
from reports.rights import ErasedKey

_REQUEST = Why(DeletionProof.Cause.REQUEST)


class OnHold(Exception):
    """A deletion lock (Schadensfall) keeps the case; `until` is its last day."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report.hold_until))
        self.until = report.hold_until


def erase_on_request(report_id: int, *, now: datetime, why: Why = _REQUEST) -> bool:
    """Erase a case, or as much of an open one as may go; whether all of it went.

    Raises OnHold, Report.DoesNotExist.
    """
    with transaction.atomic():
        report = _locked(report_id, now)
        erasure_list.remember(
            ErasedKey.Kind.CASE, erasure_list.hash_of_number(report.number), now=now
        )
        if report.is_open:
            _erase_person(report, why, now)
            return False
    return erase_case(
        report_id,
        lock=partial(_locked, report_id, now),
        coarse_m=class_of(report).coarse_m,
        why=why,
        now=now,
    )


def _erase_person(report: Report, why: Why, now: datetime) -> None:
    erasing.erase_contact(report, now=now)
    erasing.erase_words(report, now=now)
    Report.objects.filter(pk=report.pk).update(publication=Publication.WITHHELD)
    erasing.end_publication(report)
    prove(report, Part.CONTACT, why, now=now)


def _locked(report_id: int, now: datetime) -> Report:
    rows = Report.objects.select_for_update(no_key=True, of=("self",))
    rows = rows.select_related("municipality").defer(
        "municipality__coverage", "municipality__pages"
    )
    report = rows.get(pk=report_id, anonymised_at__isnull=True)
    if report.hold_until is not None and report.hold_until >= timezone.localdate(now):
        raise OnHold(report)
    return report
