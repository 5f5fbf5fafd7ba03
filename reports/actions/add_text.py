"""Add text: the holder of the receipt writes to the office."""

from datetime import datetime
from typing import Any

from reports.additions import Done, lock_own, once, record_addition
from reports.editing import checked_text
from reports.history import write_remark
from reports.idempotency import Idempotency
from reports.models import Remark, Report


def add_text(
    report_id: int, *, text: str, now: datetime, idempotency: Idempotency | None = None
) -> Done:
    """Keep a message for the office, which finds the case marked as unread.

    A case that waits for the citizen is worked on again. Raises TextMissing, TextTooLong,
    ClosedToCitizens, TooManyAdditions, KeyReused.
    """
    body = checked_text(text, "text")

    def write() -> tuple[Report, dict[str, Any]]:
        report = lock_own(report_id)
        remark = write_remark(report, Remark.Kind.CITIZEN, body)
        outcome = record_addition(report, "citizen_wrote", news="message", now=now, remark=remark)
        return report, outcome

    return once(report_id, write, idempotency=idempotency, sent={"text": body})
