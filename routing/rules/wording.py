"""Conditions in German words, as a sentence a clerk reads and as reasons in an explanation. Pure.

German in every language of the interface, because explanations are part of the file. Nothing a
reporter wrote is repeated, and no choice of a confidential question is named.
"""

from datetime import time
from functools import cache

from django.utils.translation import override

from routing.area_attributes import AREA_ATTRIBUTES
from routing.rules.circumstances import Circumstances
from routing.rules.conditions import (
    AboutAsset,
    AllOf,
    Answered,
    AnsweredNumber,
    AnyOf,
    AtTime,
    Choice,
    Condition,
    DayOfYear,
    FromSource,
    GroundIs,
    InArea,
    InSeason,
    Mentions,
    Not,
    OfCategory,
    OfPart,
    OlderThan,
    OneOf,
    OnHoliday,
    OnWeekday,
)
from routing.rules.parts import PARTS

WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_GROUND = {
    "road_class": "Straßenklasse ist",
    "through_road": "Punkt liegt",
    "ownership": "Grundstück ist",
}
_WEEKDAY_NAMES = {str(place): name for place, name in enumerate(WEEKDAYS)}
_NOT_TRUE = "nicht: "


def in_words(condition: Condition | None) -> str:
    """A condition as part of a sentence; empty for none."""
    match condition:
        case None:
            return ""
        case AllOf(parts):
            return " und ".join(_inside(part, AnyOf) for part in parts)
        case AnyOf(parts):
            return " oder ".join(_inside(part, AllOf) for part in parts)
        case Not(Not(part)):
            return in_words(part)
        case Not(part):
            return _NOT_TRUE + _inside(part, AllOf, AnyOf)
    return _leaf(condition)


def why_not(condition: Condition, case: Circumstances) -> str:
    """Why a part does not hold for a case, with what was found instead where that may be said."""
    said = in_words(condition)
    found = _found(condition.part if isinstance(condition, Not) else condition, case)
    words = f"die Bedingung »{said}« trifft nicht zu"
    return f"{words} ({found})" if found else words


def _inside(part: Condition, *bracketed: type[Condition]) -> str:
    words = in_words(part)
    is_long = isinstance(part, bracketed) and len(getattr(part, "parts", ())) > 1
    return f"({words})" if is_long else words


def _leaf(condition: Condition) -> str:
    if isinstance(condition, OneOf):
        return _one_of(condition)
    match condition:
        case AnsweredNumber():
            return _answered_number(condition)
        case Mentions():
            return _mentions(condition)
        case AtTime(begins, ends):
            return f"Eingang zwischen {_clock(begins)} und {_clock(ends)} Uhr"
        case InSeason(begins, ends):
            return f"Eingang vom {_day(begins)} bis {_day(ends)}"
        case OlderThan(days):
            return f"Meldung ist mindestens {days} Tage alt"
        case AboutAsset():
            return _about_asset(condition)
    is_holiday = isinstance(condition, OnHoliday)
    return "Eingang an einem Feiertag" if is_holiday else "nicht lesbare Bedingung"


def _answered_number(condition: AnsweredNumber) -> str:
    least, most = condition.at_least, condition.at_most
    limits = [f"mindestens {_number(least)}"] if least is not None else []
    limits += [f"höchstens {_number(most)}"] if most is not None else []
    return f"Antwort auf »{condition.question_text}« ist {' und '.join(limits)}"


def _mentions(condition: Mentions) -> str:
    quoted = [f"»{word}«" for word in condition.words]
    return f"Text enthält {_joined(quoted, 'und' if condition.every else 'oder')}"


def _about_asset(condition: AboutAsset) -> str:
    words = f"Objekt ist aus »{condition.layer_name or condition.layer}«"
    if condition.attribute:
        told = _joined([f"»{value}«" for value in condition.values], "oder") or "angegeben"
        words += f" und »{condition.attribute}« ist {told}"
    return words


def _one_of(condition: OneOf) -> str:
    named = _joined([f"»{_name(value)}«" for value in condition.values], "oder")
    match condition:
        case InArea():
            return f"Punkt liegt in {named}"
        case OfCategory():
            return f"Anliegenart ist {named}"
        case FromSource():
            return f"Eingang über {named}"
        case OnWeekday():
            return f"Wochentag ist {_translated(condition, _WEEKDAY_NAMES)}"
        case OfPart():
            return f"es geht um {_translated(condition, PARTS)}"
        case GroundIs(attribute=attribute):
            return f"{_GROUND[attribute]} {_translated(condition, _ground_names(attribute))}"
        case Answered():
            return _answered(condition, named)
    return named


def _answered(condition: Answered, named: str) -> str:
    if condition.is_confidential:
        return "Antwort auf eine vertrauliche Frage"
    question = condition.question_text or condition.question
    if not condition.values:
        return f"»{question}« ist beantwortet"
    return f"Antwort auf »{question}« ist {named}"


def _found(condition: Condition, case: Circumstances) -> str:
    """What a case had instead; nothing of what people wrote."""
    match condition:
        case AtTime():
            return f"es war {_clock(case.moment.time())} Uhr"
        case OnWeekday():
            return f"es war {WEEKDAYS[case.day.weekday()]}"
        case OnHoliday():
            return f"es war {case.holiday}" if case.holiday else ""
        case InSeason():
            return f"es war der {_day((case.day.month, case.day.day))}"
        case OfPart():
            parts = [PARTS[part] for part in PARTS if part in case.parts]
            return f"erkannt: {', '.join(parts)}" if parts else "kein Teil erkannt"
        case GroundIs(attribute=attribute):
            names = _ground_names(attribute)
            values = [names.get(each, each) for each in sorted(case.area_values(attribute))]
            return f"am Punkt: {', '.join(values)}" if values else "am Punkt nichts erfasst"
    return ""


def _translated(condition: OneOf, names: dict[str, str]) -> str:
    return _joined([names.get(value.key, _name(value)) for value in condition.values], "oder")


@cache
def _ground_names(attribute: str) -> dict[str, str]:
    with override("de"):
        return {key: str(name) for key, name in AREA_ATTRIBUTES[attribute][1].items()}


def _name(value: Choice) -> str:
    return value.name or value.key


def _joined(words: list[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def _day(day: DayOfYear) -> str:
    return f"{day[1]}.{day[0]}."


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")
