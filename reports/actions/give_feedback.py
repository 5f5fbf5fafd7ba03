"""Give feedback: "Stimmt das?" after a repair; a "no" reopens the case with its old clock."""

from datetime import datetime
from typing import Any

from reports.actions.publish import republish
from reports.actors import CITIZEN
from reports.additions import Done, lock_own, once
from reports.editing import TEXT_LIMIT, TextTooLong, is_shown, save_case
from reports.feedback_window import feedback_until, was_asked_in_incident
from reports.history import record, write_remark
from reports.idempotency import Idempotency
from reports.lifecycle import Status, check_move
from reports.messages import tell_office_news
from reports.models import Contact, Remark, Report
from reports.others import owe_news_to_others
from reports.participation import Feedback, Wish

CHANGED = (
    "status",
    "closing_reason",
    "closed_at",
    "leading",
    "planned_date",
    "reopened_count",
    "unread_since",
)


class FeedbackClosed(Exception):
    """Nobody is asked about this case, or not any more."""


class FeedbackGiven(Exception):
    """This case has another answer already; there is one per case."""


def give_feedback(
    report_id: int,
    *,
    is_fixed: bool,
    now: datetime,
    satisfaction: int | None = None,
    text: str = "",
    idempotency: Idempotency | None = None,
) -> Done:
    """Keep the one answer of a case; satisfaction is 1 (bad) to 5 (good).

    The same answer again is the same as once. Raises FeedbackClosed, FeedbackGiven, TextTooLong,
    ClosedToCitizens, TooManyAdditions, KeyReused.
    """
    words = text.strip()
    if len(words) > TEXT_LIMIT:
        raise TextTooLong

    def write() -> tuple[Report, dict[str, Any]]:
        report = lock_own(report_id)
        given = Feedback.objects.filter(report=report).first()
        if given is not None:
            if (given.is_fixed, given.satisfaction) != (is_fixed, satisfaction):
                raise FeedbackGiven
        else:
            _check_open(report, now)
            _write(report, is_fixed, satisfaction, words, now)
        return report, {"status": report.status, "is_fixed": is_fixed}

    sent = {"is_fixed": is_fixed, "satisfaction": satisfaction, "text": words}
    return once(report_id, write, idempotency=idempotency, sent=sent)


def _check_open(report: Report, now: datetime) -> None:
    until = feedback_until(report)
    if until is None or now > until:
        raise FeedbackClosed
    if Contact.objects.filter(report=report, wants=Wish.NONE).exists():
        raise FeedbackClosed
    if was_asked_in_incident(report):
        raise FeedbackClosed


def _write(
    report: Report, is_fixed: bool, satisfaction: int | None, words: str, now: datetime
) -> None:
    remark = write_remark(report, Remark.Kind.CITIZEN, words) if words else None
    Feedback.objects.create(
        report=report,
        is_fixed=is_fixed,
        satisfaction=satisfaction,
        remark_id=remark.pk if remark else None,
        given_at=now,
    )
    reopened: dict[str, Any] = {} if is_fixed else _reopen(report)
    if words or not is_fixed:
        report.unread_since = report.unread_since or now
    save_case(report, *CHANGED, now=now)
    codes: dict[str, Any] = {"version": report.version}
    record(
        report,
        "feedback_given",
        by=CITIZEN,
        public=True,
        remark=remark,
        at=now,
        fixed=is_fixed,
        **codes,
    )
    if reopened:
        record(report, "reopened", by=CITIZEN, public=True, at=now, **reopened, **codes)
        tell_office_news(report, news="not_fixed")
        owe_news_to_others(report)
        if is_shown(report):
            republish(report)


def _reopen(report: Report) -> dict[str, Any]:
    """Back to work: what closing wrote is cleared and counted, the due date stays as it was."""
    move = check_move(report.status, Status.IN_PROGRESS)
    report.status = move.wanted
    report.reopened_count += 1
    report.closing_reason = report.closed_at = report.planned_date = None
    report.leading = None
    return {"from": move.current.value, "to": move.wanted.value}
