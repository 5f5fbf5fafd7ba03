"""What a model sees of a text: words, opening words and pieces of words, as numbers. Pure.

The same code reads a text for learning and for suggesting, so both see the same. Pieces of words
find "Laterne" in "Straßenlaternenmast", which German needs. A piece is kept as a 64-bit hash: a
model holds no readable word, and only such as stand in at least three texts.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from itertools import pairwise

RAREST = 3
PIECES = range(3, 7)
# People name the thing first and tell its story afterwards.
OPENING_WORDS = 8
_WORD = re.compile(r"\w\w+")
_DIGITS = re.compile(r"\d+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

Counts = Mapping[int, int]


def folded(text: str) -> str:
    """Lower case, umlauts as two letters, every number the same."""
    return _DIGITS.sub("0", text.lower().translate(_UMLAUTS))


def words_in(text: str) -> list[str]:
    """The words of two letters or more of a folded text."""
    return _WORD.findall(text)


def word_counts(text: str) -> Counter[int]:
    """How often each word and each pair of neighbours stands in a folded text, by hash."""
    words = words_in(text)
    pairs = (f"{first} {second}" for first, second in pairwise(words))
    counts = Counter(f"w{word}" for word in words)
    counts.update(f"w{pair}" for pair in pairs)
    return _hashed(counts)


def opening_counts(text: str) -> Counter[int]:
    """The same for the first eight words."""
    return word_counts(" ".join(text.split()[:OPENING_WORDS]))


def piece_counts(text: str) -> Counter[int]:
    """How often each piece of three to six letters stands in a folded text, by hash."""
    counts: Counter[str] = Counter()
    for word in text.split():
        counts.update(_pieces(f" {word} "))
    return _hashed(counts)


def _pieces(word: str) -> Iterator[str]:
    for size in PIECES:
        if len(word) <= size:
            yield f"c{word}"
            return
        for at in range(len(word) - size + 1):
            yield f"c{word[at : at + size]}"


def _hashed(counts: Counter[str]) -> Counter[int]:
    return Counter({_hash(feature): count for feature, count in counts.items()})


def _hash(feature: str) -> int:
    return int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "little")


# How a text is read, kind by kind, and how much each kind weighs. Pieces stand last.
READERS: tuple[tuple[Callable[[str], Counter[int]], float], ...] = (
    (word_counts, 1.0),
    (opening_counts, 0.5),
    (piece_counts, 1.0),
)
