"""Settle a call or a letter that was owed: reached, not reached, posted, or given up."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from accounts.models import User
from reports.actions.take_back_entry import entered_by
from reports.deadlines import reply_until
from reports.desk_entry import ReplyTask
from reports.editing import record_change
from reports.models import Report
from reports.policies import NotPermitted, load_staff, may_work

TRY_AGAIN_HOURS = 2
MOST_ATTEMPTS = 3


class Outcome(StrEnum):
    """What came of it; `given_up` only after several attempts."""

    DONE = "done"
    NOT_REACHED = "not_reached"
    GIVEN_UP = "given_up"


class OutcomeUnfit(Exception):
    """A letter is always reached, and nobody gives up before having tried often enough."""


def settle_reply(task_id: int, *, outcome: Outcome, by: User, now: datetime) -> ReplyTask:
    """Note the outcome of one attempt; what is settled already stays as it is.

    Raises ReplyTask.DoesNotExist, NotPermitted, OutcomeUnfit.
    """
    with transaction.atomic():
        report = _locked_report(task_id)
        task = ReplyTask.objects.select_for_update(no_key=True).get(pk=task_id)
        if not _may_settle(task, report, by):
            raise NotPermitted
        if task.state != ReplyTask.State.OPEN:
            return task
        _check(task, outcome)
        task.attempts += 1
        if outcome == Outcome.NOT_REACHED:
            task.due_at = reply_until(report, now=now, hours=TRY_AGAIN_HOURS)
        else:
            task.state = ReplyTask.State(outcome.value)
            task.settled_at, task.settled_by = now, by
        task.save(update_fields=["attempts", "due_at", "state", "settled_at", "settled_by"])
        codes: dict[str, Any] = {"outcome": outcome.value, "attempt": task.attempts}
        if task.kind == ReplyTask.Kind.LETTER:
            record_change(report, "letter_sent", by=by, now=now, **codes)
        else:
            record_change(report, "called_back", by=by, now=now, **codes)
    return task


def may_give_up(task: ReplyTask) -> bool:
    """Whether so many calls went unanswered that nobody can expect another."""
    return task.kind == ReplyTask.Kind.CALL and task.attempts >= MOST_ATTEMPTS


def _locked_report(task_id: int) -> Report:
    # The report first, as everywhere; entries of its history cannot overtake each other.
    report_id = ReplyTask.objects.values_list("report_id", flat=True).get(pk=task_id)
    return (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=report_id)
    )


def _may_settle(task: ReplyTask, report: Report, by: User) -> bool:
    # Whoever took the report down has its receipt in hand, also where others are responsible.
    if may_work(load_staff(by, report.municipality_id), report):
        return True
    return task.event == "report_received" and entered_by(report, by)


def _check(task: ReplyTask, outcome: Outcome) -> None:
    if outcome == Outcome.NOT_REACHED and task.kind != ReplyTask.Kind.CALL:
        raise OutcomeUnfit
    if outcome == Outcome.GIVEN_UP and not may_give_up(task):
        raise OutcomeUnfit
