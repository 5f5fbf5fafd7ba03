"""Rules from the database as facts: those in force at a moment, or those of one set.

A draft is tried on cases by replacing the rules of a town that was loaded with its offices:

    town = load_town(municipality_id, since=earliest)        # routing.town_loading, two queries
    draft = town_with_rules(town, rule_set)                  # one query
    compare(draft, town, case)                               # routing.replay, no query
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from accounts.short_memory import remembered_long
from routing.facts import AreaFacts, RuleFacts, RuleTable, TownFacts
from routing.rules.effects import NOTHING_ELSE, Effects
from routing.rules.rows import Rule, RuleSet
from routing.rules.validation import read

_PLAIN = (
    *("pk", "priority", "name", "office_id", "category_id"),
    *("completion_hours", "marks_danger", "condition_text"),
)
_AREA = ("area__level", "area__key", "area_id", "area__name")
_EFFECTS = (
    *("team_id", "team__name", "assignee_id", "urgency", "first_answer_hours"),
    *("around_the_clock", "tags", "publication_policy", "first_look", "is_confidential"),
    *("notice", "copies"),
)


def rule_set_in_force(municipality_id: int, moment: datetime) -> RuleSet | None:
    """The set of rules a town goes by at a moment; one query."""
    return RuleSet.objects.filter(municipality_id=municipality_id).in_force_at(moment).first()


@remembered_long
def rules_of_version(version_id: int) -> RuleTable:
    """The rules of a version, which never change; one query, whatever their number."""
    return RuleTable(_facts(Rule.objects.filter(rule_set_id=version_id)))


def rules_of(rule_set: RuleSet) -> RuleTable:
    """The rules of one set, draft or version; one query."""
    return RuleTable(_facts(Rule.objects.filter(rule_set=rule_set)))


def town_with_rules(town: TownFacts, rule_set: RuleSet | None) -> TownFacts:
    """The same town going by another set of rules, or by none; one query."""
    if rule_set is None:
        return replace(town, rules=RuleTable(), rule_set_version=None)
    return replace(town, rules=rules_of(rule_set), rule_set_version=rule_set.version)


def _facts(rules: QuerySet[Rule]) -> Iterator[RuleFacts]:
    # Plain rows: a large town has hundreds of rules, and every decision reads them all.
    rows = (
        rules.filter(is_active=True)
        .annotate(condition_text=Cast("condition", TextField()))
        .order_by("priority", "pk")
        .values_list(*_PLAIN, *_AREA, *_EFFECTS)
    )
    return (_fact(row) for row in rows)


def _fact(row: Iterable[Any]) -> RuleFacts:
    pk, priority, name, office_id, category_id, hours, danger, condition, *rest = row
    area, effects = rest[: len(_AREA)], rest[len(_AREA) :]
    return RuleFacts(
        id=pk,
        priority=priority,
        name=name,
        office_id=office_id,
        category_id=category_id,
        area=AreaFacts(*area) if area[2] is not None else None,
        completion_hours=hours,
        marks_danger=danger,
        condition=None if condition == "{}" else read(condition),
        effects=_effects(effects),
    )


def _effects(values: list[Any]) -> Effects:
    # Most rules name an office and nothing else.
    if not any(values):
        return NOTHING_ELSE
    team_id, team_name, assignee, urgency, first, clock, tags, policy, *rest = values
    first_look, is_confidential, notice, copies = rest
    return Effects(
        team_id=team_id,
        team_name=team_name or "",
        assignee_id=assignee,
        priority=urgency,
        first_answer_hours=first,
        around_the_clock=clock,
        tags=tuple(tags),
        publication=policy,
        first_look=first_look,
        is_confidential=is_confidential,
        notice=notice,
        copies=tuple(copies),
    )
