"""Hold: keep a case from deletion, for instance while a claim for damages is open."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from reports.editing import checked_text, lock_case, record_change, save_case
from reports.history import write_remark
from reports.models import Remark, Report
from reports.policies import may_work

CHANGED = ("hold_until", "hold_set_by", "hold_set_at", "hold_remark_id")


class HoldDateInvalid(Exception):
    """A hold ends on a day that lies ahead."""


def set_hold(
    report_id: int, *, until: date, reason: str, by: User, now: datetime, expected_version: int
) -> Report:
    """Stop deletion of a case until a day (inclusive), with the reason; sets a new end as well.

    Raises NotPermitted, CaseChanged, HoldDateInvalid, TextMissing, TextTooLong.
    """
    with transaction.atomic():
        report = lock_case(
            report_id, by=by, expected_version=expected_version, may=may_work, frozen_too=True
        )
        if until <= now.astimezone(report.municipality.tz).date():
            raise HoldDateInvalid
        remark = write_remark(report, Remark.Kind.REASON, checked_text(reason, "reason"))
        report.hold_until, report.hold_remark_id = until, remark.pk
        report.hold_set_by, report.hold_set_at = by, now
        save_case(report, *CHANGED, now=now)
        record_change(report, "hold_set", by=by, now=now, remark=remark, until=until.isoformat())
    return report


def lift_hold(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Let the usual deletion times count again. Raises NotPermitted, CaseChanged."""
    with transaction.atomic():
        report = lock_case(
            report_id, by=by, expected_version=expected_version, may=may_work, frozen_too=True
        )
        report.hold_until = report.hold_remark_id = None
        report.hold_set_by = report.hold_set_at = None
        save_case(report, *CHANGED, now=now)
        record_change(report, "hold_lifted", by=by, now=now)
    return report
