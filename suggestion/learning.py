"""Learns a model from closed cases. The only part that needs scikit-learn (extra `learning`).

Three linear support vector machines per category, added up: one on TF-IDF values and the context,
one that tells the category's group, and one on values weighed by how much more often a feature
stands in the category than elsewhere (NB-SVM, Wang and Manning 2012). The sum is still one table of
weights.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.svm import LinearSVC

from suggestion.calibrating import Calibration, calibrate
from suggestion.context import surroundings_of
from suggestion.features import RAREST, READERS, Counts, folded
from suggestion.judging import Case, findings, judge
from suggestion.learning_limits import FEWEST_CASES, FEWEST_CATEGORIES, FEWEST_OF_A_CATEGORY
from suggestion.linear_model import Block, Floats, Hashes, LinearModel, as_arrays, weighed

LATEST_CASES = 12_000
MOST_FEATURES = 60_000
LEARNED_SHARE = 0.8
# Learned from the first, judged on what follows up to the second: shares of the cases by time.
REHEARSALS = ((0.6, 0.8), (LEARNED_SHARE, 1.0))
_COST, _COST_OF_RATIOS, _ADDED = 0.4, 0.1, 1.0
_SAY_OF_THE_GROUP = 0.3
_Features = tuple[Hashes, Floats]


class TooFewCases(ValueError):
    """A town has not closed enough cases to learn from."""


@dataclass(frozen=True, eq=False)
class Learned:
    """A model of all cases; `rehearsal`, of the earlier ones, and what it found of the later."""

    model: LinearModel
    rehearsal: LinearModel
    held_out: Sequence[Case]
    findings: dict[str, object]
    sources: Sequence[int]
    learned_until: datetime

    @property
    def case_count(self) -> int:
        """From how many cases the model has learned."""
        return len(self.sources)


def learn(cases: Sequence[Case], *, precision: float) -> Learned:
    """Learn from cases, judged on the last fifth by time. Raises TooFewCases.

    Abstains so that the offered three contain the right category as often as `precision` says.
    """
    usable = usable_cases(cases)
    rehearsal, calibration = rehearse(usable, precision=precision)
    held_out = usable[int(len(usable) * LEARNED_SHARE) :]
    judged = judge(calibration.applied_to(rehearsal), held_out)
    return Learned(
        model=calibration.applied_to(fit(usable)),
        rehearsal=calibration.applied_to(rehearsal),
        held_out=held_out,
        findings=findings(
            judged, offer_from=calibration.offer_from, sure_from=calibration.sure_from
        ),
        sources=[case.source for case in usable],
        learned_until=usable[-1].seen.at,
    )


def usable_cases(cases: Sequence[Case]) -> list[Case]:
    """The latest cases with words, of categories that have at least ten. Raises TooFewCases."""
    written = sorted((case for case in cases if case.seen.text), key=lambda case: case.seen.at)
    written = written[-LATEST_CASES:]
    counts = Counter(case.category for case in written)
    usable = [case for case in written if counts[case.category] >= FEWEST_OF_A_CATEGORY]
    if len(usable) < FEWEST_CASES or len({case.category for case in usable}) < FEWEST_CATEGORIES:
        raise TooFewCases
    return usable


def rehearse(cases: Sequence[Case], *, precision: float) -> tuple[LinearModel, Calibration]:
    """Learn from earlier cases and look at later ones, twice; the last model, and what holds."""
    judgements = []
    for learned, until in REHEARSALS:
        split, end = int(len(cases) * learned), int(len(cases) * until)
        model = fit(cases[:split])
        judgements.append(judge(model, cases[split:end]))
    return model, calibrate(judgements, precision=precision)


def fit(cases: Sequence[Case]) -> LinearModel:
    """The bare model: sharpness 1, never abstaining. The same cases give the same model."""
    texts = [folded(case.seen.text) for case in cases]
    read = [(_vocabulary([reader(text) for text in texts]), weight) for reader, weight in READERS]
    values = sparse.hstack([part.values * weight for part, weight in read]).tocsr()
    presence = sparse.hstack([part.presence for part, _weight in read]).tocsr()
    surroundings = surroundings_of([case.seen for case in cases])
    context = np.array([surroundings.values(case.seen) for case in cases], np.float32)
    everything = sparse.hstack([values, sparse.csr_matrix(context)]).tocsr()
    categories = tuple(sorted({case.category for case in cases}))
    columns = _columns(categories, cases, values, presence, everything)
    weights = np.stack([column[:-1] for column in columns], axis=1).astype(np.float32)
    blocks, start = [], 0
    for part, weight in read:
        end = start + len(part.block.hashes)
        blocks.append(replace(part.block, weights=weights[start:end] * np.float32(weight)))
        start = end
    return LinearModel(
        categories=categories,
        blocks=tuple(blocks),
        surroundings=surroundings,
        context_weights=weights[start:],
        bias=np.array([column[-1] for column in columns], np.float32),
        sharpness=1.0,
        offer_from=0.0,
        sure_from=0.0,
    )


def _columns(
    categories: Sequence[str],
    cases: Sequence[Case],
    values: sparse.csr_matrix,
    presence: sparse.csr_matrix,
    everything: sparse.csr_matrix,
) -> list[Floats]:
    """Weights by category: of all features, then of the context, then the bias."""
    labels = np.array([case.category for case in cases])
    groups = np.array([case.group or case.category for case in cases])
    group_of = dict(zip(labels, groups, strict=True))
    of_group = {group: _plain(everything, groups == group) for group in sorted(set(groups))}
    columns = []
    for code in categories:
        own = labels == code
        ratios = _ratios(presence, own)
        weighted = LinearSVC(C=_COST_OF_RATIOS, random_state=1)
        weighted.fit(values.multiply(ratios[None]).tocsr(), own)
        column = _plain(everything, own) + _SAY_OF_THE_GROUP * of_group[group_of[code]]
        column[: values.shape[1]] += weighted.coef_[0] * ratios
        column[-1] += weighted.intercept_[0]
        columns.append(column.astype(np.float32))
    return columns


def _plain(everything: sparse.csr_matrix, own: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights that tell some cases from the others, and the bias; nothing where there are none."""
    if own.all():
        return np.zeros(everything.shape[1] + 1)
    machine = LinearSVC(C=_COST, random_state=1).fit(everything, own)
    weights: NDArray[np.float64] = np.append(machine.coef_[0], machine.intercept_)
    return weights


