"""What changed from one set of rules to another, in words, line by line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Office
from routing.rules.effects import PRIORITIES
from routing.rules.rows import Rule, RuleSet
from routing.rules.sentences import condition_in_words
from routing.rules.versions import CONTENT


@dataclass(frozen=True)
class Change:
    """One line of the table that is new, gone or different; `details` say what is different."""

    kind: str  # "added", "removed", "changed"
    rule: Rule
    details: tuple[str, ...] = ()


def changes(before: RuleSet | None, after: RuleSet) -> list[Change]:
    """What differs, in the order of the newer set; what is gone comes last. Five queries."""
    old = {rule.line: rule for rule in _rules(before)} if before else {}
    new = {rule.line: rule for rule in _rules(after)}
    offices = Office.objects.filter(municipality_id=after.municipality_id)
    labels = {office.pk: office.label for office in offices}
    found = [
        change for line, rule in new.items() if (change := _change(old.get(line), rule, labels))
    ]
    return found + [Change("removed", rule) for line, rule in old.items() if line not in new]


def _rules(rule_set: RuleSet) -> Iterable[Rule]:
    rows = Rule.objects.filter(rule_set=rule_set).order_by("priority", "pk")
    related = rows.select_related("category", "area", "office", "team", "assignee")
    return related.defer("area__geometry", "area__centre_line")


def _change(old: Rule | None, new: Rule, labels: Mapping[int, str]) -> Change | None:
    if old is None:
        return Change("added", new)
    details = tuple(_details(old, new, labels))
    return Change("changed", new, details) if details else None


def _details(old: Rule, new: Rule, labels: Mapping[int, str]) -> Iterator[str]:
    names = _names()
    for column in CONTENT:
        if getattr(old, column) != getattr(new, column):
            before, after = (_value(rule, column, labels) for rule in (old, new))
            yield _("%(what)s: %(before)s → %(after)s") % {
                "what": names[column],
                "before": before,
                "after": after,
            }


def _value(rule: Rule, column: str, labels: Mapping[int, str]) -> str:
    value = getattr(rule, column)
    match column:
        case "condition":
            return condition_in_words(rule) or _("keine")
        case "copies":
            return ", ".join(labels.get(each, "–") for each in value) or "–"
        case "tags":
            return ", ".join(value) or "–"
        case "urgency":
            return PRIORITIES[value]
        case "publication_policy":
            return str(rule.get_publication_policy_display()) if value else "–"
    if column.endswith("_id"):
        return _related(rule, column.removesuffix("_id"))
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    return "–" if value in {None, ""} else str(value)


def _related(rule: Rule, name: str) -> str:
    related: Any = getattr(rule, name)
    if related is None:
        return _("alle") if name in {"category", "area"} else "–"
    return str(getattr(related, "label", related))


def _names() -> dict[str, str]:
    return {
        "priority": _("Rang"),
        "name": _("Name"),
        "category_id": _("Anliegenart"),
        "area_id": _("Gebiet"),
        "condition": _("weitere Bedingungen"),
        "office_id": _("zuständig"),
        "team_id": _("Team"),
        "assignee_id": _("Person"),
        "urgency": _("Dringlichkeit"),
        "first_answer_hours": _("Stunden bis zur ersten Antwort"),
        "completion_hours": _("Stunden bis zur Erledigung"),
        "around_the_clock": _("Stunden rund um die Uhr"),
        "tags": _("Schlagwörter"),
        "publication_policy": _("Veröffentlichung"),
        "first_look": _("Erstsichtung"),
        "is_confidential": _("vertraulich"),
        "notice": _("Hinweis an die meldende Person"),
        "copies": _("zur Kenntnis an"),
        "marks_danger": _("Gefahr"),
        "is_active": _("eingeschaltet"),
    }
