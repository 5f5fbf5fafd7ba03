"""Answers to extra questions in words: for staff, and the part of it that others may know."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format, localize

from reports.models import Report, Submission
from reports.personal_data import find_in
from routing.models import Datatype, Question
from routing.question_info import QuestionInfo, question_info


@dataclass(frozen=True)
class Answer:
    """An answer to an extra question in words; `text` is empty where it may not be seen."""

    question: str
    text: str
    is_confidential: bool


def answers_of(report: Report, *, may_see: bool) -> list[Answer]:
    """Answers in the order of the questions; what is confidential only for the circle.

    An answer without its question (removed, or the category was changed) counts as confidential:
    nobody can say any more that it is not.
    """
    given = report.submission.answers
    if not given:
        return []
    rows = Question.objects.filter(category_id=report.category_id).order_by("order")
    questions = {row.code: question_info(row, "de") for row in rows}
    ordered = [code for code in questions if code in given]
    ordered += [code for code in given if code not in questions]
    return [_answer(code, given[code], questions.get(code), may_see=may_see) for code in ordered]


def open_answers(report: Report, submission: Submission) -> list[tuple[str, str]]:
    """Question and answer where others may know: nothing confidential, no words that name people.

    Two queries at most.
    """
    given = submission.answers
    rows = Question.objects.filter(category_id=report.category_id).order_by("order")
    shown = [row for row in rows if row.code in given and row.datatype != Datatype.TEXT]
    answers = [
        _answer(row.code, given[row.code], question_info(row, "de"), may_see=False) for row in shown
    ]
    return [
        (answer.question, answer.text)
        for answer in answers
        if answer.text and not find_in(answer.text, report.municipality_id)
    ]


def _answer(code: str, value: Any, question: QuestionInfo | None, *, may_see: bool) -> Answer:
    confidential = question is None or question.is_confidential
    words = _in_words(value, question) if may_see or not confidential else ""
    return Answer(question.text if question else code, words, confidential)


def _in_words(value: Any, question: QuestionInfo | None) -> str:
    if question is None:
        return ", ".join(str(each) for each in (value if isinstance(value, list) else [value]))
    texts = {option.key: option.text for option in question.options}
    values = value if isinstance(value, list) else [value]
    if question.datatype == Datatype.DATE:
        return day_of(str(value))
    words = ", ".join(str(texts.get(each, localize(each))) for each in values)
    return f"{words} {question.unit}".strip()


def day_of(stored: str) -> str:
    """A stored date in the reader's way of writing; what is no date stays as it is."""
    try:
        return date_format(date.fromisoformat(stored), "SHORT_DATE_FORMAT")
    except ValueError:
        return stored
