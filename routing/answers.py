"""Whether the answers to a category's questions make sense, and what follows from them.

One implementation for every door: the app's API, the public form, GeoReport, the desk, imports.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import localize
from django.utils.translation import gettext as _

from accounts.short_memory import remembered
from routing.models import Datatype, DateRange, Question
from routing.question_info import OptionInfo, QuestionInfo, question_info

STRING_LIMIT = 200
TEXT_LIMIT = 2000
NUMBER_LIMIT = 1e12
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NUMBER = re.compile(r"[+-]?\d{1,20}([.,]\d{1,10})?", re.ASCII)
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

# Stable codes of what can be wrong with an answer; every door passes them on.
REQUIRED = "answer_required"
UNKNOWN_QUESTION = "unknown_question"
INVALID = "answer_invalid"


class AnswersInvalid(Exception):
    """Answers to extra questions do not fit.

    `errors` maps a question's code to one message, `codes` to the stable code of what is wrong.
    """

    def __init__(self, errors: dict[str, str], codes: dict[str, str] | None = None) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors
        self.codes = dict.fromkeys(errors, INVALID) | (codes or {})


class _Unfit(Exception):
    def __init__(self, message: str, code: str = INVALID) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Stop:
    """A choice that ends the form: its advice says where to turn. `code` is question:option."""

    code: str
    advice: str
    is_danger: bool
    may_send_anyway: bool


@dataclass(frozen=True)
class CheckedAnswers:
    """Answers as they are stored: text, number, ISO date, option key or list of option keys."""

    values: dict[str, Any]
    is_danger: bool
    advice: list[str]
    stops: list[Stop] = field(default_factory=list)


def check_answers(
    category_id: int, answers: Mapping[str, Any], *, language: str = "de"
) -> CheckedAnswers:
    """Check answers to a category's extra questions and bring them into the stored form.

    Empty answers are left out, and so is what a condition hides. Accepts numbers with comma or
    point, dates as 2026-11-23 or 23.11.2026, one option key or a list of them. One query. Raises
    AnswersInvalid with one message per question in `language`.
    """
    return check_against(questions_of(category_id, language), answers, language=language)


@remembered
def questions_of(category_id: int, language: str = "de") -> list[QuestionInfo]:
    """The questions of a category in order, in a language; one query."""
    rows = Question.objects.filter(category_id=category_id).order_by("order", "pk")
    return [question_info(row, language_of(language)) for row in rows]


def check_against(
    questions: Iterable[QuestionInfo], answers: Mapping[str, Any], *, language: str = "de"
) -> CheckedAnswers:
    """Like check_answers, for questions that were read before; no query."""
    questions = list(questions)
    values: dict[str, Any] = {}
    with speaking(language_of(language)):
        faults = _foreign(questions, answers)
        for question in questions:
            if question.condition is not None and not question.condition.holds(values):
                continue
            try:
                value = _checked(question, answers.get(question.code))
            except _Unfit as unfit:
                faults[question.code] = unfit
            else:
                values |= {} if value is None else {question.code: value}
    if faults:
        raise AnswersInvalid(
            {code: str(unfit) for code, unfit in faults.items()},
            {code: unfit.code for code, unfit in faults.items()},
        )
    return _checked_answers(questions, values)


def stops_among(questions: Iterable[QuestionInfo], answers: Mapping[str, Any]) -> list[Stop]:
    """The choices that end the form, in the order of the questions."""
    return [
        Stop(
            f"{question.code}:{option.key}",
            option.advice,
            option.is_danger,
            option.may_send_anyway,
        )
        for question, option in chosen_options(questions, answers)
        if option.is_stop
    ]


def chosen_options(
    questions: Iterable[QuestionInfo], answers: Mapping[str, Any]
) -> Iterator[tuple[QuestionInfo, OptionInfo]]:
    """Every choice that was made, with its question."""
    for question in questions:
        keys = _as_list(answers.get(question.code))
        for option in question.options:
            if option.key in keys:
                yield question, option


def dangerous_answers(questions: Iterable[QuestionInfo], answers: Mapping[str, Any]) -> list[str]:
    """Which checked answers mean danger, in words of the catalogue.

    Options of confidential questions are not named.
    """
    found = []
    for question, option in chosen_options(questions, answers):
        if not option.is_danger:
            continue
        if question.is_confidential:
            found.append("auf eine vertrauliche Frage")
        else:
            found.append(f"»{option.text}« auf »{question.text}«")
    return found


def language_of(code: str) -> str:
    """The base language of a tag such as `en-GB`, in lower case."""
    return code.replace("_", "-").partition("-")[0].lower() or settings.LANGUAGE_CODE


def speaking(language: str) -> AbstractContextManager[None]:
    """Messages in a language, in German where they are not translated into it."""
    known = {code for code, _name in settings.LANGUAGES}
    return translation.override(language if language in known else settings.LANGUAGE_CODE)


def _foreign(questions: Iterable[QuestionInfo], answers: Mapping[str, Any]) -> dict[str, _Unfit]:
    known = {question.code for question in questions}
    message = _("Diese Frage gehört nicht zur Anliegenart.")
    return {
        _echoed(code): _Unfit(message, UNKNOWN_QUESTION) for code in answers if code not in known
    }


def _checked_answers(questions: list[QuestionInfo], values: dict[str, Any]) -> CheckedAnswers:
    chosen = [option for _question, option in chosen_options(questions, values)]
    return CheckedAnswers(
        values=values,
        is_danger=any(option.is_danger for option in chosen),
        advice=list(dict.fromkeys(option.advice for option in chosen if option.advice)),
        stops=stops_among(questions, values),
    )


def _echoed(code: object) -> str:
    # A client may send anything as a question's code; what goes back must be storable.
    return CONTROL_CHARACTERS.sub("?", str(code)[:60])


def _checked(question: QuestionInfo, answer: Any) -> Any:
    """The stored form of an answer, None for an empty one; raises _Unfit."""
    if _is_empty(answer):
        if question.is_required:
            raise _Unfit(_("Bitte beantworten Sie diese Frage."), REQUIRED)
        return None
    match question.datatype:
        case Datatype.SINGLE | Datatype.MULTIPLE:
            return _checked_choice(question, answer)
        case Datatype.NUMBER:
            return _checked_number(question, answer)
        case Datatype.DATE:
            return _checked_date(question, _checked_text(answer, STRING_LIMIT))
        case Datatype.TEXT:
            return _checked_text(answer, question.length_limit or TEXT_LIMIT)
    return _checked_text(answer, question.length_limit or STRING_LIMIT)


def _is_empty(answer: Any) -> bool:
    if isinstance(answer, str):
        return not answer.strip()
    if isinstance(answer, list | tuple):
        return all(_is_empty(each) for each in answer)
    return answer is None


def _as_list(answer: Any) -> list[Any]:
    return list(answer) if isinstance(answer, list | tuple) else [answer]


def _checked_choice(question: QuestionInfo, answer: Any) -> str | list[str]:
    chosen = [each for each in _as_list(answer) if not _is_empty(each)]
    known = [option.key for option in question.options]
    if any(each not in known for each in chosen):
        raise _Unfit(_("Bitte wählen Sie aus den angebotenen Antworten."))
    if question.datatype == Datatype.MULTIPLE:
        return [key for key in known if key in chosen]
    if len(chosen) > 1:
        raise _Unfit(_("Bitte wählen Sie nur eine Antwort."))
    return str(chosen[0])


def _checked_number(question: QuestionInfo, answer: Any) -> int | float:
    text = str(answer).strip().replace("\N{MINUS SIGN}", "-")
    is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
    if not is_number and not (isinstance(answer, str) and NUMBER.fullmatch(text)):
        raise _Unfit(_("Bitte geben Sie eine Zahl ein, zum Beispiel 3 oder 2,5."))
    number = float(text.replace(",", "."))
    if not math.isfinite(number) or abs(number) > NUMBER_LIMIT:
        raise _Unfit(_("Diese Zahl ist zu groß."))
    if question.minimum is not None and number < question.minimum:
        raise _Unfit(_("Die Zahl ist zu klein: mindestens %s.") % _limit(question.minimum))
    if question.maximum is not None and number > question.maximum:
        raise _Unfit(_("Die Zahl ist zu groß: höchstens %s.") % _limit(question.maximum))
    return int(number) if number.is_integer() else number


def _limit(number: float) -> str:
    return str(localize(int(number) if number.is_integer() else number))


def _checked_text(answer: Any, limit: int) -> str:
    if not isinstance(answer, str):
        raise _Unfit(_("Bitte geben Sie einen Text ein."))
    text = answer.strip().replace("\r\n", "\n")
    if len(text) > limit:
        raise _Unfit(_("Bitte kürzen Sie die Antwort auf %(limit)d Zeichen.") % {"limit": limit})
    if CONTROL_CHARACTERS.search(text):
        raise _Unfit(_("Die Antwort enthält Zeichen, die wir nicht speichern können."))
    return text


def _checked_date(question: QuestionInfo, text: str) -> str:
    day = _read_date(text)
    if day is None or not EARLIEST <= day <= LATEST:
        raise _Unfit(_("Bitte geben Sie ein Datum ein, zum Beispiel 23.11.2026."))
    today = timezone.localdate()
    if question.date_range == DateRange.PAST and day > today:
        raise _Unfit(_("Das Datum darf nicht in der Zukunft liegen."))
    if question.date_range == DateRange.FUTURE and day < today:
        raise _Unfit(_("Das Datum darf nicht in der Vergangenheit liegen."))
    return day.isoformat()


def _read_date(text: str) -> date | None:
    german = GERMAN_DATE.fullmatch(text)
    try:
        if german:
            day, month, year = (int(part) for part in german.groups())
            return date(year, month, day)
        if ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    return None
