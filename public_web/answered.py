"""Answers to a category's questions as their sender reads them, and the advice they call for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import localize

from public_web.wording import day_words
from routing.catalogue import OptionInfo, QuestionInfo
from routing.models import Datatype


@dataclass(frozen=True)
class Answered:
    """A question and its answer in words."""

    question: str
    answer: str


def answered(questions: Iterable[QuestionInfo], answers: Mapping[str, Any]) -> list[Answered]:
    """The answers given, in the order of the questions; questions gone since then are left out."""
    given = [question for question in questions if question.code in answers]
    return [Answered(each.text, _words(each, answers[each.code])) for each in given]


def advice_for(questions: Iterable[QuestionInfo], answers: Mapping[str, Any]) -> list[str]:
    """What to do now because of an answer, each sentence once."""
    found = [
        option.advice
        for question in questions
        for option in _chosen(question, answers.get(question.code))
    ]
    return list(dict.fromkeys(text for text in found if text))


def _words(question: QuestionInfo, value: Any) -> str:
    chosen = [option.text for option in _chosen(question, value)]
    if chosen:
        return ", ".join(chosen)
    if question.datatype == Datatype.DATE and isinstance(value, str):
        return day_words(date.fromisoformat(value))
    return str(localize(value))


def _chosen(question: QuestionInfo, value: Any) -> Iterator[OptionInfo]:
    keys = value if isinstance(value, list) else [value]
    return (option for option in question.options if option.key in keys)
