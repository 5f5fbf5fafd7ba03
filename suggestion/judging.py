"""How good a model is on cases it has not learned from. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suggestion.context import Seen
from suggestion.linear_model import LinearModel, softmax

Floats = NDArray[np.float32]
FIRST = 3
# A threshold found on fewer cases would be chance.
FEWEST_ABOVE = 20
NEVER = 1.01


@dataclass(frozen=True)
class Case:
    """A report of the past, the category it was closed with, its group, and its id."""

    seen: Seen
    category: str
    group: str = ""
    source: int = 0


@dataclass(frozen=True, eq=False)
class Judged:
    """What a model said of some cases: one row of probabilities each, and what was right.

    `right` is the place of the right category in `categories`, -1 for one the model has not
    learned; `spoken` says of which cases it knew enough words.
    """

    categories: tuple[str, ...]
    shares: Floats
    right: NDArray[np.intp]
    spoken: NDArray[np.bool_]

    @property
    def ranks(self) -> NDArray[np.intp]:
        """At which place, from 0, the right category stands; far behind for unknown ones."""
        order = np.argsort(-self.shares, axis=1, kind="stable")
        hits = order == self.right[:, None]
        return np.where(hits.any(axis=1), hits.argmax(axis=1), len(self.categories))

    @property
    def best(self) -> Floats:
        """The highest probability of each case; 0 where nothing was said."""
        best: Floats = np.where(self.spoken, self.shares.max(axis=1), 0)
        return best


def judge(model: LinearModel, cases: Sequence[Case]) -> Judged:
    """Let a model look at cases."""
    known = {code: at for at, code in enumerate(model.categories)}
    right = np.array([known.get(case.category, -1) for case in cases], np.intp)
    scores = [model.scores(case.seen) for case in cases]
    empty = np.zeros(len(model.categories), np.float32)
    table = np.array([empty if one is None else one for one in scores], np.float32)
    table = table.reshape(len(cases), len(model.categories))
    spoken = np.array([one is not None for one in scores], bool)
    return Judged(model.categories, softmax(table * model.sharpness), right, spoken)


def threshold(judgements: Sequence[Judged], *, precision: float, first: int) -> float:
    """The lowest probability from which the right one is among the `first` as often as asked for.

    0 where that holds for all; more than 1, so never, where it cannot be shown on twenty cases.
    """
    best = np.concatenate([judged.best for judged in judgements])
    order = np.argsort(-best, kind="stable")
    hits = np.concatenate([judged.ranks < first for judged in judgements])[order]
    precisions = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    enough = np.flatnonzero(precisions >= precision)
    enough = enough[enough >= FEWEST_ABOVE - 1]
    if not len(enough):
        return NEVER
    return 0.0 if enough[-1] == len(hits) - 1 else float(best[order][enough[-1]])


def findings(judged: Judged, *, offer_from: float, sure_from: float) -> dict[str, object]:
    """The figures of the model card, as JSON values."""
    ranks, best = judged.ranks, judged.best
    offered, sure = best >= offer_from, best >= sure_from
    return {
        "judged_cases": len(ranks),
        "right_first": _share(ranks < 1),
        "right_among_three": _share(ranks < FIRST),
        "offered": _share(offered),
        "offered_right_among_three": _share((ranks < FIRST)[offered]),
        "sure": _share(sure),
        "sure_right": _share((ranks < 1)[sure]),
        "by_category": _by_category(judged),
        "confusions": _confusions(judged),
    }


def _by_category(judged: Judged) -> list[dict[str, object]]:
    rows = []
    for at, code in enumerate(judged.categories):
        own = judged.right == at
        if own.any():
            rows.append(
                {
                    "code": code,
                    "cases": int(own.sum()),
                    "right_first": _share(judged.ranks[own] < 1),
                    "right_among_three": _share(judged.ranks[own] < FIRST),
                }
            )
    return sorted(rows, key=lambda row: -int(str(row["cases"])))


def _confusions(judged: Judged, most: int = 15) -> list[dict[str, object]]:
    said = judged.shares.argmax(axis=1)
    wrong = (judged.right >= 0) & (said != judged.right)
    pairs = Counter(
        (judged.categories[is_], judged.categories[taken])
        for is_, taken in zip(judged.right[wrong], said[wrong], strict=True)
    )
    return [
        {"is": is_, "taken_for": taken, "cases": count}
        for (is_, taken), count in pairs.most_common(most)
    ]


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0
