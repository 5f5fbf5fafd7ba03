"""Extra questions as attributes of a GeoReport v2 service definition (Open311)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import localize
from django.utils.translation import gettext as _

from routing.answers import STRING_LIMIT, TEXT_LIMIT, language_of, questions_of, speaking
from routing.models import Datatype, DateRange
from routing.question_info import QuestionInfo

# GeoReport v2 knows string, number, datetime, text, singlevaluelist and multivaluelist.
DATATYPES = {
    Datatype.STRING: "string",
    Datatype.TEXT: "text",
    Datatype.NUMBER: "number",
    Datatype.DATE: "datetime",
    Datatype.SINGLE: "singlevaluelist",
    Datatype.MULTIPLE: "multivaluelist",
}
DATE_LENGTH = 10


@dataclass(frozen=True)
class Attribute:
    """One attribute of a service; `values` are (key, name) pairs, for lists only.

    `required` is False for a question that is asked only under a condition: a client that knows
    no conditions must be able to leave it out. `order` is unique and starts at 1.
    """

    variable: bool
    code: str
    datatype: str
    required: bool
    datatype_description: str
    order: int
    description: str
    values: tuple[tuple[str, str], ...]


def attributes(category_id: int, language: str = "de") -> list[Attribute]:
    """The attributes of a category in a language, German where not translated; one query."""
    with speaking(language_of(language)):
        return attributes_of(questions_of(category_id, language))


def attributes_of(questions: Iterable[QuestionInfo]) -> list[Attribute]:
    """The attributes of questions that were read before; no query."""
    questions = list(questions)
    texts = {question.code: question.text for question in questions}
    return [
        Attribute(
            variable=True,
            code=question.code,
            datatype=DATATYPES[question.datatype],
            required=question.is_required and question.condition is None,
            datatype_description=_described(question, texts),
            order=order,
            description=question.text,
            values=tuple((option.key, option.text) for option in question.options),
        )
        for order, question in enumerate(questions, start=1)
    ]


def as_answer(datatype: Datatype, written: str) -> str:
    """What a client sent for an attribute, as answers are written here: a date without its time."""
    is_moment = datatype == Datatype.DATE and written[DATE_LENGTH : DATE_LENGTH + 1] in {"T", " "}
    return written[:DATE_LENGTH] if is_moment else written


def _described(question: QuestionInfo, texts: dict[str, str]) -> str:
    parts = [question.help_text, *_limits(question)]
    if question.condition is not None:
        parent = texts.get(question.condition.question, question.condition.question)
        parts.append(_("Nur je nach Antwort auf „%(question)s“.") % {"question": parent})
    parts += [f"{option.text}: {option.advice}" for option in question.options if option.advice]
    return " ".join(part for part in parts if part)


def _limits(question: QuestionInfo) -> list[str]:
    match question.datatype:
        case Datatype.NUMBER:
            return _number_limits(question)
        case Datatype.DATE:
            return _date_limits(question)
        case Datatype.STRING:
            return [_characters(question.length_limit or STRING_LIMIT)]
        case Datatype.TEXT:
            return [_characters(question.length_limit or TEXT_LIMIT)]
    return []


def _characters(limit: int) -> str:
    return _("Höchstens %(limit)d Zeichen.") % {"limit": limit}


def _number_limits(question: QuestionInfo) -> list[str]:
    parts = [_("Zahl in %(unit)s.") % {"unit": question.unit}] if question.unit else []
    if question.minimum is not None:
        parts.append(_("Mindestens %s.") % localize(question.minimum))
    if question.maximum is not None:
        parts.append(_("Höchstens %s.") % localize(question.maximum))
    return parts


def _date_limits(question: QuestionInfo) -> list[str]:
    limits = {
        DateRange.PAST: _("Heute oder früher."),
        DateRange.FUTURE: _("Heute oder später."),
    }
    return [_("Datum, zum Beispiel 2026-11-23."), limits.get(question.date_range, "")]
