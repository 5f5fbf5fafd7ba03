"""Restrict: a case is kept as it is, not worked on and not public (Article 18 GDPR)."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.actions.publish import republish
from reports.editing import checked_text, lock_case, record_change, save_case
from reports.history import write_remark
from reports.models import Publication, Remark, Report
from reports.policies import may_work

CHANGED = ("restricted_at", "publication", "text_publication")


def restrict(
    report_id: int, *, reason: str, by: User, now: datetime, expected_version: int
) -> Report:
    """Freeze a case; nothing of it is deleted either. The same again changes nothing.

    Raises NotPermitted, CaseChanged, TextMissing, TextTooLong.
    """
    with transaction.atomic():
        report = lock_case(
            report_id, by=by, expected_version=expected_version, may=may_work, frozen_too=True
        )
        if report.restricted_at is None:
            remark = write_remark(report, Remark.Kind.REASON, checked_text(reason, "reason"))
            freeze(report, now=now)
            record_change(report, "restricted_processing", by=by, now=now, remark=remark)
    return report


def lift_restriction(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Let the case go on; what was public waits for a new approval.

    Raises NotPermitted, CaseChanged.
    """
    with transaction.atomic():
        report = lock_case(
            report_id, by=by, expected_version=expected_version, may=may_work, frozen_too=True
        )
        if report.restricted_at is not None:
            report.restricted_at = None
            if not report.is_confidential:
                report.publication = report.text_publication = Publication.PENDING
            save_case(report, *CHANGED, now=now)
            record_change(report, "restriction_lifted", by=by, now=now)
            republish(report)
    return report


def freeze(report: Report, *, now: datetime) -> None:
    """Write the restriction to a locked case and take it off the public pages."""
    report.restricted_at = now
    report.publication = report.text_publication = Publication.WITHHELD
    save_case(report, *CHANGED, now=now)
    republish(report)
