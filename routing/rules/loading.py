"""Rules from the database as facts: those in force at a moment, or those of one set.

A draft is tried on cases by replacing the rules of a town that was loaded with its offices:

    town = load_town(municipality_id, since=earliest)        # routing.town_loading, two queries
    draft = town_with_rules(town, rule_set)                  # one query
    compare(draft, town, case)                               # routing.replay, no query
"""

import json
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from accounts.short_memory import remembered_long
from routing.facts import AreaFacts, RuleFacts, RuleTable, TownFacts
from routing.rules.effects import NOTHING_ELSE, Effects
from routing.rules.rows import RuleSet
from routing.rules.validation import read

# Plain SQL, as for the town (routing/town_loading.py). What a rule orders besides the office comes
# as one text, and as nothing where it orders nothing: so it is for most rules.
_RULES = """
    SELECT r.id, r.priority, r.name, r.office_id, r.category_id, r.completion_hours,
        r.marks_danger, r.condition::text, a.level, a.key, a.id, a.name,
        CASE WHEN
            (r.team_id, r.assignee_id, r.first_answer_hours) IS NULL
            AND NOT (r.around_the_clock OR r.first_look OR r.is_confidential)
            AND r.urgency = '' AND r.publication_policy = '' AND r.notice = ''
            AND r.tags = '{}' AND r.copies = '{}'
        THEN NULL ELSE
            json_build_array(
                r.team_id, coalesce(t.name, ''), r.assignee_id, r.urgency, r.first_answer_hours,
                r.around_the_clock, r.tags, r.publication_policy, r.first_look,
                r.is_confidential, r.notice, r.copies
            )::text
        END
    FROM routing_rule r
        LEFT JOIN routing_area a ON a.id = r.area_id
        LEFT JOIN accounts_team t ON t.id = r.team_id
    WHERE r.rule_set_id = %s AND r.is_active ORDER BY r.priority, r.id
"""


def rule_set_in_force(municipality_id: int, moment: datetime) -> RuleSet | None:
    """The set of rules a town goes by at a moment; one query."""
    return RuleSet.objects.filter(municipality_id=municipality_id).in_force_at(moment).first()


@remembered_long
def rules_of_version(version_id: int) -> RuleTable:
    """The rules of a version, which never change; one query, whatever their number."""
    return _table(version_id)


def rules_of(rule_set: RuleSet) -> RuleTable:
    """The rules of one set, draft or version; one query."""
    return _table(rule_set.pk)


def town_with_rules(town: TownFacts, rule_set: RuleSet | None) -> TownFacts:
    """The same town going by another set of rules, or by none; one query."""
    if rule_set is None:
        return replace(town, rules=RuleTable(), rule_set_version=None)
    return replace(town, rules=rules_of(rule_set), rule_set_version=rule_set.version)


def _table(set_id: int) -> RuleTable:
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [set_id])
        return RuleTable(_fact(*row) for row in cursor.fetchall())


def _fact(*row: Any) -> RuleFacts:
    pk, priority, name, office, category, hours, danger, condition, *area, effects = row
    return RuleFacts(
        pk,
        priority,
        name,
        office,
        category,
        _area(*area) if area[2] is not None else None,
        hours,
        danger,
        None if condition == "{}" else read(condition),
        NOTHING_ELSE if effects is None else _effects(effects),
    )


# A table is read again and again with hardly anything in it changed.
@lru_cache(maxsize=8192)
def _area(level: str, key: str, pk: int, name: str) -> AreaFacts:
    return AreaFacts(level, key, pk, name)


@lru_cache(maxsize=8192)
def _effects(stored: str) -> Effects:
    values: list[Any] = json.loads(stored)
    team_id, team_name, assignee, urgency, first, clock, tags, policy, *rest = values
    first_look, is_confidential, notice, copies = rest
    return Effects(
        team_id=team_id,
        team_name=team_name,
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
