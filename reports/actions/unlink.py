"""Unlink: a duplicate becomes a case of its own again, as it stood before, also days later."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from reports.actions.publish import republish
from reports.actors import Actor
from reports.deadlines import DUE
from reports.duplicates import Merge
from reports.editing import is_shown, lock_case, save_case, tell_reporter
from reports.history import record
from reports.lifecycle import Status
from reports.merging import heir_of, one_at_a_time, pass_links_on, unlink_from
from reports.models import Report
from reports.pauses import ClockPause
from reports.policies import may_work

CHANGED = (
    "status",
    "closing_reason",
    "closed_at",
    "leading",
    "waiting_for",
    "waiting_since",
    "planned_date",
    *DUE,
    "unread_since",
)


class NotLinked(Exception):
    """The case is no duplicate of another one."""


def unlink(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Take a merge back: status, clock and followers are as before, what followed comes along.

    It counts as no reopening, because nothing was finished. Raises NotPermitted, CaseChanged,
    NotLinked.
    """
    with transaction.atomic():
        one_at_a_time(Report.objects.values_list("municipality_id", flat=True).get(pk=report_id))
        report = lock_case(
            report_id,
            by=by,
            expected_version=expected_version,
            may=may_work,
            together_with=Report.objects.values_list("leading", flat=True).get(pk=report_id),
        )
        if report.status != Status.DUPLICATE:
            raise NotLinked
        leading = Report.objects.get(pk=report.leading_id or 0)
        _restore(report, unlink_from(report, by=by, now=now), by=Actor.staff(by), now=now)
        record(leading, "duplicate_left", by=Actor.staff(by), at=now, case=report.number)
        if is_shown(leading):
            republish(leading)
    return report


def let_heir_lead(report: Report, *, by: Actor, now: datetime) -> None:
    """Before a leading case is withdrawn: what was linked to it first leads on, as it stood before.

    The others stay duplicates and follow the heir, so nobody's report goes with somebody else's.
    The caller has called `one_at_a_time` before it locked the case.
    """
    heir_id = heir_of(report.pk)
    if heir_id is None:
        return
    heir = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category__parent", "office", "district")
        .defer("municipality__coverage", "municipality__pages", "district__geometry")
        .get(pk=heir_id)
    )
    merge = unlink_from(heir, by=by.user, now=now)
    pass_links_on(report.pk, heir)
    _restore(heir, merge, by=by, now=now)


def _restore(report: Report, merge: Merge | None, *, by: Actor, now: datetime) -> None:
    report.status = merge.status_before if merge else Status.IN_PROGRESS
    if merge is not None:
        report.waiting_for = merge.waiting_for_before or None
        report.waiting_since = merge.waiting_since_before
        report.planned_date = merge.planned_date_before
        report.first_answer_due_at = merge.first_answer_due_at_before
        report.due_at = merge.due_at_before
        if report.waiting_since is not None:
            # Its pause goes on, so what ended it with the merge never happened.
            ClockPause.objects.filter(report=report, began_at=report.waiting_since).delete()
    report.closing_reason = report.closed_at = None
    save_case(report, *CHANGED, now=now)
    codes: dict[str, Any] = {
        "from": Status.DUPLICATE.value,
        "to": str(report.status),
        "version": report.version,
        "undone": True,
    }
    if report.waiting_for:
        codes["waiting_for"] = report.waiting_for
    record(report, "status_changed", by=by, public=True, at=now, **codes)
    if is_shown(report):
        republish(report)
    tell_reporter(report, event="report_status")
