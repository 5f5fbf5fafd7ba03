"""The conditions of a rule as the page draws them: every row with its fields, names and errors."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from routing.rules.validation import MOST_LEVELS
from staff_desk.rules.condition_form import Node, name_of
from staff_desk.rules.vocabulary import Vocabulary, kinds


def draw(root: Node, vocabulary: Vocabulary, errors: Mapping[str, str]) -> dict[str, Any]:
    """The root group for the template; `errors` are those of ConditionInvalid."""
    return _drawn(root, "", vocabulary, errors)


def _drawn(
    node: Node, way: str, vocabulary: Vocabulary, errors: Mapping[str, str]
) -> dict[str, Any]:
    name = name_of(way)
    shown: dict[str, Any] = {
        "name": name,
        "id": name.replace(".", "-"),
        "way": way,
        "is_group": node.is_group,
        "is_negated": node.is_negated,
        "kind": node.kind,
        "label": dict(kinds()).get(node.kind, node.kind),
        "error": errors.get(way, ""),
    }
    if node.is_group:
        ways = [f"{way}.{place}".strip(".") for place in range(len(node.parts))]
        parts = zip(node.parts, ways, strict=True)
        return shown | {
            "joint": node.joint,
            "parts": [_drawn(part, at, vocabulary, errors) for part, at in parts],
            "kinds": kinds(),
            "may_nest": way.count(".") + 2 < MOST_LEVELS - (0 if way else 1),
        }
    told = {
        key.partition(":")[2]: text for key, text in errors.items() if key.startswith(f"{way}:")
    }
    fields = [
        each | {"name": f"{name}.f.{each['key']}", "id": f"{shown['id']}-{each['key']}"}
        for each in _fields(node, vocabulary)
    ]
    for each in fields:
        each["error"] = told.get(each["key"], told.get(each.get("also", ""), ""))
    return shown | {"fields": fields}


def _fields(node: Node, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    if node.kind in vocabulary.values:
        return [_ticks(node, vocabulary.values[node.kind])]
    if node.kind in {"answer", "number"}:
        return _answer(node, vocabulary) if node.kind == "answer" else _number(node, vocabulary)
    match node.kind:
        case "words":
            every = [("", _("eines davon genügt")), ("1", _("alle müssen vorkommen"))]
            hint = _("Je Zeile ein Wort oder eine Wortgruppe; Endungen und Umlaute sind gleich.")
            return [_area(node, "words", _("Wörter"), hint), _select(node, "every", "", every)]
        case "time":
            return [_clock(node, "from", _("von")), _clock(node, "to", _("bis"))]
        case "season":
            return [*_day(node, "from", _("vom")), *_day(node, "to", _("bis zum"))]
        case "age":
            return [_text(node, "days", _("mindestens Tage"), "numeric")]
        case "asset":
            return [
                _text(node, "layer", _("Verzeichnis, zum Beispiel lampen"), ""),
                _text(node, "attribute", _("Eigenschaft (leer: jedes Objekt)"), ""),
                _area(node, "values", _("Werte, je Zeile einer (leer: jeder)"), ""),
            ]
    return []


def _number(node: Node, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    return [
        _select(node, "question", _("Frage"), _questions(vocabulary, numbers=True)),
        _text(node, "at_least", _("mindestens"), "decimal"),
        _text(node, "at_most", _("höchstens"), "decimal"),
    ]


def _answer(node: Node, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    fields = [_select(node, "question", _("Frage"), _questions(vocabulary, numbers=False))]
    question = vocabulary.questions.get(node.text("question"))
    if question is not None and question.options:
        fields.append(_ticks(node, question.options, _("Antworten (keine: jede)")))
    elif question is not None:
        fields.append(_area(node, "typed", _("Antworten, je Zeile eine (leer: jede)"), ""))
    else:
        fields[0]["hint"] = _("Danach auf „Aktualisieren“, um die Antworten zu wählen.")
    return fields


def _questions(vocabulary: Vocabulary, *, numbers: bool) -> list[tuple[str, str]]:
    asked = vocabulary.questions.values()
    listed = [(each.code, each.label) for each in asked if each.is_number == numbers]
    return [("", _("bitte wählen")), *listed]


def _ticks(node: Node, choices: Iterable[tuple[str, str]], label: str = "") -> dict[str, Any]:
    chosen = set(node.fields.get("values", []))
    options = [(key, name, key in chosen) for key, name in choices]
    known = {key for key, _name, _is in options}
    # What a rule names and the town does not know any more stays until somebody unticks it.
    gone = [(key, key, True) for key in sorted(chosen - known) if key]
    label = label or _("Einer dieser Werte")
    return {"key": "values", "type": "ticks", "label": label, "options": gone + options}


def _select(node: Node, key: str, label: str, choices: Iterable[tuple[str, str]]) -> dict[str, Any]:
    options = [(value, name, value == node.text(key)) for value, name in choices]
    return {"key": key, "type": "select", "label": label or _("Treffer"), "options": options}


def _text(node: Node, key: str, label: str, mode: str) -> dict[str, Any]:
    return {"key": key, "type": "text", "label": label, "value": node.text(key), "mode": mode}


def _area(node: Node, key: str, label: str, hint: str) -> dict[str, Any]:
    value = node.text(key)
    return {"key": key, "type": "area", "label": label, "value": value, "hint": hint}


def _clock(node: Node, key: str, label: str) -> dict[str, Any]:
    return {"key": key, "type": "time", "label": label, "value": node.text(key)[:5]}


def _day(node: Node, key: str, label: str) -> list[dict[str, Any]]:
    days = [("", _("Tag"))] + [(str(day), f"{day}.") for day in range(1, 32)]
    months = [("", _("Monat"))] + [(f"{at:02}", str(name)) for at, name in MONTHS.items()]
    return [
        _select(node, f"{key}_day", f"{label}: {_('Tag')}", days) | {"also": key},
        _select(node, f"{key}_month", f"{label}: {_('Monat')}", months),
    ]
