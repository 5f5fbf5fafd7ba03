"""Conditions of a rule as a form: rows and groups, changed by buttons, without any code to type.

A form is a tree of nodes. Every field is named after the way to its node, every button names what
it does and where, so that the server can draw the changed form again and nothing typed is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from routing.rules.validation import KINDS, MOST_LEVELS, MOST_PARTS
from staff_desk.parameters import plain, whole_number
from staff_desk.rules.vocabulary import Vocabulary

ROOT = "c"
_LISTED = frozenset(
    {"area", "category", "source", "weekday", "part", "road_class", "through_road", "ownership"}
)
FIELD_LIMIT = 4000


@dataclass
class Node:
    """A row or a group. `fields` are what was typed, as text; `parts` those of a group."""

    kind: str  # a kind of condition, or "group"
    is_negated: bool = False
    joint: str = "all"
    fields: dict[str, list[str]] = field(default_factory=dict)
    parts: list["Node"] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        return self.kind == "group"

    def text(self, name: str) -> str:
        """The first value of a field."""
        return next(iter(self.fields.get(name, [])), "")


def read_form(data: QueryDict) -> Node:
    """The conditions as they were typed."""
    return _read(data, ROOT, levels=MOST_LEVELS) or Node("group")


def _read(data: QueryDict, name: str, *, levels: int) -> Node | None:
    kind = data.get(f"{name}.kind", "")
    if kind == "group":
        count = min(whole_number(data.get(f"{name}.count", "")), MOST_PARTS)
        parts = [_read(data, f"{name}.{place}", levels=levels - 1) for place in range(count)]
        return Node(
            "group",
            is_negated=data.get(f"{name}.not") == "1",
            joint="any" if data.get(f"{name}.joint") == "any" else "all",
            parts=[part for part in parts if part is not None] if levels else [],
        )
    if kind not in KINDS:
        return None
    prefix = f"{name}.f."
    fields = {
        key.removeprefix(prefix): [plain(each)[:FIELD_LIMIT] for each in data.getlist(key)]
        for key in data
        if key.startswith(prefix)
    }
    return Node(kind, is_negated=data.get(f"{name}.not") == "1", fields=fields)


def change(root: Node, order: str, data: QueryDict) -> None:
    """Do what a button says: "add:way", "group:way" or "remove:way"; nonsense does nothing."""
    verb, _colon, way = order.partition(":")
    group, last = _find(root, way) if verb == "remove" else (_at(root, way), None)
    if group is None or not group.is_group:
        return
    if verb == "remove" and last is not None and last < len(group.parts):
        del group.parts[last]
    elif verb == "group":
        group.parts.append(Node("group", joint="any" if group.joint == "all" else "all"))
    elif verb == "add":
        kind = data.get(f"{name_of(way)}.new", "")
        if kind in KINDS:
            group.parts.append(Node(kind))


def name_of(way: str) -> str:
    """What the fields of a node are named after."""
    return f"{ROOT}.{way}" if way else ROOT


def _find(root: Node, way: str) -> tuple[Node | None, int | None]:
    parent, _dot, last = way.rpartition(".")
    return (_at(root, parent), int(last)) if last.isdecimal() else (None, None)


def _at(root: Node, way: str) -> Node | None:
    node: Node | None = root
    for step in way.split(".") if way else []:
        place = whole_number(step)
        inside = node.parts if node else []
        node = inside[place] if place < len(inside) else None
    return node


def tree_of(root: Node, vocabulary: Vocabulary) -> dict[str, Any]:
    """The conditions as they are stored (routing.rules.conditions); {} where there are none."""
    return _tree(root, vocabulary) if root.parts else {}


def _tree(node: Node, vocabulary: Vocabulary) -> dict[str, Any]:
    if node.is_group:
        tree: dict[str, Any] = {node.joint: [_tree(part, vocabulary) for part in node.parts]}
    else:
        tree = {"is": node.kind, **_stored(node, vocabulary)}
    return {"not": tree} if node.is_negated else tree


def _stored(node: Node, vocabulary: Vocabulary) -> dict[str, Any]:
    if node.kind in _LISTED:
        return {"values": _named(node, vocabulary.names(node.kind))}
    match node.kind:
        case "answer" | "number":
            return _stored_answer(node, vocabulary)
        case "words":
            return {"words": _lines(node.text("words")), "every": node.text("every") == "1"}
        case "time":
            return {"from": node.text("from"), "to": node.text("to")}
        case "season":
            return {"from": _day(node, "from"), "to": _day(node, "to")}
        case "age":
            return {"days": node.text("days")}
        case "asset":
            return {
                "layer": node.text("layer"),
                "attribute": node.text("attribute"),
                "values": _lines(node.text("values")),
            }
    return {}


def _stored_answer(node: Node, vocabulary: Vocabulary) -> dict[str, Any]:
    question = vocabulary.questions.get(node.text("question"))
    stored: dict[str, Any] = {
        "question": question.code if question else "",
        "question_text": question.text if question else "",
    }
    if node.kind == "number":
        return stored | {"at_least": node.text("at_least"), "at_most": node.text("at_most")}
    if question is None:
        return stored | {"values": []}
    # Ticks of another question than the one that is chosen now mean nothing.
    options = dict(question.options)
    typed = [{"key": word, "name": word} for word in _lines(node.text("typed"))]
    chosen = [each for each in _named(node, options) if each["key"] in options]
    return stored | {
        "values": chosen if options else typed,
        "confidential": question.is_confidential,
    }


def _named(node: Node, names: Mapping[str, str]) -> list[dict[str, str]]:
    keys = [key for key in node.fields.get("values", []) if key]
    return [{"key": key, "name": names.get(key, key)} for key in keys]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _day(node: Node, name: str) -> str:
    day, month = node.text(f"{name}_day"), node.text(f"{name}_month")
    return f"{month}-{day}" if day and month else ""


def from_stored(tree: Mapping[str, Any]) -> Node:
    """The form of stored conditions; the root is always a group."""
    node = _node(tree) if tree else Node("group")
    is_plain_group = node.is_group and not node.is_negated
    return node if is_plain_group else Node("group", parts=[node])


def _node(tree: Mapping[str, Any]) -> Node:
    if "not" in tree:
        inner = _node(tree["not"])
        inner.is_negated = not inner.is_negated
        return inner
    for joint in ("all", "any"):
        if joint in tree:
            return Node("group", joint=joint, parts=[_node(part) for part in tree[joint]])
    return Node(str(tree.get("is", "")), fields=_typed(tree))


def _typed(leaf: Mapping[str, Any]) -> dict[str, list[str]]:
    fields = {
        name: [_shown(value)]
        for name, value in leaf.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    values = leaf.get("values") or []
    keys = [value["key"] if isinstance(value, Mapping) else str(value) for value in values]
    match leaf.get("is"):
        case "asset":
            fields["values"] = ["\n".join(keys)]
        case "words":
            fields["words"] = ["\n".join(leaf.get("words", []))]
            fields["every"] = ["1" if leaf.get("every") else ""]
        case "season":
            for name in ("from", "to"):
                month, _dash, day = str(leaf.get(name, "")).partition("-")
                fields |= {f"{name}_day": [day.lstrip("0")], f"{name}_month": [month]}
        case _:
            fields["values"] = keys
            fields["typed"] = ["\n".join(keys)]
    return fields


def _shown(value: Any) -> str:
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)
