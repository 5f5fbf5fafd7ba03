"""Who is responsible, decided over plain values: no database, no clock, no settings.

The same facts always give the same decision, so the live decision, its explanation and a trial of
changed rules on old reports (routing.replay) share this one function. Rules are sorted out by
category and place once per set, conditions are parsed once per wording, and due times and what was
passed over are only worked out where they are asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from routing.calendar import add_clock_hours, add_working_hours
from routing.facts import (
    AreaFacts,
    AssetFacts,
    CaseFacts,
    CategoryFacts,
    OfficeFacts,
    RuleFacts,
    TownFacts,
)
from routing.rules.circumstances import Circumstances
from routing.rules.conditions import Condition
from routing.rules.effects import NOTHING_ELSE, Effects

# Facts are named here too, so that who asks for a decision needs one address.
__all__ = [
    "DANGER_HOURS",
    "AreaFacts",
    "AssetFacts",
    "Basis",
    "CaseFacts",
    "CategoryFacts",
    "Decision",
    "NoDispatchOffice",
    "OfficeFacts",
    "PassedOver",
    "RuleFacts",
    "TownFacts",
    "decide",
    "dispatch_office",
]

# A danger must be made safe within these hours around the clock unless its target is smaller.
DANGER_HOURS = 4

Basis = Literal["rule", "category", "dispatch"]
Mismatch = Literal["area", "condition", "office"]


class NoDispatchOffice(Exception):
    """A municipality without dispatch office; the database does not allow one."""


@dataclass(frozen=True)
class PassedOver:
    """A rule for the category that comes first and does not match, and the first reason why."""

    rule: RuleFacts
    why: Mismatch
    condition: Condition | None = None


@dataclass(frozen=True)
class Decision:
    """What was decided and everything its explanation needs. Due times are in UTC.

    `office` is the one responsible; `first_look` says that the dispatch office looks first.
    """

    office: OfficeFacts
    basis: Basis
    rule: RuleFacts | None
    ended_offices: tuple[OfficeFacts, ...]
    from_group: bool
    districts: tuple[AreaFacts, ...]
    danger_reasons: tuple[str, ...]
    first_answer_hours: int
    completion_hours: int
    at: datetime
    day: date
    rule_set_version: int | None = None

    @property
    def is_danger(self) -> bool:
        """Whether the case is a danger."""
        return bool(self.danger_reasons)

    @property
    def effects(self) -> Effects:
        """What the rule orders besides the office."""
        return self.rule.effects if self.rule else NOTHING_ELSE

    @property
    def first_look(self) -> bool:
        """Whether the dispatch office looks before the office does; a danger waits for nobody."""
        return self.effects.first_look and not self.is_danger and not self.office.is_dispatch

    @property
    def runs_around_the_clock(self) -> bool:
        """Whether hours count day and night."""
        return self.is_danger or self.effects.around_the_clock

    @cached_property
    def first_answer_due_at(self) -> datetime:
        """Until when the first answer is due."""
        return self._due(self.first_answer_hours)

    @cached_property
    def due_at(self) -> datetime:
        """Until when the work is due."""
        return self._due(self.completion_hours)

    def _due(self, hours: int) -> datetime:
        if self.runs_around_the_clock:
            return add_clock_hours(self.at, hours)
        return add_working_hours(self.at, hours, self.office.calendar)


@dataclass(frozen=True)
class Choice:
    """An office and on what grounds it was chosen."""

    office: OfficeFacts
    basis: Basis
    rule: RuleFacts | None = None
    ended_offices: tuple[OfficeFacts, ...] = ()
    from_group: bool = False


def decide(town: TownFacts, case: CaseFacts, seen: Circumstances | None = None) -> Decision:
    """Choose the office of a case and what else follows.

    The matching rule with the lowest priority number wins; then the category's default office or
    its living successor, then the group's, then the dispatch office. `seen` is the case as rules
    see it, where it is decided by several sets of rules. Raises NoDispatchOffice.
    """
    seen = seen or circumstances_of(town, case)
    choice = _choose(town, case, seen)
    reasons = tuple(_danger_reasons(case, choice.rule))
    first, completion = _target_hours(case.category, choice.rule, danger=bool(reasons))
    return Decision(
        office=choice.office,
        basis=choice.basis,
        rule=choice.rule,
        ended_offices=choice.ended_offices,
        from_group=choice.from_group,
        districts=tuple(sorted(area for area in case.areas if area.level == "district")),
        danger_reasons=reasons,
        first_answer_hours=first,
        completion_hours=completion,
        at=case.at,
        day=seen.day,
        rule_set_version=town.rule_set_version,
    )


def circumstances_of(town: TownFacts, case: CaseFacts) -> Circumstances:
    """A case as the rules of a town see it."""
    return Circumstances(case, time_zone=town.time_zone, state=town.state)


def passed_over(town: TownFacts, case: CaseFacts, decision: Decision) -> Iterator[PassedOver]:
    """The rules for the category that were asked before the decision fell, and why they failed."""
    seen = circumstances_of(town, case)
    places = {area.identity for area in case.areas}
    for rule in town.table.for_category(case.category):
        if decision.rule is not None and rule.id == decision.rule.id:
            return
        if rule.area is not None and rule.area.identity not in places:
            yield PassedOver(rule, "area")
        elif rule.condition is not None and not rule.condition.holds(seen):
            yield PassedOver(rule, "condition", rule.condition.first_miss(seen))
        else:
            yield PassedOver(rule, "office")


def dispatch_office(town: TownFacts) -> OfficeFacts:
    """The one office that takes what nobody else takes. Raises NoDispatchOffice."""
    for office in town.offices.values():
        if office.is_dispatch:
            return office
    raise NoDispatchOffice


def _choose(town: TownFacts, case: CaseFacts, seen: Circumstances) -> Choice:
    for rule in town.table.at(case.category, case.areas):
        if rule.condition is None or rule.condition.holds(seen):
            office = town.offices[rule.office_id]
            if office.exists_on(seen.day):
                return Choice(office, "rule", rule)
    return choose_without_rule(town, case.category, seen.day)


def choose_without_rule(town: TownFacts, category: CategoryFacts, day: date) -> Choice:
    """The office of a category where no rule matches. Raises NoDispatchOffice."""
    ended: list[OfficeFacts] = []
    for from_group, office_id in ((False, category.office_id), (True, category.group_office_id)):
        for office in _succession(town.offices, office_id):
            if office.exists_on(day):
                return Choice(office, "category", ended_offices=tuple(ended), from_group=from_group)
            ended.append(office)
    return Choice(dispatch_office(town), "dispatch", ended_offices=tuple(ended))


def _succession(offices: Mapping[int, OfficeFacts], office_id: int | None) -> Iterator[OfficeFacts]:
    """An office, its successor, that one's successor, …; stops where a chain bites its tail."""
    seen: set[int] = set()
    while office_id is not None and office_id not in seen and office_id in offices:
        seen.add(office_id)
        yield offices[office_id]
        office_id = offices[office_id].successor_id


def _danger_reasons(case: CaseFacts, rule: RuleFacts | None) -> Iterator[str]:
    if case.category.is_danger:
        yield f"Anliegenart »{case.category.name}« gilt als Gefahr"
    yield from (f"Antwort {answer}" for answer in case.danger_answers)
    if rule is not None and rule.marks_danger:
        yield f"Regel {rule.priority} behandelt den Fall als Gefahr"
    if case.danger and not case.category.is_danger and not case.danger_answers:
        yield "bei der Annahme als Gefahr erkannt"


def _target_hours(
    category: CategoryFacts, rule: RuleFacts | None, *, danger: bool
) -> tuple[int, int]:
    """Hours for the first answer and for completion; the answer is never due after the work."""
    first, completion = category.first_answer_hours, category.completion_hours
    if rule is not None:
        if rule.completion_hours is not None:
            completion = rule.completion_hours
        if rule.effects.first_answer_hours is not None:
            first = rule.effects.first_answer_hours
    if danger:
        completion = min(completion, DANGER_HOURS)
    return min(first, completion), completion
