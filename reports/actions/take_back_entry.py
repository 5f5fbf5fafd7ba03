"""Take back a report within minutes: the person who entered it pressed the key too early."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from reports.actions.publish import republish
from reports.actors import Actor
from reports.editing import save_case
from reports.history import record
from reports.lifecycle import Status, check_move
from reports.messages import untell_received
from reports.models import Handover, Report, TimelineEntry
from reports.policies import NotPermitted
from reports.reply_tasks import drop_replies
from reports.responsibility import end_offer, open_offer

WITHIN = timedelta(minutes=15)
CHANGED = ("status", "closed_at", "waiting_for", "waiting_since", "planned_date")


class TooLate(Exception):
    """The time for taking back is over, or somebody has begun to work on the case."""


def take_back_entry(report_id: int, *, by: User, now: datetime) -> Report:
    """Withdraw an entry of one's own, stop what is still owed for it, and say so in its history.

    A second click changes nothing. Raises NotPermitted for anybody else, TooLate.
    """
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "office")
            .defer("municipality__coverage", "municipality__pages")
            .get(pk=report_id)
        )
        if not entered_by(report, by):
            raise NotPermitted
        if report.status == Status.WITHDRAWN:
            return report
        if not may_take_back(report, now=now):
            raise TooLate
        move = check_move(report.status, Status.WITHDRAWN)
        report.status, report.closed_at = Status.WITHDRAWN, now
        report.waiting_for = report.waiting_since = report.planned_date = None
        save_case(report, *CHANGED, now=now)
        codes: dict[str, Any] = {"from": move.current.value, "version": report.version}
        record(report, "entry_taken_back", by=Actor.staff(by), public=True, at=now, **codes)
        offer = open_offer(report)
        if offer is not None:
            end_offer(offer, Handover.State.WITHDRAWN, now=now)
        untell_received(report)
        drop_replies(report, now=now)
        republish(report)
    return report


def may_take_back(report: Report, *, now: datetime) -> bool:
    """Whether there is still time and nobody has begun to work on the case."""
    return report.status == Status.RECEIVED and now <= report.received_at + WITHIN


def entered_by(report: Report, user: User) -> bool:
    """Whether this person entered the report for somebody. One query."""
    return TimelineEntry.objects.filter(report=report, kind="received", actor=user).exists()
