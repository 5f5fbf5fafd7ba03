"""Whether a text is German, by its small words and its letters. Pure.

A model has learned from German only; of a text in another language it knows nothing, so it must
not guess.
"""

import re
import tomllib
import unicodedata
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]+")
_LISTS = {
    language: frozenset(words.split())
    for language, words in tomllib.loads(
        (Path(__file__).parent / "vocabulary" / "languages.toml").read_text()
    ).items()
}
_GERMAN = _LISTS["de"]
# A word that German has too tells nothing.
_FOREIGN = frozenset().union(*(words for name, words in _LISTS.items() if name != "de")) - _GERMAN
_FEW = 3


def is_german(text: str) -> bool:
    """Whether a text may be read as German; a few words without any sign count as German."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not words:
        return False
    letters = "".join(words)
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if latin < 0.7 * len(letters):
        return False
    own = sum(word in _GERMAN for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    return own >= foreign or (foreign < 2 and len(words) <= _FEW)
