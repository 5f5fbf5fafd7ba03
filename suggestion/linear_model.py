"""A learned model: a table of weights, read with numpy and nothing else. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suggestion.context import Seen, Surroundings
from suggestion.features import READERS, Counts, folded

Floats = NDArray[np.float32]
Hashes = NDArray[np.uint64]
# Of the pieces of a text so many must be known before anything is said of it.
KNOWN_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Block:
    """Features of one kind: hashes in order, rarity (idf), weights (features x categories)."""

    hashes: Hashes
    idf: Floats
    weights: Floats

    def known(self, asked: Hashes, often: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Which of a text's features the model knows, and how often they stand in it."""
        at = np.searchsorted(self.hashes, asked)
        at[at == len(self.hashes)] = 0
        found = self.hashes[at] == asked if len(self.hashes) else np.zeros(len(asked), bool)
        return at[found], often[found]

    def scores(self, at: NDArray[np.intp], often: Floats) -> Floats:
        """What these features say for each category."""
        values = weighed(often, self.idf[at])
        return (values @ self.weights[at]).astype(np.float32)


def as_arrays(counts: Counts) -> tuple[Hashes, Floats]:
    """Hashes of features and how often each stands in the text."""
    return (
        np.fromiter(counts.keys(), np.uint64, len(counts)),
        np.fromiter(counts.values(), np.float32, len(counts)),
    )


def weighed(often: Floats, idf: Floats) -> Floats:
    """Sublinear frequency times rarity, to length 1 (the usual TF-IDF)."""
    values = (1 + np.log(often)) * idf
    length = float(np.sqrt((values**2).sum()))
    return (values / length if length else values).astype(np.float32)


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Categories by code, a block for each way of reading, and how scores become probabilities.

    From `offer_from` on the category is among the first three as often as was asked for, from
    `sure_from` on it is the first (both measured on later cases than those learned from).
    """

    categories: tuple[str, ...]
    blocks: tuple[Block, ...]
    surroundings: Surroundings
    context_weights: Floats
    bias: Floats
    sharpness: float
    offer_from: float
    sure_from: float

    def probabilities(self, seen: Seen) -> Mapping[str, float] | None:
        """Probability by category; None where too little of the text is known."""
        scores = self.scores(seen)
        if scores is None:
            return None
        shares = softmax(scores * self.sharpness).tolist()
        return dict(zip(self.categories, shares, strict=True))

    def scores(self, seen: Seen) -> Floats | None:
        """What speaks for each category, in their order; None where too little is known."""
        plain = folded(seen.text)
        counted = [as_arrays(read(plain)) for read, _weight in READERS]
        known = [
            block.known(*features) for block, features in zip(self.blocks, counted, strict=True)
        ]
        pieces = len(counted[-1][0])
        if not pieces or len(known[-1][0]) < KNOWN_SHARE * pieces:
            return None
        scores = self.bias + self.surroundings.values(seen) @ self.context_weights
        for block, features in zip(self.blocks, known, strict=True):
            scores = scores + block.scores(*features)
        return scores.astype(np.float32)


def softmax(scores: Floats) -> Floats:
    """Shares that add up to 1, along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = (raised / raised.sum(axis=-1, keepdims=True)).astype(np.float32)
    return shares
