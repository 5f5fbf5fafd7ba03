"""One form for all ways to write a name: ß/ss, ä/ae, Str./Straße, hyphens, case, abbreviations."""

import re
import unicodedata

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_WORDS = re.compile(r"[^\W_]+")
_SQUARE = re.compile(r"pl\.(?=\W|$)")
# How a word is written in gazetteers, by how people shorten or lengthen it.
_SAME = {
    "st": "sankt",
    "skt": "sankt",
    "doktor": "dr",
    "professor": "prof",
    "bgm": "buergermeister",
    "buergerm": "buergermeister",
    "obgm": "oberbuergermeister",
    "gebr": "gebrueder",
    "frh": "freiherr",
    "pl": "platz",
}
_UNFINISHED_STREET = re.compile(r"str(?:a|as|ass|asse)$")
FOLDED_LIMIT = 160


def fold(name: str) -> str:
    """The search form of a name: letters and digits only, e.g. `kaiserstr`, `sanktmartinplatz`.

    Folding what is folded changes nothing.
    """
    folded = _folded_once(name)
    while (again := _folded_once(folded)) != folded:
        folded = again
    return folded


def fold_typed(text: str) -> str:
    """The search form of something still being typed: `Kaiserstra` is on its way to `kaiserstr`."""
    return _UNFINISHED_STREET.sub("str", fold(text))


def _folded_once(name: str) -> str:
    lowered = unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS)
    lowered = _SQUARE.sub("platz", lowered)
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", lowered)
        if not unicodedata.combining(letter)
    )
    return "".join(map(_word, _WORDS.findall(bare)))[:FOLDED_LIMIT]


def _word(word: str) -> str:
    if word.endswith("strasse"):
        return f"{word[:-7]}str"
    return _SAME.get(word, word)
