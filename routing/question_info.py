"""An extra question in one language, and when it is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from routing.models import Datatype, DateRange, Question


@dataclass(frozen=True)
class Condition:
    """When a question is asked: where the answer to an earlier one fits.

    `operator` is "equals", "contains" (a text that holds the value, a choice that is among those
    ticked) or "one_of"; `values` are option keys, or words for questions without choices.
    """

    question: str
    operator: str
    values: tuple[str, ...]

    def holds(self, answers: Mapping[str, Any]) -> bool:
        """Whether it holds for answers, stored or as typed."""
        given = [_plain(each) for each in _as_list(answers.get(self.question))]
        given = [each for each in given if each]
        wanted = [_plain(value) for value in self.values]
        if not given or not wanted:
            return False
        match self.operator:
            case "equals":
                return given == wanted[:1]
            case "contains":
                return any(wanted[0] == each or _within(wanted[0], each) for each in given)
            case "one_of":
                return any(each in wanted for each in given)
        return False


@dataclass(frozen=True)
class OptionInfo:
    """One choice of a question; `advice` is shown as soon as it is chosen.

    `is_stop`: the report is not offered any further. `may_send_anyway`: the form still offers to
    send it; whatever is sent all the same is taken.
    """

    key: str
    text: str
    is_danger: bool
    advice: str
    is_stop: bool = False
    may_send_anyway: bool = False


@dataclass(frozen=True)
class QuestionInfo:
    """An extra question in one language; `condition` None means it is always asked."""

    code: str
    text: str
    help_text: str
    datatype: Datatype
    is_required: bool
    is_confidential: bool
    options: tuple[OptionInfo, ...]
    condition: Condition | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    date_range: DateRange = DateRange.ANY
    length_limit: int | None = None


def question_info(question: Question, language: str) -> QuestionInfo:
    """A question in a language (two letters), German where it is not translated."""
    translated = question.translations.get(language) or {}
    return QuestionInfo(
        code=question.code,
        text=translated.get("text") or question.text,
        help_text=translated.get("help") or question.help_text,
        datatype=Datatype(question.datatype),
        is_required=question.is_required,
        is_confidential=question.is_confidential,
        options=tuple(_option_info(option, language) for option in question.options),
        condition=condition_of(question.condition),
        minimum=question.minimum,
        maximum=question.maximum,
        unit=question.unit,
        date_range=DateRange(question.date_range),
        length_limit=question.length_limit,
    )


def condition_of(stored: Mapping[str, Any] | None) -> Condition | None:
    """A condition as it is stored in Question.condition; None for none."""
    if not stored or not stored.get("question"):
        return None
    values = tuple(str(value) for value in _as_list(stored.get("value")))
    return Condition(str(stored["question"]), str(stored.get("is", "equals")), values)


def asked(questions: Iterable[QuestionInfo], answers: Mapping[str, Any]) -> list[QuestionInfo]:
    """The questions that are asked given these answers, in order.

    An answer to a question that is not asked counts as not given, so that what hangs on it is not
    asked either. A condition on a question that stands later never holds.
    """
    shown: list[QuestionInfo] = []
    given: dict[str, Any] = {}
    for question in questions:
        if question.condition is None or question.condition.holds(given):
            shown.append(question)
            if question.code in answers:
                given[question.code] = answers[question.code]
    return shown


def option_text(option: Mapping[str, Any], prefix: str, language: str) -> str:
    """A text of a stored option in a language, else in German, else empty."""
    return str(option.get(f"{prefix}{language}") or option.get(f"{prefix}de") or "")


def _option_info(option: Mapping[str, Any], language: str) -> OptionInfo:
    return OptionInfo(
        key=option["key"],
        text=option_text(option, "", language) or option["key"],
        is_danger=bool(option.get("danger")),
        advice=option_text(option, "advice_", language),
        is_stop=bool(option.get("stop")),
        may_send_anyway=bool(option.get("anyway")),
    )


def _as_list(answer: Any) -> list[Any]:
    return list(answer) if isinstance(answer, list | tuple) else [answer]


def _plain(value: Any) -> str:
    """A value for comparing: words without case, numbers as written in German or English."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold().replace(",", ".")


def _within(part: str, whole: str) -> bool:
    return len(part) > 1 and part in whole
