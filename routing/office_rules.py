"""Rules follow their office: where offices merge or split, a new version of the rules says so.

What is given names the offices (`sources`, `target`) and, for a split, the categories and areas
(ids) that were chosen, None where that is no matter.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.db.models import F

from accounts.models import Office
from routing.models import Rule, RuleSet
from routing.rules.versions import in_force_rules, write_version


class PlannedRules(Exception):
    """A version of the rules that begins later names one of the offices; call it off first."""


class Shift(Protocol):
    """From which offices to which, and by what choice."""

    @property
    def sources(self) -> Sequence[Office]: ...
    @property
    def target(self) -> Office: ...
    @property
    def categories(self) -> frozenset[int] | None: ...
    @property
    def areas(self) -> frozenset[int] | None: ...
    @property
    def people(self) -> frozenset[int] | None: ...


def rules_parted(
    municipality_id: int, shift: Shift, now: datetime
) -> tuple[list[Rule], list[Rule]]:
    """The rules in force that would name the other office, and those that go on naming the old.

    Two queries."""
    rules = in_force_rules(municipality_id, now)
    follow = [rule for rule in rules if _follows(rule, shift)]
    old = {office.pk for office in shift.sources}
    return follow, [rule for rule in rules if rule.office_id in old and rule not in follow]


def move_rules(municipality_id: int, shift: Shift, *, reason: str, now: datetime) -> None:
    """Let rules name the other office: those in force as a new version, drafts where they stand.

    Raises PlannedRules.
    """
    old = {office.pk for office in shift.sources}
    later = RuleSet.objects.filter(
        municipality_id=municipality_id, version__isnull=False, in_force_from__gt=now
    )
    if later.filter(rules__office__in=old).exists():
        raise PlannedRules
    rules = in_force_rules(municipality_id, now)
    for rule in rules:
        _turn(rule, shift)
    write_version(municipality_id, rules, reason=reason, now=now)
    drafted = Rule.objects.filter(rule_set__version__isnull=True, office__in=old)
    turned = set()
    for rule in drafted.filter(municipality_id=municipality_id):
        if _turn(rule, shift):
            rule.save(update_fields=["office", "copies"])
            turned.add(rule.rule_set_id)
    RuleSet.objects.filter(pk__in=turned).update(revision=F("revision") + 1)


def _turn(rule: Rule, shift: Shift) -> bool:
    changed = _follows(rule, shift)
    if changed:
        rule.office = shift.target
    old = {office.pk for office in shift.sources}
    if _is_whole(shift) and old.intersection(rule.copies):
        copies = [shift.target.pk if each in old else each for each in rule.copies]
        rule.copies = list(dict.fromkeys(copies))
        changed = True
    return changed


def _follows(rule: Rule, shift: Shift) -> bool:
    if rule.office_id not in {office.pk for office in shift.sources}:
        return False
    if shift.categories is not None:
        return _category_in(rule, shift.categories)
    if shift.areas is not None:
        return rule.area_id in shift.areas
    return _is_whole(shift)


def _category_in(rule: Rule, chosen: frozenset[int]) -> bool:
    if rule.category is None:
        return False
    return not chosen.isdisjoint({rule.category.pk, rule.category.parent_id})


def _is_whole(shift: Shift) -> bool:
    return shift.people is None
