"""Change the status of a case: take it up, let it wait, close it, reopen it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from reports.actions.file_case import file_at_closing
from reports.actions.publish import republish
from reports.actions.unlink import let_heir_lead
from reports.actors import Actor
from reports.danger_first import check_danger_is_safe
from reports.deadlines import DUE, resume_clock
from reports.delegated import end_with_case
from reports.editing import (
    checked_text,
    is_shown,
    lock_case,
    record_change,
    save_case,
    tell_reporter,
)
from reports.history import record, write_remark
from reports.lifecycle import (
    NEEDS_ANSWER,
    ClosingIncomplete,
    ClosingReason,
    Move,
    Status,
    WaitingFor,
    check_move,
)
from reports.merging import MergeRing, link, one_at_a_time, unlink_from
from reports.messages import tell_office_news
from reports.models import Handover, Remark, Report
from reports.others import leading_case
from reports.policies import load_staff, may_archive, may_work, visible_cases
from reports.responsibility import end_offer, open_offer

CHANGED = (
    "status",
    "closing_reason",
    "closed_at",
    "waiting_for",
    "waiting_since",
    "planned_date",
    "leading",
    "reopened_count",
    "first_answered_at",
    "unread_since",
    "repaired_at",
    *DUE,
)
_TOUCHES_LINKS = frozenset({Status.DUPLICATE, Status.WITHDRAWN})


class WaitingIncomplete(Exception):
    """A case waits for somebody, or for a day that is not past; `field` names what is missing."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class LeadingCaseInvalid(Exception):
    """A duplicate needs another case of the same town, not withdrawn and not led by itself."""


class DangerNeedsDanger(Exception):
    """An open danger is no duplicate of a case that alarms nobody."""


@dataclass(frozen=True)
class _Details:
    """What belongs to the wanted status, and nothing else of what was sent."""

    closing_reason: ClosingReason | None
    waiting_for: WaitingFor | None
    planned_date: date | None
    into: Report | None


def change_status(
    report_id: int,
    *,
    to: Status,
    by: User,
    now: datetime,
    expected_version: int,
    answer: str = "",
    closing_reason: ClosingReason | str | None = None,
    waiting_for: WaitingFor | str | None = None,
    planned_date: date | None = None,
    leading_number: str = "",
) -> Report:
    """Move a case to another status, with the public answer if there is one, and tell the reporter.

    Reopening clears what closing wrote and is counted; the old due date counts on. An offer to
    another office ends with the case. What a duplicate led follows it to the leading case. Raises
    NotPermitted, CaseChanged, MoveNotAllowed, ClosingIncomplete, WaitingIncomplete,
    LeadingCaseInvalid, DangerNeedsDanger, DangerNotSafe, TextTooLong.
    """
    with transaction.atomic():
        into = _find_into(report_id, to, leading_number, by)
        report = lock_case(
            report_id,
            by=by,
            expected_version=expected_version,
            may=may_archive if to == Status.ARCHIVED else may_work,
            together_with=(into.leading_id or into.pk) if into else None,
        )
        move = check_move(report.status, to, has_answer=bool(answer.strip()), reason=closing_reason)
        details = _check_details(move, closing_reason, waiting_for, planned_date, into)
        _check_against_now(report, details, now)

        leading_before = report.leading_id
        _change_links(report, move, details, by=by, now=now)
        _apply(report, move, details, now)
        remark = write_answer(report, answer, now=now) if answer.strip() else None
        save_case(report, *CHANGED, now=now)

        _record(report, move, details, remark, by=by, now=now)
        if move.closes:
            _end_open_offer(report, by=by, now=now)
            file_at_closing(report, now=now)
            end_with_case(report, by=by, now=now)

        if is_shown(report):
            republish(report)
        _recount(leading_before, report)
        if move.wanted != Status.ARCHIVED:
            tell_reporter(report, event=_event(report), answer=remark.body if remark else "")
    return report


def write_answer(report: Report, answer: str, *, now: datetime) -> Remark:
    """Keep a public answer; the first one is timed. The caller saves `first_answered_at`.

    Raises TextMissing, TextTooLong.
    """
    remark = write_remark(report, Remark.Kind.ANSWER, checked_text(answer, "answer"))
    if report.first_answered_at is None:
        report.first_answered_at = now
    return remark


def _find_into(report_id: int, to: Status, number: str, by: User) -> Report | None:
    """The case a duplicate is linked to; whatever may touch links waits for its turn first."""
    town_id, status = Report.objects.values_list("municipality_id", "status").get(pk=report_id)
    if to in _TOUCHES_LINKS or status == Status.DUPLICATE:
        one_at_a_time(town_id)
    if to != Status.DUPLICATE:
        return None
    # A confidential case that somebody may not see does not exist for them here either.
    known = Q(is_confidential=False) | visible_cases(load_staff(by, town_id))
    named = Report.objects.filter(known, number=number.strip().upper(), municipality_id=town_id)
    into = named.exclude(pk=report_id).only("pk", "leading").first()
    if into is None:
        raise LeadingCaseInvalid
    return into


