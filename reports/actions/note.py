"""Write an internal note; it never leaves the house."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.editing import checked_text, lock_case, record_change, save_case
from reports.history import write_remark
from reports.models import Remark, Report
from reports.policies import may_work


def add_note(
    report_id: int, *, text: str, by: User, now: datetime, expected_version: int
) -> Report:
    """Keep a note for colleagues. Raises NotPermitted, CaseChanged, TextMissing, TextTooLong."""
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        remark = write_remark(report, Remark.Kind.NOTE, checked_text(text, "note"))
        save_case(report, now=now)
        record_change(report, "noted", by=by, now=now, remark=remark)
    return report
