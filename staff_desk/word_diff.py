"""What was changed between two texts, word by word; told by strokes, not by colour alone."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

MOST_WORDS = 2_000
_TOKENS = re.compile(r"\s+|\S+")


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """Pieces in reading order as ("same" | "gone" | "new", text); joined they give both texts.

    Texts beyond MOST_WORDS tokens count as wholly replaced, so that no text costs a minute.
    """
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        return [("gone", before), ("new", after)]
    return list(_pieces(old, new))


def word_diff(before: str, after: str) -> SafeString:
    """The changes as HTML; everything typed is escaped. Empty where nothing differs."""
    if before == after:
        return SafeString("")
    names = {"gone": _("entfernt"), "new": _("eingefügt")}
    return format_html_join(
        "", "{}", ((_drawn(kind, text, names),) for kind, text in changes(before, after))
    )


def _pieces(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[i1:i2])
            continue
        if i2 > i1:
            yield "gone", "".join(old[i1:i2])
        if j2 > j1:
            yield "new", "".join(new[j1:j2])


def _drawn(kind: str, text: str, names: dict[str, str]) -> SafeString | str:
    if kind == "same":
        return text
    element = "del" if kind == "gone" else "ins"
    return format_html(
        '<{0}><span class="kern-sr-only">({1}: </span>{2}<span class="kern-sr-only">)</span></{0}>',
        SafeString(element),
        names[kind],
        text,
    )
