"""One answer, two formats: GeoReport v2 XML and the JSON that follows from it. Pure.

In JSON a list is an array even with one member, and the root element vanishes. In XML a value that
is missing is an empty element, a missing date no element at all.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

XML, JSON = "xml", "json"
CONTENT_TYPES = {XML: "text/xml; charset=utf-8", JSON: "application/json; charset=utf-8"}
# XML 1.0, section 2.2: these characters cannot stand in a document, in no form of writing.
_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Without this a parser would turn the carriage return into a line feed (section 2.11).
_KEPT = {"\r": "&#13;"}


@dataclass(frozen=True)
class Items:
    """A list; in XML each member is an element of this name."""

    name: str
    members: Sequence[Any]


@dataclass(frozen=True)
class Document:
    """What is answered: a root element with a list or with named values."""

    root: str
    content: Items | Mapping[str, Any]


def render(document: Document, suffix: str) -> bytes:
    """The bytes of a document in UTF-8; times must know their zone."""
    if suffix == JSON:
        return json.dumps(_plain(document.content), ensure_ascii=False).encode()
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return (head + "".join(_element(document.root, document.content)) + "\n").encode()


def clean(text: str) -> str:
    """The text without characters that no XML document can hold."""
    return _FORBIDDEN.sub("", text)


def moment(at: datetime) -> str:
    """A time as GeoReport writes it: ISO 8601 with its zone and without fractions."""
    return at.isoformat(timespec="seconds")


def _plain(value: Any) -> Any:
    if isinstance(value, Items):
        return [_plain(member) for member in value.members]
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, datetime):
        return moment(value)
    return clean(value) if isinstance(value, str) else value


def _element(name: str, value: Any) -> Iterator[str]:
    inner = "".join(_content(value))
    yield f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def _content(value: Any) -> Iterator[str]:
    if isinstance(value, Items):
        for member in value.members:
            yield from _element(value.name, member)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if inner is not None or not _is_left_out(name):
                yield from _element(name, inner)
    elif value is not None:
        yield escape(_word(value), _KEPT)


def _is_left_out(name: str) -> bool:
    # An empty date fits no date type; an empty number would look like one to simple readers.
    return name.endswith("_datetime") or name == "service_request_id"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment(value)
    return clean(str(value))
