"""Rules from a file, for a town's first day and the demo."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import timezone

from accounts.models import Municipality, Office
from routing.models import Area, Category
from routing.rules.rows import Rule
from routing.rules.validation import ConditionInvalid, parse
from routing.rules.versions import in_force_rules, write_version
from routing.town_setup import Row, SetupInvalid, flag


def load_rules(town: Municipality, categories: Mapping[str, Category], rows: Iterable[Row]) -> None:
    """Put rules from a file into force, by priority; rules at other priorities stay.

    A file that says nothing new makes no version; columns that are missing change nothing.
    `condition` is a JSON tree as routing.rules.conditions describes it. Raises SetupInvalid.
    """
    now = timezone.now()
    rules = {rule.priority: rule for rule in in_force_rules(town.pk, now)}
    reader = _Reader(town, categories)
    for row in rows:
        priority = int(row["priority"])
        rules[priority] = reader.read(row, rules.get(priority) or Rule(municipality=town))
    write_version(town.pk, list(rules.values()), reason="Aus einer Datei geladen", now=now)


class _Reader:
    def __init__(self, town: Municipality, categories: Mapping[str, Category]) -> None:
        self.categories = categories
        self.offices = {row.key: row for row in Office.objects.filter(municipality=town)}
        self.areas = {row.name: row for row in Area.objects.filter(municipality=town)}

    def read(self, row: Row, rule: Rule) -> Rule:
        if row.get("area_name") and row["area_name"] not in self.areas:
            raise SetupInvalid(f"rule {row['priority']}: unknown area {row['area_name']}")
        rule.priority = int(row["priority"])
        rule.name = row["name"][:120]
        rule.category = self.categories[row["category_code"]] if row.get("category_code") else None
        rule.area = self.areas[row["area_name"]] if row.get("area_name") else None
        rule.office = self.offices[row["office_key"]]
        rule.completion_hours = int(row.get("completion_hours") or 0) or None
        rule.marks_danger = flag(row.get("danger"))
        for name, value in self._further(row).items():
            setattr(rule, name, value)
        return rule

    def _further(self, row: Row) -> dict[str, Any]:
        """The columns that not every file has."""
        read: dict[str, Callable[[str], Any]] = {
            "condition": lambda cell: _condition(cell, row["priority"]),
            "urgency": str,
            "around_the_clock": flag,
            "tags": _listed,
            "first_look": flag,
            "notice": str,
            "copies": lambda cell: [self.offices[key].pk for key in _listed(cell)],
        }
        return {name: made(row[name]) for name, made in read.items() if name in row}


def _condition(stored: str, priority: str) -> dict[str, Any]:
    if not stored:
        return {}
    try:
        tree = json.loads(stored)
        parse(tree)
    except (ValueError, ConditionInvalid) as fault:
        raise SetupInvalid(f"rule {priority}: {fault}") from fault
    return dict(tree)


def _listed(cell: str) -> list[str]:
    return [each.strip() for each in cell.split(";") if each.strip()]
