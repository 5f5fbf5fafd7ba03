"""Who is responsible, decided over plain values: no database, no clock, no settings.

The same facts always give the same decision, so the live decision, its explanation and a trial of
changed rules on old reports share this one function.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Literal
from zoneinfo import ZoneInfo

from routing.calendar import WorkCalendar, add_clock_hours, add_working_hours

# A danger must be made safe within these hours around the clock unless its target is smaller.
DANGER_HOURS = 4

Basis = Literal["rule", "category", "dispatch"]
Mismatch = Literal["category", "area", "office"]


class NoDispatchOffice(Exception):
    """A municipality without dispatch office; the database does not allow one."""


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
class RuleFacts:
    """One line of the responsibility table; None means "any"."""

    id: int
    priority: int
    name: str
    office_id: int
    category_id: int | None = None
    area: AreaFacts | None = None
    completion_hours: int | None = None
    marks_danger: bool = False


@dataclass(frozen=True)
class AssetFacts:
    """A thing of the town's inventory a report is about: its layer, its stable key in there."""

    layer: str
    key: str
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


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


@dataclass(frozen=True)
class TownFacts:
    """The responsibility table of a municipality."""

    time_zone: str
    offices: Mapping[int, OfficeFacts] = field(hash=False)
    rules: tuple[RuleFacts, ...] = ()


@dataclass(frozen=True)
class CaseFacts:
    """A report as far as decisions need it.

    `areas` are those valid on the day that cover the point; `danger` is what the way in found
    out, `danger_answers` the answers that mean danger, in words without personal content;
    `assets` are the things of the inventory it is about.
    """

    category: CategoryFacts
    areas: tuple[AreaFacts, ...]
    at: datetime
    danger: bool = False
    danger_answers: tuple[str, ...] = ()
    assets: tuple[AssetFacts, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What was decided and everything its explanation needs. Due times are in UTC."""

    office: OfficeFacts
    basis: Basis
    rule: RuleFacts | None
    passed_over: tuple[tuple[RuleFacts, Mismatch], ...]
    ended_offices: tuple[OfficeFacts, ...]
    from_group: bool
    districts: tuple[AreaFacts, ...]
    danger_reasons: tuple[str, ...]
    first_answer_hours: int
    completion_hours: int
    first_answer_due_at: datetime
    due_at: datetime
    day: date

    @property
    def is_danger(self) -> bool:
        """Whether the case runs on the 24/7 clock."""
        return bool(self.danger_reasons)


@dataclass(frozen=True)
class _Choice:
    office: OfficeFacts
    basis: Basis
    rule: RuleFacts | None = None
    passed_over: tuple[tuple[RuleFacts, Mismatch], ...] = ()
    ended_offices: tuple[OfficeFacts, ...] = ()
    from_group: bool = False


def decide(town: TownFacts, case: CaseFacts) -> Decision:
    """Choose the office of a case and its due times.

    The matching rule with the lowest priority number wins; then the category's default office or
    its living successor, then the group's, then the dispatch office. Raises NoDispatchOffice.
    """
    day = case.at.astimezone(ZoneInfo(town.time_zone)).date()
    choice = _choose(town, case, day)
    reasons = tuple(_danger_reasons(case, choice.rule))
    first, completion = _target_hours(case.category, choice.rule, danger=bool(reasons))
    calendar = choice.office.calendar
    return Decision(
        office=choice.office,
        basis=choice.basis,
        rule=choice.rule,
        passed_over=choice.passed_over,
        ended_offices=choice.ended_offices,
        from_group=choice.from_group,
        districts=tuple(sorted(area for area in case.areas if area.level == "district")),
        danger_reasons=reasons,
        first_answer_hours=first,
        completion_hours=completion,
        first_answer_due_at=_due(case.at, first, calendar, danger=bool(reasons)),
        due_at=_due(case.at, completion, calendar, danger=bool(reasons)),
        day=day,
    )


def _choose(town: TownFacts, case: CaseFacts, day: date) -> _Choice:
    categories = {None, case.category.id, case.category.group_id}
    places = {area.identity for area in case.areas}
    passed_over: list[tuple[RuleFacts, Mismatch]] = []
    for rule in sorted(town.rules, key=attrgetter("priority", "id")):
        office = town.offices[rule.office_id]
        why_not: Mismatch
        if rule.category_id not in categories:
            why_not = "category"
        elif rule.area is not None and rule.area.identity not in places:
            why_not = "area"
        elif not office.exists_on(day):
            why_not = "office"
        else:
            return _Choice(office, "rule", rule, passed_over=tuple(passed_over))
        passed_over.append((rule, why_not))
    return _choose_without_rule(town, case.category, day, tuple(passed_over))


def _choose_without_rule(
    town: TownFacts,
    category: CategoryFacts,
    day: date,
    passed_over: tuple[tuple[RuleFacts, Mismatch], ...],
) -> _Choice:
    ended: list[OfficeFacts] = []
    for from_group, office_id in ((False, category.office_id), (True, category.group_office_id)):
        for office in _succession(town.offices, office_id):
            if office.exists_on(day):
                return _Choice(
                    office,
                    "category",
                    passed_over=passed_over,
                    ended_offices=tuple(ended),
                    from_group=from_group,
                )
            ended.append(office)
    return _Choice(
        _dispatch_office(town.offices.values()),
        "dispatch",
        passed_over=passed_over,
        ended_offices=tuple(ended),
    )


def _succession(offices: Mapping[int, OfficeFacts], office_id: int | None) -> Iterator[OfficeFacts]:
    """An office, its successor, that one's successor, …; stops where a chain bites its tail."""
    seen: set[int] = set()
    while office_id is not None and office_id not in seen and office_id in offices:
        seen.add(office_id)
        yield offices[office_id]
        office_id = offices[office_id].successor_id


def _dispatch_office(offices: Iterable[OfficeFacts]) -> OfficeFacts:
    for office in offices:
        if office.is_dispatch:
            return office
    raise NoDispatchOffice


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
    completion = category.completion_hours
    if rule is not None and rule.completion_hours is not None:
        completion = rule.completion_hours
    if danger:
        completion = min(completion, DANGER_HOURS)
    return min(category.first_answer_hours, completion), completion


def _due(at: datetime, hours: int, calendar: WorkCalendar, *, danger: bool) -> datetime:
    return add_clock_hours(at, hours) if danger else add_working_hours(at, hours, calendar)