def _check_details(
    move: Move,
    closing_reason: str | None,
    waiting_for: str | None,
    planned_date: date | None,
    into: Report | None,
) -> _Details:
    """Keep only what belongs to the wanted status; raises where something is missing."""
    ends = move.wanted in NEEDS_ANSWER
    reason = ClosingReason(closing_reason) if ends and closing_reason else None
    waits = WaitingFor(waiting_for) if move.wanted == Status.WAITING and waiting_for else None
    if move.wanted == Status.WAITING and waits is None:
        raise WaitingIncomplete("waiting_for")
    dated = waits == WaitingFor.PLANNED_DATE or reason == ClosingReason.PLANNED
    if dated and planned_date is None:
        raise WaitingIncomplete("planned_date") if waits else ClosingIncomplete("planned_date")
    return _Details(reason, waits, planned_date if dated else None, into)


def _check_against_now(report: Report, details: _Details, now: datetime) -> None:
    """What only the locked rows and the day can tell."""
    if details.closing_reason == ClosingReason.FORWARDED:
        check_danger_is_safe(report)
    today = now.astimezone(report.municipality.tz).date()
    if details.planned_date and details.planned_date < today:
        raise WaitingIncomplete("planned_date")
    if details.into is None:
        return
    leads = Report.objects.exclude(status=Status.WITHDRAWN)
    leading = leads.filter(pk=details.into.leading_id or details.into.pk).first()
    if leading is None or leading.pk == report.pk:
        raise LeadingCaseInvalid
    if report.is_danger and report.made_safe_at is None and not leading.is_danger:
        raise DangerNeedsDanger


def _change_links(
    report: Report, move: Move, details: _Details, *, by: User, now: datetime
) -> None:
    """Link a case that becomes a duplicate, free one that is none any more, pass on what it led."""
    if details.into is not None:
        try:
            report.leading_id = link(report, details.into, by=by, now=now)
        except MergeRing:
            raise LeadingCaseInvalid from None
        _tell_leading(report, by=by, now=now)
    elif move.reopens:
        unlink_from(report, by=by, now=now)
    elif move.wanted == Status.WITHDRAWN:
        let_heir_lead(report, by=Actor.staff(by), now=now)


def _tell_leading(report: Report, *, by: User, now: datetime) -> None:
    """The leading case notes what joined it; an office that did not do it itself is told."""
    leading = Report.objects.select_related("municipality", "category", "office").get(
        pk=report.leading_id or 0
    )
    record(leading, "duplicate_joined", by=Actor.staff(by), at=now, case=report.number)
    if leading.is_open and leading.office_id != report.office_id:
        tell_office_news(leading, news="duplicate_joined", key=report.number)


def _apply(report: Report, move: Move, details: _Details, now: datetime) -> None:
    if move.current == Status.WAITING:
        resume_clock(report, now=now)
    if move.reopens:
        report.reopened_count += 1
        report.closing_reason = report.closed_at = report.repaired_at = None
    if move.closes:
        report.closed_at = now
        report.closing_reason = details.closing_reason
        if report.is_danger and details.closing_reason == ClosingReason.DONE:
            report.repaired_at = report.repaired_at or now
    if move.wanted != Status.ARCHIVED:
        report.planned_date = details.planned_date
    report.status = move.wanted
    report.unread_since = None  # whoever decides has read
    report.waiting_for = details.waiting_for
    report.waiting_since = now if details.waiting_for else None


def _record(
    report: Report,
    move: Move,
    details: _Details,
    remark: Remark | None,
    *,
    by: User,
    now: datetime,
) -> None:
    data: dict[str, str | bool] = {"from": move.current.value, "to": move.wanted.value}
    if details.closing_reason:
        data["reason"] = details.closing_reason.value
    if details.waiting_for:
        data["waiting_for"] = details.waiting_for.value
    if details.planned_date:
        data["planned_date"] = details.planned_date.isoformat()
    if remark:
        data["answer"] = True
    kind = "reopened" if move.reopens else "status_changed"
    record_change(report, kind, by=by, now=now, public=True, remark=remark, **data)


def _recount(leading_before: int | None, report: Report) -> None:
    """A case that became a duplicate, or is none any more, brings or takes its supporters."""
    for case_id in {leading_before, report.leading_id} - {None}:
        leading = Report.objects.get(pk=leading_case(case_id or 0))
        if leading_before != report.leading_id and is_shown(leading):
            republish(leading)


def _end_open_offer(report: Report, *, by: User, now: datetime) -> None:
    offer = open_offer(report)
    if offer is not None:
        end_offer(offer, Handover.State.WITHDRAWN, by=by, now=now)
        record_change(report, "handover_withdrawn", by=by, now=now, handover=offer.pk)


def _event(report: Report) -> str:
    """Which message tells of the new status."""
    if report.closed_at is not None:
        return "report_closed"
    return "report_question" if report.waiting_for == WaitingFor.CITIZEN else "report_status"
