"""Finds kinds of report by their names, search words and our seed phrases, where no model is. Pure.

Nothing is learned here and nothing is a probability: a category scores by the words of the text
that it knows, rare words more than those that many categories share.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from suggestion.features import folded, words_in
from suggestion.seeds import phrases_for

OFFERED = 3
# A word of its own says this much at least before anything is offered.
LEAST = 1.0
# What scores less than this share of the best is not worth a glance.
WORTH = 0.4
_NAME, _KEYWORD, _SEED, _DESCRIPTION = 1.0, 1.0, 0.7, 0.5
_SHORTEST_STEM = 4
_ENDINGS = re.compile(r"(?:en|em|er|es|et|e|n|s|t)$")
# Words that tell no kinds apart, folded.
_SMALL = frozenset((Path(__file__).parent / "vocabulary" / "small_words.txt").read_text().split())


@dataclass(frozen=True)
class Kind:
    """A category as its own words describe it."""

    code: str
    name: str
    description: str
    keywords: tuple[str, ...]


def best_fitting(text: str, kinds: Sequence[Kind]) -> list[str]:
    """Codes of up to three categories whose words stand in a text, the best first."""
    said = _stems(folded(text))
    if not said:
        return []
    weights, rarity = _weights(tuple(kinds))
    scores = {
        code: sum(_worth(word, known, rarity) for word in set(said))
        for code, known in weights.items()
    }
    ranked = sorted(scores, key=lambda code: (-scores[code], code))[:OFFERED]
    best = scores[ranked[0]] if ranked else 0.0
    return [code for code in ranked if best >= LEAST and scores[code] >= WORTH * best]


def _worth(word: str, known: dict[str, float], rarity: dict[str, float]) -> float:
    """What a word of the text says for a category: itself, or a known word that is part of it."""
    return max(
        (
            weight * rarity[stem] * (1.0 if stem == word else 0.8)
            for stem, weight in known.items()
            if stem == word or stem in word or (len(word) > _SHORTEST_STEM and word in stem)
        ),
        default=0.0,
    )


@lru_cache(maxsize=64)
def _weights(kinds: tuple[Kind, ...]) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """What each category's stems weigh, and how much a stem tells categories apart."""
    weights = {kind.code: _known(kind) for kind in kinds}
    holders = Counter(stem for known in weights.values() for stem in known)
    rarity = {
        stem: math.log(1 + len(kinds) / count) / math.log(1 + len(kinds))
        for stem, count in holders.items()
    }
    return weights, rarity


def _known(kind: Kind) -> dict[str, float]:
    described = folded(f"{kind.name} {' '.join(kind.keywords)}")
    known: dict[str, float] = {}
    for text, weight in (
        (folded(kind.description), _DESCRIPTION),
        (phrases_for(described), _SEED),
        (folded(" ".join(kind.keywords)), _KEYWORD),
        (folded(kind.name), _NAME),
    ):
        known |= dict.fromkeys(_stems(text), weight)
    return known


def _stems(text: str) -> list[str]:
    words = (word for word in words_in(text) if word not in _SMALL)
    stems = (_ENDINGS.sub("", word) if len(word) > _SHORTEST_STEM + 1 else word for word in words)
    return [stem for stem in stems if len(stem) >= _SHORTEST_STEM and stem not in _SMALL]
