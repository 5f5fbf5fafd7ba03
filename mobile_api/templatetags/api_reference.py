"""Template filters of the API page."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_CODE = re.compile(r"`([^`]+)`")
_EMPHASIS = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")
_ITEM = re.compile(r"\* (.+)")


@register.filter
def described(text: str) -> SafeString:
    """A description of the OpenAPI file as HTML: paragraphs, lists, code, emphasis."""
    blocks = [_block(block) for block in escape(str(text)).split("\n\n") if block.strip()]
    return mark_safe("".join(blocks))  # noqa: S308 - escaped before any tag was added


@register.filter
def in_line(text: str) -> SafeString:
    """A short text as HTML without a paragraph of its own."""
    return mark_safe(_inline(escape(str(text))))  # noqa: S308 - escaped before any tag was added


def _block(block: str) -> str:
    items = [_ITEM.fullmatch(line) for line in block.split("\n")]
    if all(items):
        listed = "".join(f"<li>{_inline(item.group(1))}</li>" for item in items if item)
        return f"<ul>{listed}</ul>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    return _EMPHASIS.sub(r"<em>\1</em>", _CODE.sub(r"<code>\1</code>", text))
