"""Whether the questions of a category are set up so that they can be asked. Pure.

The same check for the administration and for set-up files. A condition may only look back: to a
question that stands earlier. So no circle can come about, and one pass decides what is asked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from routing.answers import STRING_LIMIT, TEXT_LIMIT
from routing.models import Datatype, DateRange, Question
from routing.question_info import Condition, condition_of

QUESTIONS_LIMIT = 40
OPTIONS_LIMIT = 60
OPTION_TEXT_LIMIT, ADVICE_LIMIT = 120, 400
OPERATORS = ("equals", "contains", "one_of")
OPTION_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_LANGUAGE_KEY = re.compile(r"(advice_)?[a-z]{2,3}")
_FLAGS = {"danger", "stop", "anyway"}
_CHOICES = {Datatype.SINGLE, Datatype.MULTIPLE}
_WORDS = {Datatype.STRING, Datatype.TEXT}


@dataclass(frozen=True)
class SetupFault:
    """Something that is wrong with a question: its code, the field and a sentence."""

    code: str
    field: str
    message: str


def faults_of(questions: Iterable[Question]) -> list[SetupFault]:
    """Everything that is wrong with the questions of one category, saved or not."""
    ordered = sorted(questions, key=lambda question: (question.order or 0, question.code))
    found = list(_too_many(ordered))
    for position, question in enumerate(ordered):
        earlier = {each.code: each for each in ordered[:position]}
        later = {each.code for each in ordered[position:]}
        for field, message in _faults(question, earlier, later):
            found.append(SetupFault(question.code, field, message))
    return found


def _too_many(questions: Sequence[Question]) -> Iterator[SetupFault]:
    if len(questions) > QUESTIONS_LIMIT:
        message = _("Höchstens %(limit)d Fragen je Anliegenart.") % {"limit": QUESTIONS_LIMIT}
        yield SetupFault(questions[-1].code, "code", message)


def _faults(
    question: Question, earlier: Mapping[str, Question], later: set[str]
) -> Iterator[tuple[str, str]]:
    yield from _option_faults(question)
    yield from _limit_faults(question)
    if question.condition:
        yield from _condition_faults(question, earlier, later)


def _option_faults(question: Question) -> Iterator[tuple[str, str]]:
    options = question.options
    if not isinstance(options, list) or not all(isinstance(each, dict) for each in options):
        yield "options", _("Die Auswahl ist keine Liste.")
        return
    if (question.datatype in _CHOICES) != bool(options):
        yield (
            "options",
            _("Bitte mindestens eine Auswahl angeben.")
            if question.datatype in _CHOICES
            else _("Diese Art von Frage hat keine Auswahl."),
        )
    if len(options) > OPTIONS_LIMIT:
        yield "options", _("Höchstens %(limit)d Auswahlen.") % {"limit": OPTIONS_LIMIT}
    keys = [str(option.get("key", "")) for option in options]
    if len(set(keys)) < len(keys):
        yield "options", _("Jeder Schlüssel darf nur einmal vorkommen.")
    for option in options:
        yield from (("options", message) for message in _one_option(option))


def _one_option(option: Mapping[str, Any]) -> Iterator[str]:
    key = str(option.get("key", ""))
    if not OPTION_KEY.fullmatch(key) or not option.get("de"):
        yield _("Auswahl „%(key)s“: Schlüssel oder deutscher Text fehlt.") % {"key": key[:60]}
    known = {name for name in option if name in _FLAGS | {"key"} or _LANGUAGE_KEY.fullmatch(name)}
    if set(option) - known:
        yield _("Auswahl „%(key)s“: unbekannte Angabe.") % {"key": key}
    for name, text in option.items():
        limit = ADVICE_LIMIT if name.startswith("advice_") else OPTION_TEXT_LIMIT
        if name not in _FLAGS and len(str(text)) > limit:
            yield _("Auswahl „%(key)s“: höchstens %(limit)d Zeichen.") % {
                "key": key,
                "limit": limit,
            }
    if option.get("stop") and not option.get("advice_de"):
        yield _("Auswahl „%(key)s“: Wer hier nicht weiterkommt, braucht einen Hinweis, wohin.") % {
            "key": key
        }
    if option.get("anyway") and not option.get("stop"):
        yield _("Auswahl „%(key)s“: „trotzdem“ gehört zu „Ende“.") % {"key": key}


def _limit_faults(question: Question) -> Iterator[tuple[str, str]]:
    low, high = question.minimum, question.maximum
    if question.datatype != Datatype.NUMBER and (low, high, question.unit) != (None, None, ""):
        yield "minimum", _("Grenzen und Einheit gibt es nur für Zahlen.")
    if low is not None and high is not None and low > high:
        yield "maximum", _("Die größte Zahl ist kleiner als die kleinste.")
    if question.datatype != Datatype.DATE and question.date_range != DateRange.ANY:
        yield "date_range", _("Nur eine Frage nach einem Datum hat eine Grenze dafür.")
    if question.length_limit is None:
        return
    longest = TEXT_LIMIT if question.datatype == Datatype.TEXT else STRING_LIMIT
    if question.datatype not in _WORDS or not 1 <= question.length_limit <= longest:
        yield "length_limit", _("Nur für Texte, 1 bis %(limit)d Zeichen.") % {"limit": longest}


def _condition_faults(
    question: Question, earlier: Mapping[str, Question], later: set[str]
) -> Iterator[tuple[str, str]]:
    condition = _readable(question.condition)
    if condition is None:
        yield "condition", _("Die Bedingung ist unvollständig.")
        return
    parent = earlier.get(condition.question)
    if parent is None:
        yield (
            "condition",
            _("Die Bedingung nennt eine Frage, die nicht weiter oben steht.")
            if condition.question in later
            else _("Die Bedingung nennt eine Frage, die es nicht gibt."),
        )
        return
    if condition.operator == "contains" and parent.datatype in {Datatype.NUMBER, Datatype.DATE}:
        yield "condition", _("„enthält“ passt nur zu Texten und Auswahlen.")
    keys = {str(option.get("key")) for option in parent.options if isinstance(option, dict)}
    unknown = [value for value in condition.values if value not in keys]
    if parent.datatype in _CHOICES and unknown:
        yield (
            "condition",
            _("„%(value)s“ steht bei der Frage „%(question)s“ nicht zur Auswahl.")
            % {"value": unknown[0][:60], "question": parent.code},
        )


def _readable(stored: Any) -> Condition | None:
    if not isinstance(stored, dict) or set(stored) - {"question", "is", "value"}:
        return None
    condition = condition_of(stored)
    if condition is None or condition.operator not in OPERATORS:
        return None
    values = [value for value in condition.values if value.strip() and len(value) <= STRING_LIMIT]
    single = condition.operator == "one_of" or len(values) == 1
    return condition if values and len(values) == len(condition.values) and single else None
