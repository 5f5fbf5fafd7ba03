"""Telephone numbers in texts of the town, as links that can be tapped. Pure."""

import re

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

# 110, 112, 116117 and German numbers with their area code, as written in notices.
_NUMBERS = re.compile(
    r"(?<![\w/-])(?:11[02]|116\s?117|0\d{2,5}(?: ?[/-] ?| )?\d[\d -]{3,12}\d)(?![\w/])"
)


def with_call_links(text: str) -> SafeString:
    """The text as HTML: its numbers become links, everything else is escaped."""
    parts: list[str] = []
    end = 0
    for match in _NUMBERS.finditer(text):
        number = re.sub(r"\D", "", match[0])
        parts += [
            conditional_escape(text[end : match.start()]),
            format_html('<a href="tel:{}">{}</a>', number, match[0]),
        ]
        end = match.end()
    parts.append(conditional_escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part was escaped
