"""What decisions are made of: plain values without database, clock or settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

from routing.calendar import WorkCalendar
from routing.rules.conditions import Condition
from routing.rules.effects import NOTHING_ELSE, Effects


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
    def identity(self) -> tuple[str, str]:
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


@dataclass(frozen=True)
class TownFacts:
    """The responsibility table of a municipality: one set of rules and the offices they name.

    `rule_set_version` is None for a draft. The rules are sorted and sorted out by category once
    for all cases that are decided with the same facts.
    """

    time_zone: str
    offices: Mapping[int, OfficeFacts] = field(hash=False)
    rules: tuple[RuleFacts, ...] = ()
    state: str = "BW"
    rule_set_version: int | None = None

    @cached_property
    def _for_any(self) -> dict[tuple[int, int | None], tuple[RuleFacts, ...]]:
        return {}

    @cached_property
    def in_order(self) -> tuple[RuleFacts, ...]:
        """All rules, the one that is asked first in front."""
        return tuple(sorted(self.rules, key=attrgetter("priority", "id")))

    def rules_for(self, category: CategoryFacts) -> tuple[RuleFacts, ...]:
        """Rules for a category, its group or all, in order."""
        key = (category.id, category.group_id)
        found = self._for_any.get(key)
        if found is None:
            wanted = {None, *key}
            found = tuple(rule for rule in self.in_order if rule.category_id in wanted)
            self._for_any[key] = found
        return found


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
