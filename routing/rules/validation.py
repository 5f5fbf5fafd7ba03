"""Reads stored conditions and says, part by part, what is wrong with them. Pure."""

import json
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

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
    Unreadable,
)
from routing.rules.stems import stemmed

MOST_LEVELS = 4
MOST_PARTS = 40
MOST_VALUES = 200
WORD_LIMIT = 80
LONGEST_AGE_DAYS = 3650
_LEAP_YEAR = 2024

Raw = Mapping[str, Any]


class ConditionInvalid(Exception):
    """A condition that makes no sense; `errors` maps the way to a part and field to a message.

    "" is the whole tree, "0" its first part, "0.1:values" a field of a part of that.
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


class _Fault(Exception):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@lru_cache(maxsize=8192)
def read(stored: str) -> Condition | None:
    """A condition from its JSON text; None for an empty one, Unreadable for nonsense."""
    try:
        tree = json.loads(stored)
        return parse(tree) if tree else None
    except (ConditionInvalid, ValueError, RecursionError):
        return Unreadable()


def parse(tree: Any) -> Condition:
    """A condition from stored or typed values. Raises ConditionInvalid."""
    reader = _Reader()
    condition = reader.read(tree, "", level=1)
    if reader.errors:
        raise ConditionInvalid(reader.errors)
    return condition


class _Reader:
    def __init__(self) -> None:
        self.errors: dict[str, str] = {}
        self.parts = 0

    def read(self, tree: Any, way: str, *, level: int) -> Condition:
        self.parts += 1
        if not isinstance(tree, Mapping):
            return self._wrong(way, _("Diese Bedingung ist nicht lesbar."))
        if level > MOST_LEVELS:
            return self._wrong(way, _("Höchstens vier Ebenen ineinander."))
        if self.parts > MOST_PARTS:
            return self._wrong("", _("Höchstens 40 Bedingungen in einer Regel."))
        for joint, made in (("all", AllOf), ("any", AnyOf)):
            if joint in tree:
                return made(self._group(tree[joint], way, level))
        if "not" in tree:
            # Saying the opposite is no deeper level.
            return Not(self.read(tree["not"], way, level=level))
        return self._leaf(tree, way)

    def _group(self, parts: Any, way: str, level: int) -> tuple[Condition, ...]:
        if not isinstance(parts, list) or (not parts and way):
            self._wrong(way, _("Diese Gruppe ist leer. Bitte füllen oder entfernen."))
            return ()
        ways = (f"{way}.{place}".strip(".") for place in range(len(parts)))
        return tuple(
            self.read(part, part_way, level=level + 1)
            for part, part_way in zip(parts, ways, strict=True)
        )

    def _leaf(self, leaf: Raw, way: str) -> Condition:
        make = _LEAVES.get(str(leaf.get("is", "")))
        if make is None:
            return self._wrong(way, _("Diese Art von Bedingung gibt es nicht."))
        try:
            return make(leaf)
        except _Fault as fault:
            return self._wrong(f"{way}:{fault.field}", str(fault))

    def _wrong(self, where: str, message: str) -> Condition:
        self.errors.setdefault(where, message)
        return Unreadable()


def _values(leaf: Raw) -> tuple[Choice, ...]:
    values = leaf.get("values")
    if not isinstance(values, list) or not values:
        raise _Fault("values", _("Bitte wählen Sie mindestens einen Wert."))
    return _choices(values)


def _choices(values: Any) -> tuple[Choice, ...]:
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise _Fault("values", _("Höchstens 200 Werte."))
    found = []
    for value in values:
        if not isinstance(value, Mapping) or not _text(value.get("key")):
            raise _Fault("values", _("Dieser Wert ist nicht lesbar."))
        found.append(Choice(_text(value["key"]), _text(value.get("name"))))
    return tuple(found)


def _text(value: Any) -> str:
    return value.strip()[:200] if isinstance(value, str) else ""


def _one_of(kind: type[OneOf], **fields: str) -> Callable[[Raw], Condition]:
    return lambda leaf: kind(_values(leaf), **fields)


def _answer(leaf: Raw) -> Condition:
    question = _text(leaf.get("question"))
    if not question:
        raise _Fault("question", _("Bitte wählen Sie eine Frage."))
    return Answered(
        _choices(leaf.get("values") or []),
        question=question,
        question_text=_text(leaf.get("question_text")),
        is_confidential=bool(leaf.get("confidential")),
    )


def _number_answer(leaf: Raw) -> Condition:
    question = _text(leaf.get("question"))
    if not question:
        raise _Fault("question", _("Bitte wählen Sie eine Frage."))
    least, most = _number(leaf, "at_least"), _number(leaf, "at_most")
    if least is None and most is None:
        raise _Fault("at_least", _("Bitte geben Sie mindestens eine Grenze an."))
    if least is not None and most is not None and most < least:
        raise _Fault("at_most", _("Diese Grenze muss die größere sein."))
    return AnsweredNumber(question, _text(leaf.get("question_text")), least, most)


def _number(leaf: Raw, field: str) -> float | None:
    value = leaf.get(field)
    if value in {None, ""}:
        return None
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e12:
        raise _Fault(field, _("Bitte geben Sie eine Zahl ein, zum Beispiel 3 oder 2,5."))
    return number


def _words(leaf: Raw) -> Condition:
    words = leaf.get("words")
    found = [_text(word) for word in words] if isinstance(words, list) else []
    found = [word for word in found if word]
    if not found:
        raise _Fault("words", _("Bitte geben Sie mindestens ein Wort ein."))
    if len(found) > MOST_VALUES:
        raise _Fault("words", _("Höchstens 200 Werte."))
    for word in found:
        if len(stemmed(word).strip()) < len("ab") or len(word) > WORD_LIMIT:
            message = _("„%(word)s“ ist zu kurz oder zu lang.") % {"word": word[:WORD_LIMIT]}
            raise _Fault("words", message)
    return Mentions(tuple(found), every=bool(leaf.get("every")))


def _time(leaf: Raw) -> Condition:
    begins, ends = _clock(leaf, "from"), _clock(leaf, "to")
    if begins == ends:
        raise _Fault("to", _("Anfang und Ende müssen sich unterscheiden."))
    return AtTime(begins, ends)


def _clock(leaf: Raw, field: str) -> time:
    try:
        return time.fromisoformat(_text(leaf.get(field))).replace(tzinfo=None)
    except ValueError:
        message = _("Bitte geben Sie eine Uhrzeit ein, zum Beispiel 22:00.")
        raise _Fault(field, message) from None


def _season(leaf: Raw) -> Condition:
    return InSeason(_day_of_year(leaf, "from"), _day_of_year(leaf, "to"))


def _day_of_year(leaf: Raw, field: str) -> DayOfYear:
    month, _dash, day = _text(leaf.get(field)).partition("-")
    try:
        found = date(_LEAP_YEAR, int(month), int(day))
    except ValueError:
        message = _("Bitte geben Sie Tag und Monat an, zum Beispiel 1.11.")
        raise _Fault(field, message) from None
    return found.month, found.day


def _age(leaf: Raw) -> Condition:
    days = _number(leaf, "days")
    if days is None or not 1 <= days <= LONGEST_AGE_DAYS or not days.is_integer():
        raise _Fault("days", _("Bitte geben Sie ganze Tage an, von 1 bis 3650."))
    return OlderThan(int(days))


def _asset(leaf: Raw) -> Condition:
    layer = _text(leaf.get("layer"))
    if not layer:
        raise _Fault("layer", _("Bitte geben Sie die Art der Objekte an."))
    attribute = _text(leaf.get("attribute"))
    listed = leaf.get("values")
    values = tuple(_text(value) for value in listed) if isinstance(listed, list) else ()
    values = tuple(value for value in values if value)
    if values and not attribute:
        raise _Fault("attribute", _("Zu welcher Eigenschaft gehören die Werte?"))
    return AboutAsset(layer, _text(leaf.get("layer_name")), attribute, values)


_LEAVES: dict[str, Callable[[Raw], Condition]] = {
    "area": _one_of(InArea),
    "category": _one_of(OfCategory),
    "source": _one_of(FromSource),
    "weekday": _one_of(OnWeekday),
    "part": _one_of(OfPart),
    "road_class": _one_of(GroundIs, attribute="road_class"),
    "through_road": _one_of(GroundIs, attribute="through_road"),
    "ownership": _one_of(GroundIs, attribute="ownership"),
    "answer": _answer,
    "number": _number_answer,
    "words": _words,
    "time": _time,
    "holiday": lambda leaf: OnHoliday(),
    "season": _season,
    "age": _age,
    "asset": _asset,
}
KINDS = tuple(_LEAVES)
