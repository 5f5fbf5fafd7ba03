"""Mark a case as confidential: a named circle only, never public."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.actions.publish import republish
from reports.editing import checked_text, lock_case, record_change, save_case
from reports.history import write_remark
from reports.models import Photo, Publication, Remark, Report
from reports.policies import may_moderate, may_work
from reports.publication import policy_of
from routing.models import PublicationPolicy

CHANGED = ("is_confidential", "publication")


def mark_confidential(
    report_id: int, *, reason: str, by: User, now: datetime, expected_version: int
) -> Report:
    """Restrict a case to the office's clerks and dispatchers and take it off every public page.

    Raises NotPermitted, CaseChanged, TextMissing, TextTooLong.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_moderate)
        remark = write_remark(report, Remark.Kind.REASON, checked_text(reason, "reason"))
        report.is_confidential = True
        report.publication = Publication.WITHHELD
        save_case(report, *CHANGED, now=now)
        record_change(report, "marked_confidential", by=by, now=now, remark=remark)
        republish(report)
    return report


def lift_confidential(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Open a case to the usual readers again; what becomes public is decided anew, part by part.

    What was approved before may be the very reason why the case was confidential. Raises
    NotPermitted, CaseChanged.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        report.is_confidential = False
        if policy_of(report) != PublicationPolicy.NEVER:
            report.publication = Publication.PENDING
        if report.text_publication == Publication.APPROVED:
            report.text_publication = Publication.PENDING
        approved = Photo.objects.filter(report=report, publication=Publication.APPROVED)
        approved.update(publication=Publication.PENDING)
        save_case(report, *CHANGED, "text_publication", now=now)
        record_change(report, "confidential_lifted", by=by, now=now)
        republish(report)
    return report
