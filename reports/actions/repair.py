"""Repaired (behoben): the place is as it should be; the case may still wait for its answer."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.actions.alert import NotDangerous
from reports.editing import lock_case, record_change, save_case
from reports.models import Report
from reports.policies import Staff, circle_of, may_acknowledge

CHANGED = ("repaired_at", "made_safe_at", "danger_acknowledged_at", "danger_acknowledged_by")


def repair(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Record that a danger is repaired; what is repaired is safe and has been taken on.

    Raises NotPermitted, CaseChanged, NotDangerous.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=_may)
        if not report.is_danger or report.repaired_at is not None:
            raise NotDangerous
        report.repaired_at = now
        report.made_safe_at = report.made_safe_at or now
        if report.danger_acknowledged_at is None:
            report.danger_acknowledged_at, report.danger_acknowledged_by = now, by
        save_case(report, *CHANGED, now=now)
        record_change(report, "repaired", by=by, now=now, public=True)
    return report


def _may(staff: Staff, report: Report) -> bool:
    return may_acknowledge(staff, report, circle_of(report))
