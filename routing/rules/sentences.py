"""A rule read back as one German sentence, and its parts."""

from collections.abc import Mapping

from routing.rules.effects import Effects, effects_in_words
from routing.rules.rows import Rule
from routing.rules.validation import ConditionInvalid, parse
from routing.rules.wording import in_words


def rule_in_words(rule: Rule, offices: Mapping[int, str]) -> str:
    """What a rule does; `offices` maps ids to labels. Category, area, office should be loaded."""
    what = f"Anliegenart ist »{rule.category}«" if rule.category else ""
    where = f"Punkt liegt in »{rule.area}«" if rule.area else ""
    further = condition_in_words(rule)
    if " oder " in further and (what or where):
        further = f"({further})"
    condition = " und ".join(each for each in (what, where, further) if each)
    when = f"Wenn {condition}," if condition else "In jedem Fall"
    effects = list(
        effects_in_words(
            effects_of(rule),
            offices=dict(offices),
            completion_hours=rule.completion_hours,
            marks_danger=rule.marks_danger,
        )
    )
    also = f"; außerdem: {'; '.join(effects)}" if effects else ""
    return f"{when} ist zuständig: {rule.office.label}{also}."


def condition_in_words(rule: Rule) -> str:
    """The further conditions of a rule; empty where there are none."""
    if not rule.condition:
        return ""
    try:
        return in_words(parse(rule.condition))
    except ConditionInvalid:
        return "nicht lesbare Bedingung"


def effects_of(rule: Rule) -> Effects:
    """What a rule orders besides the office; the team should be loaded."""
    return Effects(
        team_id=rule.team_id,
        team_name=rule.team.name if rule.team else "",
        assignee_id=rule.assignee_id,
        priority=rule.urgency,
        first_answer_hours=rule.first_answer_hours,
        around_the_clock=rule.around_the_clock,
        tags=tuple(rule.tags),
        publication=rule.publication_policy,
        first_look=rule.first_look,
        is_confidential=rule.is_confidential,
        notice=rule.notice,
        copies=tuple(rule.copies),
    )
