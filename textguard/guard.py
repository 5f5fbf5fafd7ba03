"""Find personal data in a text: rules first, then the detectors of the operator's own."""

from collections.abc import Iterable, Iterator

from textguard.houses import find_house_numbers
from textguard.names import find_names
from textguard.numbers import find_birth_dates, find_ibans, find_phones
from textguard.online import find_emails, find_handles
from textguard.places import NO_PLACES, PlaceNames, shield
from textguard.plates import find_plates
from textguard.plugins import TextDetector, detectors
from textguard.spans import Span, without_overlaps
from textguard.words import words_of

# Once something is hidden, what stood around it may read differently; a few looks settle it.
_ROUNDS = 5
# Stands for what is already found. No rule reads across it, as none reads across a placeholder.
_HIDDEN = "["


def find(
    text: str,
    *,
    sensitive: bool = False,
    places: PlaceNames = NO_PLACES,
    further: Iterable[TextDetector] | None = None,
) -> list[Span]:
    """Personal data in a text: spans without overlaps, sorted, offsets in code points.

    `sensitive`: house numbers count as well. `places`: names of the town's streets and places,
    which are no names of people. `further`: detectors beside the rules, by default those of the
    settings. What `spans.mask` makes of a text holds nothing more to find.
    """
    others = tuple(detectors() if further is None else further)
    found: list[Span] = []
    rest = text
    for _round in range(_ROUNDS):
        new = without_overlaps(_by_rules(rest, sensitive, places))
        if not new:
            break
        found += new
        rest = _hidden(rest, new)
    for detector in others:
        found += (each for each in detector.find(text, sensitive=sensitive) if _is_in(text, each))
    return without_overlaps(found)


def _by_rules(text: str, sensitive: bool, places: PlaceNames) -> Iterator[Span]:
    """What holds most comes first: an address with a name in it is an address."""
    yield from find_ibans(text)
    yield from find_emails(text)
    yield from find_handles(text)
    yield from find_birth_dates(text)
    yield from find_plates(text)
    yield from find_phones(text)
    words = words_of(text)
    shielded = shield(text, words, places)
    yield from find_names(text, words, shielded)
    if sensitive:
        yield from find_house_numbers(text, words, shielded)


def _hidden(text: str, spans: Iterable[Span]) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], _HIDDEN * (span.end - span.start)]
        at = span.end
    return "".join([*parts, text[at:]])


def _is_in(text: str, span: Span) -> bool:
    return 0 <= span.start < span.end <= len(text)
