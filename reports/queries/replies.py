"""Calls and letters that are owed, for the people who work on the cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from reports.desk_entry import AttachedCaller, ReplyTask
from reports.models import Contact, Remark, Report
from reports.policies import Staff

PAGE = 100


@dataclass(frozen=True)
class OwedReply:
    """A call or letter: about which case, to whom, and the newest public answer to tell."""

    task: ReplyTask
    report: Report
    contact: Contact | AttachedCaller | None
    answer: str

    def is_late(self, now: datetime) -> bool:
        """Whether it should have happened by now."""
        return self.task.due_at < now


def owed_replies(staff: Staff) -> list[OwedReply]:
    """What is open for the person's offices, dispatchers all of the town; oldest first. Two
    queries."""
    answers = Remark.objects.filter(report=OuterRef("report_id"), kind=Remark.Kind.ANSWER)
    tasks = list(
        open_tasks(staff)
        .select_related("report__category", "report__office", "report__municipality", "caller")
        .defer("report__municipality__coverage", "report__municipality__pages")
        .annotate(answer=Subquery(answers.order_by("-pk").values("body")[:1]))
        .order_by("due_at", "pk")[:PAGE]
    )
    contacts = _contacts([task.report_id for task in tasks])
    return [
        OwedReply(task, task.report, task.caller or contacts.get(task.report_id), task.answer or "")
        for task in tasks
    ]


def owed_reply(staff: Staff, task_id: int) -> OwedReply | None:
    """One of them, also settled ones, to print its letter again; None where it is not theirs."""
    answers = Remark.objects.filter(report=OuterRef("report_id"), kind=Remark.Kind.ANSWER)
    task = (
        ReplyTask.objects.filter(_works_on(staff), pk=task_id)
        .select_related("report__category", "report__office", "report__municipality", "caller")
        .defer("report__municipality__coverage")
        .annotate(answer=Subquery(answers.order_by("-pk").values("body")[:1]))
        .first()
    )
    if task is None:
        return None
    contact = task.caller or _contacts([task.report_id]).get(task.report_id)
    return OwedReply(task, task.report, contact, task.answer or "")


def open_tasks(staff: Staff) -> QuerySet[ReplyTask]:
    """What is owed by the person's offices, for use in a query."""
    return ReplyTask.objects.filter(_works_on(staff), state=ReplyTask.State.OPEN)


def _works_on(staff: Staff) -> Q:
    """The filter on tasks that `may_work` is for their report."""
    here = Q(report__municipality_id=staff.municipality_id)
    if staff.is_dispatcher:
        return here
    return here & Q(report__office_id__in=staff.offices)


def _contacts(report_ids: Sequence[int]) -> dict[int, Contact]:
    rows = Contact.objects.filter(report_id__in=report_ids, erased_at__isnull=True)
    return {row.report_id: row for row in rows}
