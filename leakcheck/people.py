"""Who is known here, as keyed hashes: tells whether a text names one of them, and holds no name.

A value costs sixteen bytes, so that a town with a million reports fits into some megabytes. The key
is thrown away with the object: nothing of it is worth stealing.
"""

import re
import secrets
from array import array
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

EMAIL, PHONE, NAME = "contact_email", "contact_phone", "contact_name"
SHORTEST_PHONE = 7  # digits
MOST_WORDS = 4  # of a name

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Not behind a letter, a digit or a hyphen: the number of a case is no telephone number.
_PHONE = re.compile(r"(?<![\w-])[+(]?\d[\d ()/.\u00a0-]{5,}\d")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")

Value = tuple[str, str]


def bare_phone(written: str) -> str:
    """The digits by which a number is called, without country code and leading zero."""
    digits = re.sub(r"\D", "", written)
    return digits.removeprefix("0049").removeprefix("49").removeprefix("0")


def values_in(text: str, *, begins: Collection[int] | None = None) -> Iterator[Value]:
    """What of a text could be an address, a telephone number or a name of two to four words.

    `begins` holds the hashes (of this process) of words with which a name can begin at all.
    """
    for found in _EMAIL.findall(text):
        yield EMAIL, found.casefold().rstrip(".")
    for found in _PHONE.findall(text):
        if len(digits := bare_phone(found)) >= SHORTEST_PHONE:
            yield PHONE, digits
    words = [word.casefold() for word in _WORD.findall(text)]
    for start, word in enumerate(words):
        if begins is None or hash(word) in begins:
            for end in range(start + 2, min(start + MOST_WORDS, len(words)) + 1):
                yield NAME, " ".join(words[start:end])


def values_of(*, name: str = "", email: str = "", phone: str = "") -> Iterator[Value]:
    """The same for contact data; a name of one word could be any word, so it counts for nothing."""
    if email:
        yield EMAIL, email.casefold()
    if len(digits := bare_phone(phone)) >= SHORTEST_PHONE:
        yield PHONE, digits
    words = [word.casefold() for word in _WORD.findall(name)][:MOST_WORDS]
    if len(words) >= 2:
        yield NAME, " ".join(words)
        yield NAME, f"{words[-1]} {words[0]}"


class People:
    """Values with their owners (any integer); add all of them before the first question."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._hashes, self._owners = array("Q"), array("q")
        self._harmless: set[int] = set()
        # So that not every word of every page is hashed three times.
        self._begins: set[int] = set()
        self._sorted: tuple[NDArray[np.uint64], NDArray[np.int64]] | None = None

    def add(self, values: Iterable[Value], owner: int) -> None:
        """Remember values as somebody's."""
        for kind, value in values:
            self._hashes.append(self._hash(kind, value))
            self._owners.append(owner)
            if kind == NAME:
                self._begins.add(hash(value.partition(" ")[0]))

    def overlook(self, text: str) -> None:
        """What the town itself says in public counts for nothing, whoever else it belongs to."""
        self._harmless.update(self._hash(kind, value) for kind, value in values_in(text))

    def named_in(self, text: str) -> list[tuple[str, int]]:
        """Kind and owner of every known value in a text."""
        candidates = list(dict.fromkeys(values_in(text, begins=self._begins)))
        if not candidates or not self._hashes:
            return []
        hashes, owners = self._in_order()
        asked = np.array([self._hash(kind, value) for kind, value in candidates], dtype=np.uint64)
        at = np.minimum(np.searchsorted(hashes, asked), len(hashes) - 1)
        return [
            (candidates[index][0], int(owners[at[index]]))
            for index in np.flatnonzero(hashes[at] == asked)
            if int(asked[index]) not in self._harmless
        ]

    def _in_order(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        if self._sorted is None:
            hashes = np.frombuffer(self._hashes, dtype=np.uint64)
            order = np.argsort(hashes, kind="stable")
            self._sorted = hashes[order], np.frombuffer(self._owners, dtype=np.int64)[order]
        return self._sorted

    def _hash(self, kind: str, value: str) -> int:
        digest = blake2b(f"{kind}:{value}".encode(), digest_size=8, key=self._key)
        return int.from_bytes(digest.digest(), "little")