def _ratios(presence: sparse.csr_matrix, own: NDArray[np.bool_]) -> NDArray[np.float64]:
    """By how much more of the category's text than of the other's a feature is (logarithm)."""
    inside = np.asarray(presence[own].sum(axis=0)).ravel() + _ADDED
    outside = np.asarray(presence[~own].sum(axis=0)).ravel() + _ADDED
    ratios: NDArray[np.float64] = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    return ratios


@dataclass(frozen=True, eq=False)
class _Part:
    """What one way of reading finds in some texts: vocabulary, values, and which are there."""

    block: Block
    values: sparse.csr_matrix
    presence: sparse.csr_matrix


def _vocabulary(counted: Sequence[Counts]) -> _Part:
    texts = [as_arrays(counts) for counts in counted]
    hashes, frequency = np.unique(
        np.concatenate([hashes for hashes, _often in texts]), return_counts=True
    )
    kept = np.flatnonzero(frequency >= RAREST)
    if len(kept) > MOST_FEATURES:
        kept = np.sort(kept[np.argsort(-frequency[kept], kind="stable")[:MOST_FEATURES]])
    idf = (np.log((1 + len(texts)) / (1 + frequency[kept])) + 1).astype(np.float32)
    block = Block(hashes[kept], idf, np.zeros((0, 0), np.float32))
    rows = [_row(block, features) for features in texts]
    starts = np.cumsum([0, *(len(at) for at, _values in rows)])
    at = np.concatenate([at for at, _values in rows])
    values = np.concatenate([values for _at, values in rows])
    shape = (len(texts), len(kept))
    return _Part(
        block=block,
        values=sparse.csr_matrix((values.astype(np.float64), at, starts), shape),
        presence=sparse.csr_matrix((np.ones(len(at)), at, starts), shape),
    )


def _row(block: Block, features: _Features) -> tuple[NDArray[np.intp], Floats]:
    at, often = block.known(*features)
    return at, weighed(often, block.idf[at])
