"""Reads house numbers as people and files write them: `12`, `12 a`, `12/1`, `12-14`."""

import re
from dataclasses import dataclass

SUFFIX_LIMIT = 12
_SUFFIX = r"(?:[a-zA-Z]{1,2})?(?:\s*[-–/+]\s*\d{1,4}\s*[a-zA-Z]?)?"
_NUMBER = re.compile(rf"(?P<number>\d{{1,4}})\s*(?P<suffix>{_SUFFIX})")
_AT_THE_END = re.compile(
    rf"^(?P<name>.*[^\W\d].*?)\s*(?P<number>\d{{1,4}})\s*(?P<suffix>{_SUFFIX})$"
)
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")


@dataclass(frozen=True)
class Number:
    """A house number and what follows it, folded (`a`, `/1`, `-14`)."""

    number: int
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.number}{self.suffix}"


@dataclass(frozen=True)
class Reading:
    """One way to understand what was typed: a name, with a house number or without."""

    name: str
    number: Number | None = None


def read_number(text: str) -> Number | None:
    """The house number a file gives, or None where it is none."""
    found = _NUMBER.fullmatch(text.strip())
    return _number(found) if found else None


def readings_of(text: str, town_name: str) -> list[Reading]:
    """The ways to understand a typed address, the most literal first; postcode and town go.

    `Kaiserstr. 12, 74072 Heilbronn` is `Kaiserstr.` with 12, or a place of that whole name.
    """
    found: list[Reading] = []
    whole = " ".join(text.split())
    for words in dict.fromkeys((whole, _without_town(whole, town_name))):
        if not words:
            continue
        found.append(Reading(words))
        numbered = _AT_THE_END.match(words)
        if numbered:
            found.append(Reading(numbered["name"].strip(" ,"), _number(numbered)))
    return found


def _number(found: re.Match[str]) -> Number:
    suffix = re.sub(r"\s", "", found["suffix"]).lower().replace("–", "-")
    return Number(int(found["number"]), suffix[:SUFFIX_LIMIT])


def _without_town(text: str, town_name: str) -> str:
    """What is left of an address without postcode, town, and what else follows a comma."""
    parts = []
    for part in text.split(","):
        street, _postcode, _town = _cut_at_postcode(part)
        street = _without_last_word(street.strip(), town_name)
        if street and street.casefold() != town_name.casefold():
            parts.append(street)
    return parts[0] if parts else ""


def _cut_at_postcode(part: str) -> tuple[str, str, str]:
    found = _POSTCODE.search(part)
    if found is None:
        return part, "", ""
    return part[: found.start()], found[0], part[found.end() :]


def _without_last_word(words: str, town_name: str) -> str:
    if words.casefold().endswith(f" {town_name.casefold()}"):
        return words[: -len(town_name)].rstrip()
    return words
