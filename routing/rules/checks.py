"""What can be said of a set of rules by looking at it: overlaps, rules never reached, coverage.

Pure. What is claimed here is certain from the conditions; what only experience shows (a rule that
no past case has met) is counted by a trial (routing.replay).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from routing.decision import Basis, choose_without_rule
from routing.facts import AreaFacts, CategoryFacts, OfficeFacts, RuleFacts, TownFacts
from routing.rules.conditions import AllOf, Choice, Condition, InArea
from routing.rules.implication import (
    ALWAYS,
    NEVER,
    Known,
    asks_for_category,
    excludes,
    implies,
    simplified,
)

DISTRICT = "district"
# Levels whose areas meet and do not overlap; on the edge itself a point lies in both.
_SIDE_BY_SIDE = frozenset({"municipality", DISTRICT, "beat", "parcel"})

Why = Literal["covered", "never", "office"]


@dataclass(frozen=True)
class Unreached:
    """A rule that can decide no new case: `by` are earlier rules that always match before it.

    `why`: "covered" by them, "never" where its conditions contradict themselves, "office" where
    its office exists no more.
    """

    rule: RuleFacts
    why: Why
    by: tuple[RuleFacts, ...] = ()


@dataclass(frozen=True)
class Overlap:
    """Two rules that name different offices and may both match, neither a case of the other."""

    first: RuleFacts
    second: RuleFacts


@dataclass(frozen=True)
class Cell:
    """Who decides for an ordinary case of a category in a district.

    `exceptions` are earlier rules that take it only under further circumstances.
    """

    category: CategoryFacts
    district: AreaFacts
    office: OfficeFacts
    basis: Basis
    rule: RuleFacts | None
    exceptions: tuple[RuleFacts, ...] = ()


class RuleChecks:
    """Looks at the rules of a town, with all its categories, as of a day."""

    def __init__(self, town: TownFacts, categories: Sequence[CategoryFacts], day: date) -> None:
        self.town, self.categories, self.day = town, categories, day
        self.shapes = [_Shape(rule, categories) for rule in town.table.in_order]

    def unreached(self) -> Iterator[Unreached]:
        """Rules no new case can get to, in order."""
        for place, shape in enumerate(self.shapes):
            ended = self.town.offices[shape.rule.office_id].valid_to
            if ended is not None and ended < self.day:
                yield Unreached(shape.rule, "office")
            elif all(shape.asked(category) == NEVER for category in shape.categories):
                yield Unreached(shape.rule, "never")
            else:
                yield from self._covered(shape, self.shapes[:place])

    def overlaps(self) -> Iterator[Overlap]:
        """Pairs of rules of which the order alone decides, in order."""
        for place, first in enumerate(self.shapes):
            for second in self.shapes[place + 1 :]:
                if first.rule.office_id != second.rule.office_id and _overlap(first, second):
                    yield Overlap(first.rule, second.rule)

    def cells(
        self, categories: Sequence[CategoryFacts], districts: Sequence[AreaFacts]
    ) -> Iterator[Cell]:
        """Who decides, for every category in every district, row by row."""
        for category in categories:
            rules = [
                (shape.rule, asked)
                for shape in self.shapes
                if category.id in shape.ids
                and self.town.offices[shape.rule.office_id].exists_on(self.day)
                and (asked := shape.asked(category)) != NEVER
            ]
            for district in districts:
                yield self._cell(category, district, rules)

    def _cell(
        self,
        category: CategoryFacts,
        district: AreaFacts,
        rules: Sequence[tuple[RuleFacts, Condition]],
    ) -> Cell:
        here = Known(level=district.level, area=district.key)
        exceptions: list[RuleFacts] = []
        for rule, asked in rules:
            left = simplified(asked, here)
            if left == ALWAYS:
                office = self.town.offices[rule.office_id]
                return Cell(category, district, office, "rule", rule, tuple(exceptions))
            if left != NEVER:
                exceptions.append(rule)
        chosen = choose_without_rule(self.town, category, self.day)
        return Cell(category, district, chosen.office, chosen.basis, None, tuple(exceptions))

    def _covered(self, shape: "_Shape", earlier: Sequence["_Shape"]) -> Iterator[Unreached]:
        left, by = set(shape.ids), []
        for other in earlier:
            found = {each for each in left & other.ids if self._goes_before(other, shape, each)}
            if found:
                by.append(other.rule)
                left -= found
            if not left:
                yield Unreached(shape.rule, "covered", tuple(by))
                return

    def _goes_before(self, other: "_Shape", shape: "_Shape", category_id: int) -> bool:
        if other.rule.office_id != shape.rule.office_id:
            office = self.town.offices[other.rule.office_id]
            # An office that does not exist on a day lets its rules be passed over.
            if office.valid_to is not None or not office.exists_on(self.day):
                return False
        return shape.is_within(other, category_id)


class _Shape:
    """When a rule matches: its categories, and for each the condition left to ask."""

    def __init__(self, rule: RuleFacts, categories: Sequence[CategoryFacts]) -> None:
        self.rule = rule
        self.categories = [each for each in categories if _is_for(rule, each)]
        self.ids = frozenset(each.id for each in self.categories)
        self._asked: dict[int, Condition] = {}
        self._within: dict[int, bool] = {}

    @cached_property
    def looks_at_category(self) -> bool:
        """Whether what is left to ask is another for every category."""
        return asks_for_category(self.rule.condition)

    @cached_property
    def whole(self) -> Condition:
        """Area and condition as one."""
        return _whole(self.rule)

    def asked(self, category: CategoryFacts) -> Condition:
        """What is left to ask of a case of a category."""
        if not self.looks_at_category:
            return self.whole
        found = self._asked.get(category.id)
        if found is None:
            codes = frozenset((category.code, category.group_code)) - {""}
            found = self._asked[category.id] = simplified(self.whole, Known(codes))
        return found

    def is_within(self, other: "_Shape", category_id: int) -> bool:
        """Whether the other rule matches wherever this one does, for a category of both."""
        if self.looks_at_category or other.looks_at_category:
            category = next(each for each in self.categories if each.id == category_id)
            return implies(self.asked(category), other.asked(category))
        known = self._within.get(id(other))
        if known is None:
            known = self._within[id(other)] = implies(self.whole, other.whole)
        return known


def _is_for(rule: RuleFacts, category: CategoryFacts) -> bool:
    return rule.category_id in {None, category.id, category.group_id}


def _whole(rule: RuleFacts) -> Condition:
    asked = simplified(rule.condition, Known())
    if rule.area is None:
        return asked
    here = InArea((Choice(f"{rule.area.level}:{rule.area.key}", rule.area.name),))
    return here if asked == ALWAYS else AllOf((here, asked))


def _overlap(first: _Shape, second: _Shape) -> bool:
    shared = [each for each in first.categories if each.id in second.ids]
    if not shared or _apart(first.rule.area, second.rule.area):
        return False
    if not (first.looks_at_category or second.looks_at_category):
        shared = shared[:1]
    together = [each for each in shared if not excludes(first.asked(each), second.asked(each))]
    if not together:
        return False
    # A special case before the general one is what order is for; the other way round the second
    # rule is never reached, which is said elsewhere.
    one_in_other = first.ids <= second.ids and all(first.is_within(second, e.id) for e in together)
    other_in_one = second.ids <= first.ids and all(second.is_within(first, e.id) for e in together)
    return not (one_in_other or other_in_one)


def _apart(one: AreaFacts | None, other: AreaFacts | None) -> bool:
    if one is None or other is None or one.identity == other.identity:
        return False
    return one.level == other.level and one.level in _SIDE_BY_SIDE
