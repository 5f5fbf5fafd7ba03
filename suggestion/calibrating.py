"""Makes shares come true: fits how scores become probabilities on cases not learned from.

One sharpness for all and an offset for each category, by least log loss, offsets held small. Needs
scipy, as learning does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from suggestion.judging import FIRST, Judged, threshold
from suggestion.linear_model import Floats, LinearModel, softmax

_HELD_SMALL = 10.0
_FIRST_GUESS = 2.5
_Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """Offsets by category code (after sharpening), and from which shares on something is said."""

    sharpness: float
    offsets: dict[str, float]
    offer_from: float
    sure_from: float

    def applied_to(self, model: LinearModel) -> LinearModel:
        """A bare model with these figures."""
        offsets = _offsets_of(self.offsets, model.categories)
        return replace(
            model,
            bias=model.bias + offsets / np.float32(self.sharpness),
            sharpness=self.sharpness,
            offer_from=self.offer_from,
            sure_from=self.sure_from,
        )


def calibrate(judgements: Sequence[Judged], *, precision: float) -> Calibration:
    """What fits judgements of bare models, which may know different categories."""
    codes = sorted({code for judged in judgements for code in judged.categories})
    places = [np.array([codes.index(code) for code in each.categories]) for each in judgements]
    learned = [each.right >= 0 for each in judgements]
    tables = [
        (np.log(np.maximum(each.shares[known], 1e-30)).astype(float), each.right[known], place)
        for each, known, place in zip(judgements, learned, places, strict=True)
    ]

    def loss(figures: _Numbers) -> tuple[float, _Numbers]:
        total = _HELD_SMALL * float((figures[1:] ** 2).sum())
        slope = np.append(0.0, 2 * _HELD_SMALL * figures[1:])
        for scores, right, place in tables:
            shares = _softmax(scores * figures[0] + figures[1:][place])
            rows = np.arange(len(right))
            total -= float(np.log(shares[rows, right] + 1e-12).sum())
            shares[rows, right] -= 1
            slope[0] += (shares * scores).sum()
            np.add.at(slope, place + 1, shares.sum(axis=0))
        return total, slope

    start = np.append(_FIRST_GUESS, np.zeros(len(codes)))
    bounds = [(0.1, 50.0), *[(None, None)] * len(codes)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    bare = Calibration(float(found[0]), dict(zip(codes, found[1:].tolist(), strict=True)), 0, 0)
    fitted = [fitting(judged, bare) for judged in judgements]
    return replace(
        bare,
        offer_from=threshold(fitted, precision=precision, first=FIRST),
        sure_from=threshold(fitted, precision=precision, first=1),
    )


def fitting(judged: Judged, calibration: Calibration) -> Judged:
    """What a bare model's judgement would be with a calibration."""
    scores = np.log(np.maximum(judged.shares, 1e-30)) * np.float32(calibration.sharpness)
    offsets = _offsets_of(calibration.offsets, judged.categories)
    return replace(judged, shares=softmax((scores + offsets).astype(np.float32)))


def _offsets_of(offsets: dict[str, float], categories: Sequence[str]) -> Floats:
    return np.array([offsets.get(code, 0.0) for code in categories], np.float32)


def _softmax(scores: _Numbers) -> _Numbers:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: _Numbers = raised / raised.sum(axis=1, keepdims=True)
    return shares
