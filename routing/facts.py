"""What decisions are made of: plain values without database, clock or settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

from routing.calendar import WorkCalendar
from routing.rules.conditions import Condition
from routing.rules.effects import NOTHING_ELSE, Effects

Place = tuple[str, str]
Rules = tuple["RuleFacts", ...]
# Categories times what rules name at a place: far more than any town has.
MOST_REMEMBERED = 50_000


@dataclass(frozen=True)
class OfficeFacts:
    """An office as far as decisions need it; both validity dates inclusive."""

    id: int
    label: str
    calendar: WorkCalendar = field(default_factory=WorkCalendar, hash=False)
    valid_from: date | None = None
    valid_to: date | None = None
    successor_id: int | None = None
    is_dispatch: bool = False

    def exists_on(self, day: date) -> bool:
        """Whether the office exists on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, order=True)
class AreaFacts:
    """An area by what stays the same when a new version of its outline comes into force.

    `attributes` say what kind of thing lies there, on the levels road, rail, water and parcel:
    `road_class` one of A B L K G W, `through_road` "inside" or "outside" the limit of the through
    road (Ortsdurchfahrt), `ownership` "public" or "private".
    """

    level: str
    key: str
    id: int
    name: str = field(compare=False)
    attributes: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def identity(self) -> Place:
        """Level and key, the same for every version."""
        return self.level, self.key


@dataclass(frozen=True)
class AssetFacts:
    """A thing of the town's inventory a report is about: its layer, its stable key in there."""

    layer: str
    key: str
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class RuleFacts:
    """One line of the responsibility table; None means "any".

    `condition` is what has to hold besides category and area, `effects` what follows besides the
    office. `completion_hours` and `marks_danger` are effects that rules had from the beginning.
    """

    id: int
    priority: int
    name: str
    office_id: int
    category_id: int | None = None
    area: AreaFacts | None = None
    completion_hours: int | None = None
    marks_danger: bool = False
    condition: Condition | None = None
    effects: Effects = NOTHING_ELSE


@dataclass(frozen=True)
class CategoryFacts:
    """A category with its group; hours are working hours."""

    id: int
    name: str
    group_id: int | None = None
    group_name: str = ""
    office_id: int | None = None
    group_office_id: int | None = None
    first_answer_hours: int = 24
    completion_hours: int = 80
    is_danger: bool = False
    code: str = ""
    group_code: str = ""


class RuleTable(tuple[RuleFacts, ...]):
    """The rules of one set, sorted and sorted out once for all cases decided with them.

    A tuple like any other, so that two tables of the same rules are the same.
    """

    @cached_property
    def in_order(self) -> tuple[RuleFacts, ...]:
        """All rules, the one that is asked first in front."""
        return tuple(sorted(self, key=attrgetter("priority", "id")))

    @cached_property
    def _named(self) -> frozenset[Place]:
        return frozenset(rule.area.identity for rule in self if rule.area is not None)

    @cached_property
    def _known(self) -> dict[tuple[int, int | None, frozenset[Place] | None], Rules]:
        return {}

    def for_category(self, category: CategoryFacts) -> Rules:
        """Rules for a category, its group or all, in order, wherever they apply."""
        return self._remembered((category.id, category.group_id, None))

    def at(self, category: CategoryFacts, areas: Iterable[AreaFacts]) -> Rules:
        """Of the rules for a category those for the whole town or one of the areas, in order."""
        # Most areas at a point, parcels above all, are named by no rule.
        places = self._named.intersection(area.identity for area in areas)
        return self._remembered((category.id, category.group_id, places))

    def _remembered(self, key: tuple[int, int | None, frozenset[Place] | None]) -> Rules:
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._sorted_out(*key)
        return found

    def _sorted_out(
        self, category_id: int, group_id: int | None, places: frozenset[Place] | None
    ) -> Rules:
        if places is not None:
            anywhere = self._remembered((category_id, group_id, None))
            return tuple(
                each for each in anywhere if each.area is None or each.area.identity in places
            )
        wanted = {None, category_id, group_id}
        return tuple(each for each in self.in_order if each.category_id in wanted)


@dataclass(frozen=True)
class TownFacts:
    """The responsibility table of a municipality: one set of rules and the offices they name.

    `rule_set_version` is None for a draft.
    """

    time_zone: str
    offices: Mapping[int, OfficeFacts] = field(hash=False)
    rules: tuple[RuleFacts, ...] = ()
    state: str = "BW"
    rule_set_version: int | None = None

    @cached_property
    def table(self) -> RuleTable:
        """The rules, sorted out; one that comes from a memory is sorted out already."""
        return self.rules if isinstance(self.rules, RuleTable) else RuleTable(self.rules)


@dataclass(frozen=True)
class CaseFacts:
    """A report as far as decisions need it.

    `areas` are those valid on the day that cover the point; `danger` is what the way in found
    out, `danger_answers` the answers that mean danger, in words without personal content;
    `assets` are the things of the inventory it is about. `text` is what was written and leaves no
    trace in a decision; `answers` are stored answers by the code of their question,
    `answer_words` the words of the choices among them; `age` is how long ago it arrived.
    """

    category: CategoryFacts
    areas: tuple[AreaFacts, ...]
    at: datetime
    danger: bool = False
    danger_answers: tuple[str, ...] = ()
    assets: tuple[AssetFacts, ...] = ()
    text: str = field(default="", repr=False)
    source: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict, hash=False, repr=False)
    answer_words: tuple[str, ...] = ()
    age: timedelta = timedelta(0)
