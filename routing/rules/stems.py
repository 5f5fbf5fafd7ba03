"""Finds whole German words in what people write, whatever their ending and spelling. Pure."""

from collections.abc import Iterable
from functools import lru_cache
from threading import Lock

import snowballstemmer

from routing.word_matching import fold, words_of

_STEMMER = snowballstemmer.stemmer("german")
# A stemmer keeps the word it works on; two threads must not share it at the same moment.
_ONE_AT_A_TIME = Lock()


def stemmed(text: str) -> str:
    """A text as stems between single blanks: "Bäume", "Baeume" and "Baum" are one word."""
    return " ".join(["", *(_stem(word) for word in words_of(fold(text)).split()), ""])


def contains(stems: str, phrase: str) -> bool:
    """Whether a phrase of stems stands in a text of stems, its words one after another."""
    return phrase != " " and phrase in stems


def phrases(words: Iterable[str]) -> tuple[str, ...]:
    """Words or groups of words as they are looked for."""
    return tuple(stemmed(word) for word in words)


def _stem(word: str) -> str:
    # Numbers have no ending, and there are so many that they would drive the words out.
    return word if word.isdigit() else _stem_of_letters(word)


@lru_cache(maxsize=20_000)
def _stem_of_letters(word: str) -> str:
    with _ONE_AT_A_TIME:
        return str(_STEMMER.stemWord(word))
