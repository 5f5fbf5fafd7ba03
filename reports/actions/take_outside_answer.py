"""Take the answer of a body outside the town hall in: onto the case, unread, the office told."""

from datetime import datetime

from reports.actors import OUTSIDE
from reports.additions import Done, lock_own, once
from reports.editing import checked_text, save_case
from reports.history import record, write_remark
from reports.idempotency import Idempotency
from reports.messages import tell_office_news
from reports.models import Remark, Report
from reports.outside import Passing


class PassingClosed(Exception):
    """Nothing is expected of this body any more; the link has ended."""


def take_outside_answer(
    passing_id: int, *, text: str, now: datetime, idempotency: Idempotency | None = None
) -> Done:
    """Put a body's answer on its case, once per key. A closed case stays closed, but unread.

    Raises PassingClosed, ClosedToCitizens (withdrawn or filed away), TooManyAdditions, TextMissing,
    TextTooLong, KeyReused.
    """
    report_id = Passing.objects.values_list("report_id", flat=True).get(pk=passing_id)

    def write() -> tuple[Report, dict[str, object]]:
        report = lock_own(report_id)
        passing = Passing.objects.select_for_update(no_key=True).get(pk=passing_id)
        if not passing.is_open:
            raise PassingClosed
        remark = write_remark(report, Remark.Kind.OUTSIDE, checked_text(text, "text"))
        passing.state, passing.answered_at = Passing.State.ANSWERED, now
        passing.save(update_fields=["state", "answered_at"])
        _mark_unread(report, now)
        record(
            report,
            "body_answered",
            by=OUTSIDE,
            at=now,
            remark=remark,
            version=report.version,
            passing=passing.pk,
            body=passing.body_id,
        )
        return report, {"passing": passing.pk}

    return once(report_id, write, idempotency=idempotency, sent={"text": text})


def _mark_unread(report: Report, now: datetime) -> None:
    is_first = report.unread_since is None
    if is_first:
        report.unread_since = now
    save_case(report, "unread_since", now=now)
    if is_first:
        tell_office_news(report, news="outside")
