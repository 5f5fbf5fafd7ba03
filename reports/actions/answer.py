"""Answer in public without changing the status."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.actions.change_status import write_answer
from reports.actions.publish import republish
from reports.editing import is_shown, lock_case, record_change, save_case, tell_reporter
from reports.lifecycle import MoveNotAllowed, Status
from reports.models import Report
from reports.policies import may_work

SILENT = frozenset({Status.WITHDRAWN, Status.ARCHIVED})


def answer(report_id: int, *, text: str, by: User, now: datetime, expected_version: int) -> Report:
    """Write a public answer, which also goes to the reporter's confirmed address.

    Raises NotPermitted, CaseChanged, TextMissing, TextTooLong; MoveNotAllowed for a case that was
    withdrawn or archived.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        status = Status(report.status)
        if status in SILENT:
            raise MoveNotAllowed(status, status)
        remark = write_answer(report, text, now=now)
        report.unread_since = None  # whoever answers has read
        save_case(report, "first_answered_at", "unread_since", now=now)

        record_change(report, "answered", by=by, now=now, public=True, remark=remark, answer=True)

        if is_shown(report):
            republish(report)
        tell_reporter(report, event="report_status", answer=remark.body)
    return report
