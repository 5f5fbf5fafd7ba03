"""Filters of the public pages: `{% load public_words %}`."""

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# 110, 112, 116117 and German numbers with their area code, as written in notices.
_NUMBERS = re.compile(r"(?<![\w/-])(?:11[02]|116\s?117|0\d{2,5}[ /-]?\d[\d -]{3,12}\d)(?![\w/])")


@register.filter
def call_links(text: object) -> SafeString:
    """The text with telephone numbers that can be tapped; everything else escaped."""
    source = str(text)
    parts: list[str] = []
    end = 0
    for match in _NUMBERS.finditer(source):
        number = re.sub(r"\D", "", match[0])
        parts += [
            conditional_escape(source[end : match.start()]),
            format_html('<a href="tel:{}">{}</a>', number, match[0]),
        ]
        end = match.end()
    parts.append(conditional_escape(source[end:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part was escaped
