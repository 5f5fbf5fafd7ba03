"""The values of a message: which may be stored, and how they read when it is sent.

Secrets are never stored. Instead of one, a value says how to compute it:
`{"derive": [purpose, id, version]}` is a code, `{"url": prefix, "derive": […]}` a link with it.
`{"lines": [{"text": words, …}], "more": count}` is several lines, each with a link where it has
one, and how many there would be besides.
"""

import logging
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.derived_codes import derive
from notifications.events import Event, Placeholder

logger = logging.getLogger(__name__)

_LINE_ENDS = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n")


class ContextMismatch(ValueError):
    """Values that the event does not declare, or that cannot be stored; names no content."""


def plain(text: str) -> str:
    """Text without control characters and broken Unicode; every line end becomes a line feed."""
    if text.isprintable():  # so nothing of it is any of that
        return text
    text = text.encode("utf-8", "replace").decode()
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def one_line(text: str) -> str:
    """The same in one line, fit for a header."""
    return " ".join(plain(text).split())


def storable(event: Event, context: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Check values against the event's declaration and make them JSON.

    Lazy translations are spoken in the message's language. Raises ContextMismatch.
    """
    declared = event.declared()
    unknown = sorted(set(context) - set(declared))
    missing = sorted(
        name for name, one in declared.items() if not one.optional and name not in context
    )
    if unknown or missing:
        raise ContextMismatch(f"{event.code}: unknown {unknown}, missing {missing}")
    with translation.override(language):
        return {name: _storable_value(name, value) for name, value in context.items()}


def _storable_value(name: str, value: Any) -> Any:
    if isinstance(value, Mapping) and "lines" in value:
        return _checked_lines(name, value)
    if isinstance(value, Mapping):
        return _checked_instruction(name, value)
    if isinstance(value, str | Promise):
        return plain(str(value))
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ContextMismatch(f"{name}: {type(value).__name__}")


def _checked_lines(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    if set(value) - {"lines", "more"} or not all("text" in line for line in value["lines"]):
        raise ContextMismatch(f"{name}: not several lines")
    lines = [
        {"text": one_line(str(line["text"]))}
        | (
            _checked_instruction(name, {key: line[key] for key in ("url", "derive")})
            if "derive" in line
            else {}
        )
        for line in value["lines"]
    ]
    return {"lines": lines, "more": int(value.get("more", 0))}


def _checked_instruction(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    match dict(value):
        case {"derive": [str(), int(), int()], **rest} if set(rest) <= {"url"}:
            prefix = rest.get("url", "https://")
            if isinstance(prefix, str) and _is_web_address(prefix):
                return dict(value)
    raise ContextMismatch(f"{name}: not a way to compute a code")


def _is_web_address(prefix: str) -> bool:
    return prefix.startswith(("http://", "https://")) and one_line(prefix) == prefix


def spoken(placeholder: Placeholder, value: Any) -> str:
    """How a stored value reads in a text, in the language that is active. Never raises."""
    if isinstance(value, Mapping) and "lines" in value:
        return _spoken_lines(placeholder.name, value)
    if isinstance(value, Mapping):
        return _computed(placeholder.name, value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    text = str(value)
    text = str(placeholder.words.get(text, text))
    return plain(text).strip() if placeholder.multiline else one_line(text)


def _spoken_lines(name: str, value: Mapping[str, Any]) -> str:
    lines = []
    for line in value["lines"]:
        link = _computed(name, line) if "derive" in line else ""
        lines.append(" ".join(filter(None, [one_line(str(line.get("text", ""))), link])))
    if value.get("more"):
        lines.append(_("und %(count)d weitere") % {"count": value["more"]})
    return "\n".join(lines)


def _computed(name: str, value: Mapping[str, Any]) -> str:
    try:
        purpose, subject_id, version = value["derive"]
        code = derive(purpose, subject_id, version)
        return f"{one_line(str(value['url']))}{quote(code, safe='')}" if "url" in value else code
    except (KeyError, TypeError, ValueError):
        logger.warning("a value could not be computed: %s", name)
        return ""
