"""What is conspicuous about a set of rules, for its page and before it is put into force."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Municipality
from routing.facts import AreaFacts, CategoryFacts
from routing.models import Area, AreaLevel, Category
from routing.rules.checks import Cell, Overlap, RuleChecks, Unreached
from routing.rules.loading import town_with_rules
from routing.rules.rows import RuleSet
from routing.town_loading import category_facts, load_town

MOST_NAMED = 20


class TownChecks:
    """The checks of a set, with the categories that are offered and the districts of today."""

    def __init__(self, town: Municipality, rule_set: RuleSet, now: datetime) -> None:
        day = now.astimezone(town.tz).date()
        rows = Category.objects.filter(municipality=town).select_related("parent")
        ordered = sorted(rows, key=lambda row: (row.parent.name if row.parent else "", row.name))
        groups = {row.parent_id for row in ordered}
        self.categories: Sequence[CategoryFacts] = [
            category_facts(row) for row in ordered if row.is_active and row.pk not in groups
        ]
        areas = Area.objects.filter(municipality=town, level=AreaLevel.DISTRICT).valid_on(day)
        self.districts = [
            AreaFacts(*facts)
            for facts in areas.order_by("name", "key").values_list("level", "key", "pk", "name")
        ]
        facts = town_with_rules(load_town(town.pk, since=now), rule_set)
        self.checks = RuleChecks(facts, [category_facts(row) for row in ordered], day)

    def cells(self) -> list[Cell]:
        """Who decides where, category by category."""
        return list(self.checks.cells(self.categories, self.districts))


def findings_of(town: Municipality, rule_set: RuleSet, now: datetime) -> dict[str, Any]:
    """Context of _findings.html. Seven queries."""
    found = TownChecks(town, rule_set, now)
    cells = found.cells()
    overlaps = list(found.checks.overlaps())
    return {
        "unreached": [(each.rule, why_unreached(each)) for each in found.checks.unreached()],
        "overlaps": [_pair(each) for each in islice(overlaps, MOST_NAMED)],
        "overlap_count": len(overlaps),
        "cells": len(cells),
        "uncovered": sum(cell.basis != "rule" for cell in cells),
        "stranded": sum(cell.basis == "dispatch" for cell in cells),
    }


def why_unreached(found: Unreached) -> str:
    """Why no case gets to a rule."""
    if found.why == "office":
        return _("Ihr Amt besteht nicht mehr.")
    if found.why == "never":
        return _("Ihre Bedingungen können nie zugleich zutreffen.")
    named = ", ".join(f"{each.priority} „{each.name}“" for each in found.by[:3])
    if len(found.by) > 1:
        return _("Immer passt vorher eine dieser Regeln: %(rules)s.") % {"rules": named}
    return _("Immer passt vorher Regel %(rule)s.") % {"rule": named}


def _pair(found: Overlap) -> tuple[str, str]:
    return _named(found.first), _named(found.second)


def _named(rule: Any) -> str:
    return f"{rule.priority} „{rule.name}“"
