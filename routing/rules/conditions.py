"""Conditions of rules as a tree: all of, any of, not, and leaves that look at one thing. Pure.

Stored as JSON: {"all": [...]}, {"any": [...]}, {"not": {...}}, or a leaf {"is": kind, ...} whose
fields are those of the classes below. `parse` reads and checks them; a parsed tree is immutable
and made once per wording, whatever the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING, Any

from routing.rules.stems import contains, phrases

if TYPE_CHECKING:
    from routing.rules.circumstances import Circumstances

DayOfYear = tuple[int, int]


class Condition:
    """Something that holds for a case or does not."""

    def holds(self, case: Circumstances) -> bool:
        """Whether it holds."""
        raise NotImplementedError

    def first_miss(self, case: Circumstances) -> Condition | None:
        """The first part that does not hold; None where all of it does."""
        return None if self.holds(case) else self


@dataclass(frozen=True)
class AllOf(Condition):
    """Holds where every part does; without parts always."""

    parts: tuple[Condition, ...]

    def holds(self, case: Circumstances) -> bool:
        return all(part.holds(case) for part in self.parts)

    def first_miss(self, case: Circumstances) -> Condition | None:
        misses = (part.first_miss(case) for part in self.parts)
        return next((miss for miss in misses if miss is not None), None)


@dataclass(frozen=True)
class AnyOf(Condition):
    """Holds where at least one part does."""

    parts: tuple[Condition, ...]

    def holds(self, case: Circumstances) -> bool:
        return any(part.holds(case) for part in self.parts)


@dataclass(frozen=True)
class Not(Condition):
    """Holds where its part does not."""

    part: Condition

    def holds(self, case: Circumstances) -> bool:
        return not self.part.holds(case)


@dataclass(frozen=True)
class Choice:
    """One of the values a leaf accepts; the name is the one it had when the rule was written."""

    key: str
    name: str = ""


@dataclass(frozen=True)
class OneOf(Condition):
    """A leaf that accepts some values of one thing."""

    values: tuple[Choice, ...]

    _keys: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_keys", frozenset(value.key for value in self.values))

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the values, as they are compared."""
        return self._keys


@dataclass(frozen=True)
class InArea(OneOf):
    """The point lies in one of the areas (`level:key`)."""

    def holds(self, case: Circumstances) -> bool:
        return not self._keys.isdisjoint(case.places)


@dataclass(frozen=True)
class OfCategory(OneOf):
    """The category or its group is one of these (codes)."""

    def holds(self, case: Circumstances) -> bool:
        return not self._keys.isdisjoint(case.categories)


@dataclass(frozen=True)
class FromSource(OneOf):
    """It came in this way."""

    def holds(self, case: Circumstances) -> bool:
        return case.case.source in self._keys


@dataclass(frozen=True)
class OnWeekday(OneOf):
    """It arrived on one of these days (0 = Monday)."""

    def holds(self, case: Circumstances) -> bool:
        return str(case.day.weekday()) in self._keys


@dataclass(frozen=True)
class OfPart(OneOf):
    """It is about one of these parts of a street."""

    def holds(self, case: Circumstances) -> bool:
        return not self._keys.isdisjoint(case.parts)


@dataclass(frozen=True)
class GroundIs(OneOf):
    """Road, track or parcel at the point are of this kind; `attribute` says in which respect."""

    attribute: str = ""

    def holds(self, case: Circumstances) -> bool:
        return not self._keys.isdisjoint(case.area_values(self.attribute))


@dataclass(frozen=True)
class Answered(OneOf):
    """The answer to an extra question is one of these, or any where none is named."""

    question: str = ""
    question_text: str = ""
    is_confidential: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "_keys", frozenset(plain(value.key) for value in self.values))

    def holds(self, case: Circumstances) -> bool:
        given = case.case.answers.get(self.question)
        answers = given if isinstance(given, list | tuple) else [given]
        told = {plain(answer) for answer in answers} - {""}
        return bool(told) if not self.values else not self._keys.isdisjoint(told)


@dataclass(frozen=True)
class AnsweredNumber(Condition):
    """The answer to a question for a number lies within limits, both included."""

    question: str
    question_text: str
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, case: Circumstances) -> bool:
        number = case.case.answers.get(self.question)
        if isinstance(number, bool) or not isinstance(number, int | float):
            return False
        above = self.at_least is None or number >= self.at_least
        return above and (self.at_most is None or number <= self.at_most)


@dataclass(frozen=True)
class Mentions(Condition):
    """The text holds one of the words, or all of them; endings and umlauts do not matter."""

    words: tuple[str, ...]
    every: bool = False
    _phrases: tuple[str, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_phrases", phrases(self.words))

    @property
    def phrases(self) -> tuple[str, ...]:
        """The words as stems between blanks."""
        return self._phrases

    def holds(self, case: Circumstances) -> bool:
        found = (contains(case.stems, phrase) for phrase in self._phrases)
        return all(found) if self.every else any(found)


@dataclass(frozen=True)
class AtTime(Condition):
    """It arrived between two times of the town's clock, also over midnight; the end is left out."""

    begins: time
    ends: time

    def holds(self, case: Circumstances) -> bool:
        now = case.moment.time()
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


@dataclass(frozen=True)
class OnHoliday(Condition):
    """It arrived on a public holiday of the state."""

    def holds(self, case: Circumstances) -> bool:
        return bool(case.holiday)


@dataclass(frozen=True)
class InSeason(Condition):
    """It arrived between two days of the year, both included, also over the turn of the year."""

    begins: DayOfYear
    ends: DayOfYear

    def holds(self, case: Circumstances) -> bool:
        today = (case.day.month, case.day.day)
        if self.begins <= self.ends:
            return self.begins <= today <= self.ends
        return today >= self.begins or today <= self.ends


@dataclass(frozen=True)
class OlderThan(Condition):
    """It arrived at least so many days before it is decided: old reports, taken over or moved."""

    days: int

    def holds(self, case: Circumstances) -> bool:
        return case.case.age.days >= self.days


@dataclass(frozen=True)
class AboutAsset(Condition):
    """It is about a thing of the inventory, of one layer, whose attribute has one of the values."""

    layer: str
    layer_name: str = ""
    attribute: str = ""
    values: tuple[str, ...] = ()

    def holds(self, case: Circumstances) -> bool:
        return any(
            asset.layer == self.layer
            and (not self.attribute or _fits(asset.attributes.get(self.attribute), self.values))
            for asset in case.case.assets
        )


@dataclass(frozen=True)
class Unreadable(Condition):
    """A stored condition nobody can read any more: the rule never applies, and says so."""

    def holds(self, case: Circumstances) -> bool:
        return False


def leaves_of(condition: Condition | None) -> Iterator[Condition]:
    """Every leaf of a tree, in order."""
    match condition:
        case None:
            return
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves_of(part)
        case Not(part):
            yield from leaves_of(part)
        case _:
            yield condition


def _fits(value: Any, values: tuple[str, ...]) -> bool:
    told = plain(value)
    return bool(told) and (not values or told in {plain(each) for each in values})


def plain(value: Any) -> str:
    """A value as it is compared: without case, whole numbers without a point."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()
