"""Streets, schools and districts are often named after people: these are no persons.

What is known by its ending is found by pattern, the rest by the names of the town's gazetteer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textguard.words import Word, fold_place

_LONGEST = 6  # words of a place's name
# Endings of place names, also as a word of its own: `Schillerstraße`, `Karl-Kraft-Weg`.
_ENDINGS = (
    "straße", "strasse", "str", "weg", "platz", "gasse", "gässle", "allee", "brücke", "steg",
    "steige", "staffel", "schule", "gymnasium", "kindergarten", "kita", "halle", "stadion",
    "kirche", "kapelle", "denkmal", "park", "ufer", "damm", "siedlung", "turm", "bad", "klinik",
    "klinikum", "krankenhaus", "museum", "zentrum", "center", "quartier", "viertel", "promenade",
    "anlage", "anlagen", "brunnen", "institut", "stift", "heim", "saal", "hochschule",
    "universität", "haltestelle", "parkhaus", "parkplatz", "garten", "tunnel", "kaserne",
    "stiftung", "campus", "hof", "haus", "ring", "tor", "graben", "spielplatz", "friedhof", "see",
    "bibliothek",
)  # fmt: skip
# Surnames end like these as well: places only behind a hyphen or as words of their own.
_ALSO_SURNAMES = frozenset(
    {"ring", "hof", "haus", "bad", "heim", "tor", "see", "turm", "park", "stift", "graben",
     "garten", "damm", "brunnen", "weg", "steg", "halle"}
)  # fmt: skip
_WHOLE = frozenset(_ENDINGS)
_COMPOUND = tuple(ending for ending in _ENDINGS if ending not in _ALSO_SURNAMES)
# What is often named after people and written in words of its own: `Anne Frank Realschule`.
_HOUSES = (
    "schule",
    "gymnasium",
    "heim",
    "klinik",
    "krankenhaus",
    "stift",
    "kirche",
    "halle",
    "zentrum",
)
_STREETS = ("straße", "strasse", "str", "weg", "platz", "gasse", "allee", "ring", "steige", "damm")
_TITLES = frozenset(
    {"herr", "herrn", "frau", "familie", "fam", "hr", "nachbar", "nachbarin", "nachbarn"}
)


class PlaceNames:
    """Names of a town's places, folded once, to be asked for many texts."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        folded = {fold_place(name) for name in names}
        self._folded = frozenset(name for name in folded if len(name) > 2)

    def __contains__(self, folded: str) -> bool:
        return folded in self._folded

    def __bool__(self) -> bool:
        return bool(self._folded)


NO_PLACES = PlaceNames()


@dataclass(frozen=True)
class Shield:
    """Words (by position) that belong to places.

    `sure`: by their ending or as a name of several words. `maybe`: a single word of the gazetteer,
    which a title in front makes a person again.
    """

    sure: frozenset[int]
    maybe: frozenset[int]


def shield(text: str, words: Sequence[Word], places: PlaceNames) -> Shield:
    """Which words of a text name a place."""
    sure: set[int] = set()
    maybe: set[int] = set()
    for at, word in enumerate(words):
        if ends_like_a_place(word):
            sure.update(_reaching_back(text, words, at))
        if places and word.is_capital:
            last = _longest_known(text, words, at, places)
            (maybe if last == at else sure).update(range(at, last + 1) if last is not None else ())
    return Shield(frozenset(sure), frozenset(maybe))


def ends_like_a_place(word: Word) -> bool:
    """`Kaiserstraße`, `Karl-Kraft-Weg`, `Platz`; not `Döring`."""
    last = word.parts[-1]
    return last in _WHOLE or last.endswith(_COMPOUND) or _is_house(word)


def is_street(word: Word) -> bool:
    """Whether a house number may follow."""
    return word.parts[-1].endswith(_STREETS)


def _reaching_back(text: str, words: Sequence[Word], at: int) -> range:
    """`Theodor Heuss Platz` from its first word on."""
    first = at
    if words[at].folded not in _WHOLE and not _is_house(words[at]):
        return range(at, at + 1)
    while first and at - first < 4 and _belongs_before(text, words[first - 1], words[first]):
        first -= 1
    return range(first, at + 1)


def _is_house(word: Word) -> bool:
    """`Grundschule`, `Seniorenheims`; the surname `Stillheim` stays one behind a title."""
    bare = word.folded.removesuffix("es").removesuffix("s")
    return len(bare) > 8 and bare.endswith(_HOUSES)


def _belongs_before(text: str, word: Word, following: Word) -> bool:
    gap = text[word.end : following.start]
    return word.is_capital and word.folded not in _TITLES and gap in {" ", "-", ". ", ".-", "- "}


def _longest_known(text: str, words: Sequence[Word], at: int, places: PlaceNames) -> int | None:
    """The last word of the longest known name that begins with this word."""
    name, found = "", None
    for last in range(at, min(at + _LONGEST, len(words))):
        if last > at and not _is_joined(text, words[last - 1], words[last]):
            break
        name += fold_place(words[last].text)
        ended = f"{name[:-3]}strasse" if name.endswith("str") else name
        if ended in places:
            found = last
    return found


def _is_joined(text: str, word: Word, following: Word) -> bool:
    return text[word.end : following.start] in {" ", "-", ". ", ".-", " - "}
