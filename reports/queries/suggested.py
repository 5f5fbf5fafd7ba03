"""Which kinds of report a text may be about, of those a town offers now; for every door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Municipality
from routing.catalogue import CategoryInfo
from suggestion.cold_start import Kind
from suggestion.context import Seen
from suggestion.suggest import Basis, suggest


@dataclass(frozen=True)
class SuggestedKind:
    """A category with its group, and its probability where a model says so."""

    kind: CategoryInfo
    group: CategoryInfo | None
    probability: float | None


@dataclass(frozen=True)
class Suggested:
    """Up to three, the likeliest first; `is_sure`: the first is right as often as was asked for."""

    kinds: tuple[SuggestedKind, ...]
    basis: Basis
    is_sure: bool


def suggested_kinds(
    town: Municipality,
    text: str,
    categories: Sequence[CategoryInfo],
    *,
    now: datetime,
    lon: float | None = None,
    lat: float | None = None,
) -> Suggested:
    """What a text may be about, of `routing.catalogue.offered_categories`; WGS84. One query.

    What is paused is left out. The text is neither kept nor logged.
    """
    offered = {
        leaf.code: (leaf, top if top.is_group else None)
        for top in categories
        for leaf in top.children or (top,)
        if not leaf.is_paused
    }
    kinds = [
        Kind(leaf.code, leaf.name, leaf.description, leaf.keywords)
        for leaf, _group in offered.values()
    ]
    found = suggest(town.pk, Seen(text, now, lon, lat), kinds)
    return Suggested(
        kinds=tuple(SuggestedKind(*offered[each.code], each.probability) for each in found.found),
        basis=found.basis,
        is_sure=found.is_sure,
    )
