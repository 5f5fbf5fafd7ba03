"""What staff have asked the reporter and wait for: the case waits for the citizen, with a text."""

from dataclasses import dataclass
from datetime import datetime

from reports.lifecycle import WaitingFor
from reports.models import Remark, Report, TimelineEntry


@dataclass(frozen=True)
class OpenQuestion:
    """A question that waits for its answer; `id` is its place in the history of the case."""

    id: int
    asked_at: datetime
    text: str


def open_question(report: Report) -> OpenQuestion | None:
    """What the office wants to know, or None while it waits for nothing. Up to two queries."""
    if report.waiting_for != WaitingFor.CITIZEN:
        return None
    asked = (
        TimelineEntry.objects.filter(report=report, data__waiting_for=WaitingFor.CITIZEN.value)
        .order_by("-seq")
        .first()
    )
    if asked is None:
        return None
    answer = Remark.objects.filter(pk=asked.remark_id or 0, kind=Remark.Kind.ANSWER).first()
    return OpenQuestion(asked.seq, asked.at, answer.body if answer else "")
