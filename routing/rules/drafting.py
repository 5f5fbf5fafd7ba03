"""Changes of the rules in a draft: write one, move it, take it out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import F, Max

from accounts.models import User
from routing.rules.rows import Rule, RuleSet
from routing.rules.validation import parse
from routing.rules.versions import CONTENT, DraftChanged, lock_draft

STEP = 10


class PriorityTaken(Exception):
    """Another rule of the draft has this rank."""


def save_rule(
    draft_id: int,
    *,
    rule_id: int | None,
    values: Mapping[str, Any],
    by: User,
    now: datetime,
    expected_revision: int,
) -> Rule:
    """Write a rule of a draft, a new one for None; `values` are columns named in CONTENT.

    A new rule without `priority` comes last. Raises RuleSet.DoesNotExist, NotAllowed, NoDraft,
    DraftChanged, Rule.DoesNotExist, ConditionInvalid, PriorityTaken.
    """
    with transaction.atomic():
        draft = lock_draft(draft_id, by=by)
        if draft.revision != expected_revision:
            raise DraftChanged
        rule = Rule(municipality_id=draft.municipality_id, rule_set=draft)
        if rule_id is not None:
            rule = Rule.objects.get(pk=rule_id, rule_set=draft)
        for name in set(values) & set(CONTENT):
            setattr(rule, name, values[name])
        if rule.condition:
            parse(rule.condition)
        rule.priority = rule.priority or _last_priority(draft) + STEP
        taken = Rule.objects.filter(rule_set=draft, priority=rule.priority).exclude(pk=rule.pk)
        if taken.exists():
            raise PriorityTaken
        rule.save()
        _count_change(draft, by=by, now=now)
    return rule


def move_rule(
    draft_id: int, *, rule_id: int, direction: Literal["up", "down"], by: User, now: datetime
) -> None:
    """Let a rule change places with its neighbour; at the end of the list nothing happens.

    Raises RuleSet.DoesNotExist, NotAllowed, NoDraft, Rule.DoesNotExist.
    """
    with transaction.atomic():
        draft = lock_draft(draft_id, by=by)
        rule = Rule.objects.get(pk=rule_id, rule_set=draft)
        rules = Rule.objects.filter(rule_set=draft)
        if direction == "up":
            neighbour = rules.filter(priority__lt=rule.priority).order_by("-priority").first()
        else:
            neighbour = rules.filter(priority__gt=rule.priority).order_by("priority").first()
        if neighbour is None:
            return
        rule.priority, neighbour.priority = neighbour.priority, rule.priority
        # The constraint on ranks looks at the end of the transaction.
        rule.save(update_fields=["priority"])
        neighbour.save(update_fields=["priority"])
        _count_change(draft, by=by, now=now)


def remove_rule(draft_id: int, *, rule_id: int, by: User, now: datetime) -> None:
    """Take a rule out of a draft.

    Raises RuleSet.DoesNotExist, NotAllowed, NoDraft, Rule.DoesNotExist.
    """
    with transaction.atomic():
        draft = lock_draft(draft_id, by=by)
        Rule.objects.get(pk=rule_id, rule_set=draft).delete()
        _count_change(draft, by=by, now=now)


def _last_priority(draft: RuleSet) -> int:
    found = Rule.objects.filter(rule_set=draft).aggregate(last=Max("priority"))
    return int(found["last"] or 0)


def _count_change(draft: RuleSet, *, by: User, now: datetime) -> None:
    RuleSet.objects.filter(pk=draft.pk).update(
        revision=F("revision") + 1, changed_by=by, changed_at=now
    )
