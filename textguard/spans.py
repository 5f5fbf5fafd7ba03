"""What is found in a text, as values. Offsets count code points, as Python's strings do."""

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of personal data a span holds."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    IBAN = "iban"
    PLATE = "plate"
    HOUSE_NUMBER = "house_number"
    BIRTH_DATE = "birth_date"
    HANDLE = "handle"

    @property
    def placeholder(self) -> str:
        """What stands in the public text instead; German like the texts it stands in."""
        return _PLACEHOLDERS[self]


class Confidence(StrEnum):
    """How sure a rule is. Low: worth a look. High: not published without a reason."""

    LOW = "low"
    HIGH = "high"


_PLACEHOLDERS = {
    Kind.NAME: "[Name]",
    Kind.PHONE: "[Telefonnummer]",
    Kind.EMAIL: "[E-Mail]",
    Kind.IBAN: "[Kontonummer]",
    Kind.PLATE: "[Kennzeichen]",
    Kind.HOUSE_NUMBER: "[Hausnummer]",
    Kind.BIRTH_DATE: "[Geburtsdatum]",
    Kind.HANDLE: "[Profil]",
}


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]` holds personal data; `rule` names what found it."""

    start: int
    end: int
    kind: Kind
    confidence: Confidence
    rule: str

    @property
    def is_sure(self) -> bool:
        """Whether the span must not go public unseen."""
        return self.confidence == Confidence.HIGH


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text with a placeholder for each span; spans must not overlap."""
    parts, at = [], 0
    for span in sorted(spans):
        parts += [text[at : span.start], span.kind.placeholder]
        at = span.end
    return "".join([*parts, text[at:]])


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Of spans that overlap the one that was named first, sorted by place."""
    kept: list[Span] = []
    for span in spans:
        at = bisect(kept, span)
        is_free = (not at or kept[at - 1].end <= span.start) and (
            at == len(kept) or span.end <= kept[at].start
        )
        if span.start < span.end and is_free:
            kept.insert(at, span)
    return kept
