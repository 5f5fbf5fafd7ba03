"""What follows for certain from conditions alone: one implies another, two never hold together.

Pure, and careful: True means it holds for every case there can be; False means it is not certain.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from routing.rules.conditions import (
    AboutAsset,
    AllOf,
    Answered,
    AnsweredNumber,
    AnyOf,
    AtTime,
    Condition,
    FromSource,
    GroundIs,
    InArea,
    InSeason,
    Mentions,
    Not,
    OfCategory,
    OlderThan,
    OneOf,
    OnWeekday,
    Unreadable,
    leaves_of,
    plain,
)

ALWAYS, NEVER = AllOf(()), AnyOf(())
_LEAP_YEAR = 2024


@dataclass(frozen=True)
class Known:
    """What is known of a case: category and group by code (none named: not known), and, where
    `level` is named, the one area of that level it lies in."""

    codes: frozenset[str] = frozenset()
    level: str = ""
    area: str = ""


def simplified(condition: Condition | None, known: Known) -> Condition:
    """What is left to ask once something is known of a case; ALWAYS and NEVER where nothing is."""
    match condition:
        case None:
            return ALWAYS
        case AllOf(parts):
            left = [part for part in _each(parts, known) if part != ALWAYS]
            return NEVER if NEVER in left else _joined(AllOf, left)
        case AnyOf(parts):
            left = [part for part in _each(parts, known) if part != NEVER]
            return ALWAYS if ALWAYS in left else _joined(AnyOf, left)
        case Not(part):
            return _opposite(simplified(part, known))
    return _known_leaf(condition, known)


def asks_for_category(condition: Condition | None) -> bool:
    """Whether a condition looks at the category itself."""
    return any(isinstance(leaf, OfCategory) for leaf in leaves_of(condition))


def implies(first: Condition, second: Condition) -> bool:
    """Whether the second certainly holds wherever the first does."""
    if first in (second, NEVER):
        return True
    match first, second:
        case AnyOf(parts), _:
            return all(implies(part, second) for part in parts)
        case _, AllOf(parts):
            return all(implies(first, part) for part in parts)
        case AllOf(parts), _ if any(implies(part, second) for part in parts):
            return True
        case _, AnyOf(parts):
            return any(implies(first, part) for part in parts)
        case Not(inner), Not(other):
            return implies(other, inner)
        case _, Not(other):
            return excludes(first, other)
    return _leaf_implies(first, second)


def excludes(first: Condition, second: Condition) -> bool:
    """Whether the two certainly never hold together."""
    if first == NEVER or second == NEVER:
        return True
    match first, second:
        case AnyOf(parts), _:
            return all(excludes(part, second) for part in parts)
        case _, AnyOf(parts):
            return all(excludes(first, part) for part in parts)
        case AllOf(parts), _ if any(excludes(part, second) for part in parts):
            return True
        case _, AllOf(parts):
            return any(excludes(first, part) for part in parts)
        case _, Not(inner):
            return implies(first, inner)
        case Not(inner), _:
            return implies(second, inner)
    return _leaves_exclude(first, second)


def _opposite(condition: Condition) -> Condition:
    if condition == ALWAYS:
        return NEVER
    return ALWAYS if condition == NEVER else Not(condition)


def _each(parts: tuple[Condition, ...], known: Known) -> list[Condition]:
    return [simplified(part, known) for part in parts]


def _joined(joint: type[AllOf] | type[AnyOf], parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else joint(tuple(parts))


def _known_leaf(leaf: Condition, known: Known) -> Condition:
    if isinstance(leaf, Unreadable):
        return NEVER
    if isinstance(leaf, OfCategory) and known.codes:
        return NEVER if known.codes.isdisjoint(leaf.keys) else ALWAYS
    if isinstance(leaf, InArea) and known.level:
        if f"{known.level}:{known.area}" in leaf.keys:
            return ALWAYS
        # Areas of other levels may lie at the point or not.
        if all(key.partition(":")[0] == known.level for key in leaf.keys):
            return NEVER
    return leaf


def _leaf_implies(first: Condition, second: Condition) -> bool:
    if type(first) is not type(second):
        return False
    if isinstance(first, Answered) and isinstance(second, Answered):
        same = first.question == second.question
        return same and (not second.values or (bool(first.values) and first.keys <= second.keys))
    if isinstance(first, OneOf) and isinstance(second, OneOf):
        return _respect(first) == _respect(second) and first.keys <= second.keys
    found = _IMPLIES.get(type(first))
    return found is not None and found(first, second)


def _leaves_exclude(first: Condition, second: Condition) -> bool:
    if type(first) is not type(second):
        return False
    # A case has one source and one weekday, but can lie in two areas and be about two parts.
    if isinstance(first, FromSource | OnWeekday) and isinstance(second, FromSource | OnWeekday):
        return first.keys.isdisjoint(second.keys)
    found = _EXCLUDES.get(type(first))
    return found is not None and found(first, second)


def _respect(leaf: OneOf) -> str:
    return leaf.attribute if isinstance(leaf, GroundIs) else ""


def _number_within(first: AnsweredNumber, second: AnsweredNumber) -> bool:
    return (
        first.question == second.question
        and (second.at_least is None or _at_most(second.at_least, first.at_least))
        and (second.at_most is None or _at_most(first.at_most, second.at_most))
    )


def _number_apart(first: AnsweredNumber, second: AnsweredNumber) -> bool:
    return first.question == second.question and (
        _below(first.at_most, second.at_least) or _below(second.at_most, first.at_least)
    )


def _below(most: float | None, least: float | None) -> bool:
    return most is not None and least is not None and most < least


def _at_most(small: float | None, large: float | None) -> bool:
    return small is not None and large is not None and small <= large


def _mentions(first: Mentions, second: Mentions) -> bool:
    """Every phrase stands between blanks, so that a phrase inside a phrase is found with it."""
    asked = [phrase for phrase in second.phrases if phrase.strip()]
    if not first.phrases or len(asked) != len(second.phrases):
        return False
    if first.every:
        found = [any(phrase in said for said in first.phrases) for phrase in asked]
        return all(found) if second.every else any(found)
    if second.every:
        return all(phrase in said for phrase in asked for said in first.phrases)
    return all(any(phrase in said for phrase in asked) for said in first.phrases)


def _time_within(first: AtTime, second: AtTime) -> bool:
    inside = _spans(second)
    return all(
        any(low <= begins and ends <= high for low, high in inside)
        for begins, ends in _spans(first)
    )


def _time_apart(first: AtTime, second: AtTime) -> bool:
    return all(
        ends <= low or high <= begins
        for begins, ends in _spans(first)
        for low, high in _spans(second)
    )


def _spans(leaf: AtTime) -> list[tuple[int, int]]:
    """The microseconds of a day it covers; the end is left out."""
    begins, ends = _of_day(leaf.begins), _of_day(leaf.ends)
    if begins <= ends:
        return [(begins, ends)]
    return [span for span in ((0, ends), (begins, 24 * 3600 * 10**6)) if span[0] < span[1]]


def _of_day(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 10**6 + at.microsecond


def _days(leaf: InSeason) -> frozenset[tuple[int, int]]:
    year = (date(_LEAP_YEAR, 1, 1) + timedelta(days=each) for each in range(366))
    days = [(day.month, day.day) for day in year]
    if leaf.begins <= leaf.ends:
        return frozenset(day for day in days if leaf.begins <= day <= leaf.ends)
    return frozenset(day for day in days if day >= leaf.begins or day <= leaf.ends)


def _same_thing(first: AboutAsset, second: AboutAsset) -> bool:
    if first.layer != second.layer:
        return False
    if not second.attribute:
        return True
    if first.attribute != second.attribute:
        return False
    wanted = {plain(value) for value in second.values}
    return not wanted or (bool(first.values) and {plain(each) for each in first.values} <= wanted)


_Pair = Callable[..., bool]
_IMPLIES: Mapping[type[Condition], _Pair] = {
    AnsweredNumber: _number_within,
    Mentions: _mentions,
    AtTime: _time_within,
    InSeason: lambda first, second: _days(first) <= _days(second),
    OlderThan: lambda first, second: first.days >= second.days,
    AboutAsset: _same_thing,
}
_EXCLUDES: Mapping[type[Condition], _Pair] = {
    AnsweredNumber: _number_apart,
    AtTime: _time_apart,
    InSeason: lambda first, second: _days(first).isdisjoint(_days(second)),
}
