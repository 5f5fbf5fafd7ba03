"""House numbers: they name a household, and are hidden where the category is a sensitive one."""

import re
from collections.abc import Iterator, Sequence

from textguard.places import Shield, is_street
from textguard.spans import Confidence, Kind, Span
from textguard.words import Word

_DIGITS = r"\d{1,4} ?[a-hA-H]?(?:[-–/]\d{1,4}[a-h]?)?"
_NUMBER = re.compile(
    r"[.,]?[ \u00a0](?:(?:nr|nummer|hausnr|hausnummer|haus)\.?:? ?)?"
    rf"(?P<number>{_DIGITS})"
    r"(?![\w]|[.,:]\d|\.? ?(?:uhr|m|meter|km|h|jahre|euro|mal|stück|personen)\b)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:hausnummer|hausnr\.?|haus-nr\.?|haus nr\.?|haus nummer|haus)[ :]{1,3}"
    r"(?P<number>\d{1,4} ?[a-h]?)(?![\w]|[.,:]\d)",
    re.IGNORECASE,
)


def find_house_numbers(text: str, words: Sequence[Word], shielded: Shield) -> Iterator[Span]:
    """The number behind a street, and numbers that say of themselves what they are."""
    for found in _NAMED.finditer(text):
        yield _span(found)
    for at, word in enumerate(words):
        if is_street(word) or at in shielded.sure or at in shielded.maybe:
            behind = _NUMBER.match(text, word.end)
            if behind:
                yield _span(behind)


def _span(found: re.Match[str]) -> Span:
    start = found.start("number")
    end = start + len(found.group("number").rstrip())
    return Span(start, end, Kind.HOUSE_NUMBER, Confidence.HIGH, "house_number")
