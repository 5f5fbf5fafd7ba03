"""The responsible office for a place, a category and a moment, with the reasons in words.

Loads the facts (at most five queries), lets decision.py decide and explanation.py explain. Knows
nothing of reports: values in, values out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point

from routing.answers import chosen_options, dangerous_answers, questions_of
from routing.boundaries import (
    Candidate,
    NearArea,
    areas_around,
    candidates,
    in_words,
    radius_of,
)
from routing.decision import (
    AssetFacts,
    Basis,
    CaseFacts,
    OfficeFacts,
    TownFacts,
    decide,
    dispatch_office,
)
from routing.explanation import explain
from routing.models import RuleSet
from routing.question_info import QuestionInfo
from routing.rules.effects import NOTHING_ELSE, Effects
from routing.rules.loading import town_with_rules
from routing.town_loading import load_category, load_town


@dataclass(frozen=True)
class Assignment:
    """Who is responsible and until when. Due times are aware, in UTC; sentences are German.

    `office_id` is the office responsible. Where somebody looks first, `first_look_by` is the
    office that does. `effects` are what else the rule orders, for offices that exist.
    """

    office_id: int
    office_label: str
    district_id: int | None
    district_name: str
    rule_id: int | None
    basis: Basis
    is_danger: bool
    first_answer_due_at: datetime
    due_at: datetime
    sentences: tuple[str, ...]
    rule_set_version: int | None = None
    first_look_by: int | None = None
    effects: Effects = NOTHING_ELSE
    near_boundary: tuple[Candidate, ...] = ()


def assign(
    *,
    municipality_id: int,
    category_id: int,
    point: Point,
    at: datetime,
    answers: Mapping[str, Any] | None = None,
    danger: bool = False,
    text: str = "",
    source: str = "",
    age: timedelta = timedelta(0),
    rules_at: datetime | None = None,
    assets: tuple[AssetFacts, ...] = (),
    accuracy_m: float | None = None,
    rule_set: RuleSet | None = None,
) -> Assignment:
    """Decide who is responsible for a point (WGS84) and a category at a moment.

    `answers` are checked answers to the category's questions; `danger` is set where the way in
    already found one; `text` is looked into for words and not kept; `age` is how long ago a report
    arrived that is decided anew; `accuracy_m` is how exact the point is: what begins within it is
    named as the other possibility. The rules are those in force at `at`, or at `rules_at`, or
    those of a `rule_set` that is tried.

    There is always an office. Five queries at most: the category, the town, the rules unless the
    process remembers them, questions where there are answers, areas. Raises ValueError for a naive
    `at`, Category.DoesNotExist for a category of another municipality.
    """
    if at.tzinfo is None:
        raise ValueError("`at` needs a time zone")
    category = load_category(municipality_id, category_id)
    town = load_town(municipality_id, since=at, rules_at=rules_at)
    if rule_set is not None:
        town = town_with_rules(town, rule_set)
    day = at.astimezone(ZoneInfo(town.time_zone)).date()
    questions = questions_of(category_id) if answers else []
    around = areas_around(municipality_id, point, day, radius_of(accuracy_m))
    case = CaseFacts(
        category=category,
        areas=around.covering,
        at=at,
        danger=danger,
        danger_answers=tuple(dangerous_answers(questions, answers or {})),
        text=text,
        source=source,
        answers=answers or {},
        answer_words=words_of_answers(questions, answers or {}),
        age=age,
        assets=assets,
    )
    return decide_and_explain(town, case, around.near)


def decide_and_explain(
    town: TownFacts, case: CaseFacts, near: Sequence[NearArea] = ()
) -> Assignment:
    """The pure part of assign(): the same facts always give the same assignment."""
    decision = decide(town, case)
    district = decision.districts[0] if decision.districts else None
    others = candidates(town, case, decision, near)
    return Assignment(
        office_id=decision.office.id,
        office_label=decision.office.label,
        district_id=district.id if district else None,
        district_name=district.name if district else "",
        rule_id=decision.rule.id if decision.rule else None,
        basis=decision.basis,
        is_danger=decision.is_danger,
        first_answer_due_at=decision.first_answer_due_at,
        due_at=decision.due_at,
        sentences=(*explain(town, case, decision), *in_words(others)),
        rule_set_version=decision.rule_set_version,
        first_look_by=dispatch_office(town).id if decision.first_look else None,
        effects=_possible(decision.effects, town, decision.office),
        near_boundary=others,
    )


def words_of_answers(
    questions: Iterable[QuestionInfo], answers: Mapping[str, Any]
) -> tuple[str, ...]:
    """The words of the choices that were made, not of confidential questions."""
    chosen = chosen_options(questions, answers)
    return tuple(option.text for question, option in chosen if not question.is_confidential)


def _possible(effects: Effects, town: TownFacts, office: OfficeFacts) -> Effects:
    """The effects without copies to the office itself and to offices that are gone."""
    copies = tuple(copy for copy in effects.copies if copy in town.offices and copy != office.id)
    return effects if copies == effects.copies else replace(effects, copies=copies)
