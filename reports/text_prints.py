"""Fingerprints of a text by which the same and nearly the same texts are counted together.

Nothing but hashes leaves this module. Near texts are found by MinHash (Broder 1997): two texts
share the smallest hash of their word triples as likely as they share triples at all.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

_WORDS = re.compile(r"[^\W\d_]+")
_TRIPLE = 3
_SEEDS = ("a", "b")
# Below that, people write the same by chance ("Schlagloch", "Laterne defekt").
SHORTEST_STORM = 4
SHORTEST_NEAR = 6


def prints_of(text: str) -> dict[str, str]:
    """Hashes by which copies of a text are counted, by name; empty for a few words.

    Numbers, punctuation, case and accents make no other text.
    """
    words = _words(text)
    if len(words) < SHORTEST_STORM:
        return {}
    prints = {"text": _hash(" ".join(words))}
    if len(words) >= SHORTEST_NEAR:
        triples = list(_triples(words))
        for seed in _SEEDS:
            prints[f"near_{seed}"] = min(_hash(f"{seed}:{triple}") for triple in triples)
    return prints


def same_words(text: str) -> str:
    """A hash of the words of any text, empty where there are none."""
    words = _words(text)
    return _hash(" ".join(words)) if words else ""


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORDS.findall(plain)


def _triples(words: list[str]) -> Iterator[str]:
    for at in range(len(words) - _TRIPLE + 1):
        yield " ".join(words[at : at + _TRIPLE])


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
