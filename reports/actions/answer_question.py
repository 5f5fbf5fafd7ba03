"""Answer a question of the office; the case is worked on again and its clock goes on."""

from datetime import datetime
from typing import Any

from reports.additions import Done, lock_own, once, record_addition
from reports.editing import checked_text
from reports.history import write_remark
from reports.idempotency import Idempotency
from reports.models import Remark, Report, TimelineEntry
from reports.open_question import open_question

KIND = "question_answered"


class NoOpenQuestion(Exception):
    """The office does not wait for an answer."""


class AlreadyAnswered(Exception):
    """This question has another answer already; what is missing can be added as a message."""


def answer_question(
    report_id: int,
    *,
    text: str,
    now: datetime,
    question: int | None = None,
    idempotency: Idempotency | None = None,
) -> Done:
    """Answer the question that is open, or the one with the id `question` (OpenQuestion.id).

    The same answer to the same question again is the same as once, with or without a key. Raises
    TextMissing, TextTooLong, NoOpenQuestion, AlreadyAnswered, ClosedToCitizens, TooManyAdditions,
    KeyReused.
    """
    body = checked_text(text, "text")

    def write() -> tuple[Report, dict[str, Any]]:
        report = lock_own(report_id)
        asked = open_question(report)
        if asked is None or question not in {None, asked.id}:
            _check_same(report, question, body)
            return report, {"status": report.status}
        remark = write_remark(report, Remark.Kind.CITIZEN, body)
        outcome = record_addition(
            report, KIND, news="answer", now=now, remark=remark, question=asked.id
        )
        return report, outcome

    sent = {"text": body, "question": question}
    return once(report_id, write, idempotency=idempotency, sent=sent)


def _check_same(report: Report, question: int | None, body: str) -> None:
    """Nothing is to be done where the same was answered before; raises where it was not."""
    answers = TimelineEntry.objects.filter(report=report, kind=KIND)
    if question is not None:
        answers = answers.filter(data__question=question)
    given = answers.order_by("-seq").first()
    if given is None:
        raise NoOpenQuestion
    if not Remark.objects.filter(pk=given.remark_id or 0, body=body).exists():
        raise AlreadyAnswered
