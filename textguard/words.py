"""A text as words with their places, and the lists of words that the rules know."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"
# One repeat, bounded: whatever is typed, reading it costs a step per letter.
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[-'’\u2010\u2011](?=[^\W\d_])){0,60}")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_NO_LETTER = re.compile(r"[\W\d_]")


@dataclass(frozen=True)
class Word:
    """A run of letters, hyphens and apostrophes inside; `folded` is for comparing."""

    start: int
    end: int
    text: str
    folded: str

    @property
    def is_capital(self) -> bool:
        """Whether it is written like a noun or a name."""
        return self.text[0].isupper()

    @property
    def parts(self) -> list[str]:
        """`Hans-Peter` as `hans`, `peter`."""
        return self.folded.replace("\u2010", "-").replace("\u2011", "-").split("-")


def words_of(text: str) -> list[Word]:
    """The words of a text in order."""
    return [
        Word(found.start(), found.end(), found.group(), found.group().casefold())
        for found in _WORD.finditer(text)
    ]


def fold_place(name: str) -> str:
    """One form for all ways to write a street: `Karl-Kraft-Str.` and `Karl Kraft Straße` alike."""
    bare = _NO_LETTER.sub("", name.casefold().translate(_UMLAUTS))
    return f"{bare[:-3]}strasse" if bare.endswith("str") else bare


@cache
def listed(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a list, and those below its line, which are words of German as well."""
    lines = (_DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")]
    above, _line, below = "\n".join(rows).partition("\n--\n")
    ambiguous = frozenset(below.split())
    return frozenset(above.split()) - ambiguous, ambiguous
