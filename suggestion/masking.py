"""Takes out of a text what points to a person, before anything is learned from it. Pure.

Simple rules on purpose: what they miss is met by the minimum document frequency, below which no
word enters a model (`features.RAREST`).
"""

import re

TEXT_LIMIT = 2000
_EMAIL = re.compile(r"\S+@\S+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[0-9A-Z]{4}){3,7}(?:\s?[0-9A-Z]{1,3})?\b")
_PLATE = re.compile(r"\b[A-ZÄÖÜ]{1,3}(?:\s?-\s?|\s|:)[A-Z]{1,2}\s?-?\s?\d{1,4}\s?[EH]?\b")
_PHONE = re.compile(r"\+?\d[\d\s/().-]{4,}\d")
_TITLE = r"(?:[Hh]errn?|[Ff]rau|[Ff]amilie|[Ff]am\.|Dr\.|Prof\.|Mr\.?|Mrs\.?|[Nn]achbar(?:in|n)?)"
_NAME = r"[A-ZÄÖÜ][\w'’-]+"
_ADDRESSED = re.compile(rf"\b{_TITLE}(?:\s+(?:Dr\.|Prof\.|von|van|de|zu))*(?:\s+{_NAME}){{1,2}}")
_INTRODUCED = re.compile(
    rf"\b(?:[Mm]ein [Nn]ame ist|[Ii]ch hei(?:ß|ss)e|[Ii]ch bin)(?:\s+{_NAME}){{1,3}}"
)
# From the farewell on there are names, addresses and footers of mail programs.
_FAREWELL = re.compile(
    r"(?:\b(?:mit\s+(?:\w+\s+)?(?:freundliche[nm]?|beste[nm]?|liebe[nm]?)\s+)?gr(?:ü|ue)(?:ß|ss)(?:e|en)?\b"
    r"|\bmfg\b|\b(?:best|kind)\s+regards\b|\bhochachtungsvoll\b).*",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST_BEFORE_FAREWELL = 20


def masked(text: str) -> str:
    """The first 2,000 characters without addresses, numbers, plates, names and signature."""
    kept = text[:TEXT_LIMIT].replace("\x00", " ")
    for pattern in (_EMAIL, _LINK, _IBAN, _PLATE, _PHONE, _ADDRESSED, _INTRODUCED):
        kept = pattern.sub(" ", kept)
    farewell = _FAREWELL.search(kept)
    if farewell and farewell.start() >= _SHORTEST_BEFORE_FAREWELL:
        kept = kept[: farewell.start()]
    return kept.strip()
