"""Which categories a text may belong to: the town's model, else names, search words and seeds.

Nothing of a text is stored or logged. Whatever is wrong with a model, reporting goes on without it.
"""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from suggestion.cold_start import Kind, best_fitting
from suggestion.context import Seen
from suggestion.judging import FIRST
from suggestion.language import is_german
from suggestion.linear_model import LinearModel
from suggestion.masking import masked
from suggestion.models import Outcome, SuggestionModel
from suggestion.packing import PayloadRefused, unpack

logger = logging.getLogger(__name__)

# What is less likely is not worth a glance.
LEAST_SHARE = 0.05
_MOST_MODELS = 8
_loaded: OrderedDict[int, LinearModel | None] = OrderedDict()


class Basis(StrEnum):
    """On what suggestions stand."""

    MODEL = "model"
    WORDS = "words"


@dataclass(frozen=True)
class Suggestion:
    """A category by code; its probability where a model says so."""

    code: str
    probability: float | None


@dataclass(frozen=True)
class Suggestions:
    """Up to three categories, the likeliest first; none where nothing can be said.

    `is_sure`: the first is right as often as the set precision asks for.
    """

    found: tuple[Suggestion, ...] = ()
    basis: Basis = Basis.WORDS
    is_sure: bool = False


def suggest(town_id: int, seen: Seen, kinds: Sequence[Kind]) -> Suggestions:
    """Categories among `kinds` for a text as it was typed; one query, more when a version is new.

    Abstains for text that is not German, that is empty, and below the model's threshold.
    """
    text = masked(seen.text)
    if not is_german(text):
        return Suggestions()
    model = active_model(town_id)
    if model is None:
        codes = best_fitting(text, kinds)
        return Suggestions(tuple(Suggestion(code, None) for code in codes))
    shares = model.probabilities(replace(seen, text=text))
    if shares is None or max(shares.values()) < model.offer_from:
        return Suggestions(basis=Basis.MODEL)
    offered = {kind.code for kind in kinds}
    ranked = sorted(shares.items(), key=lambda each: (-each[1], each[0]))[:FIRST]
    found = [
        Suggestion(code, round(share, 3))
        for code, share in ranked
        if code in offered and share >= LEAST_SHARE
    ]
    is_sure = bool(found) and found[0].code == ranked[0][0] and ranked[0][1] >= model.sure_from
    return Suggestions(tuple(found), Basis.MODEL, is_sure)


def active_model(town_id: int) -> LinearModel | None:
    """The town's model in use, kept in memory until another is; None without one. One query."""
    rows = SuggestionModel.objects.filter(municipality_id=town_id, outcome=Outcome.ACTIVE)
    key = rows.values_list("pk", flat=True).first()
    if key is None:
        return None
    if key not in _loaded:
        _loaded[key] = _read(key)
        while len(_loaded) > _MOST_MODELS:
            _loaded.popitem(last=False)
    _loaded.move_to_end(key)
    return _loaded[key]


def _read(key: int) -> LinearModel | None:
    row = SuggestionModel.objects.filter(pk=key).first()
    if row is None or row.payload is None:
        return None
    try:
        return unpack(bytes(row.payload), town_id=row.municipality_id, version=row.version)
    except PayloadRefused:
        logger.error("suggestion model refused, signature does not fit", extra={"row": key})  # noqa: TRY400
        return None
