"""Hides small counts so that nobody can work them out again, not even who knows this rule.

One table at a time: a row of counts with its known total. Why it is built this way, and what it
does not protect from: docs/decisions/suppression.md. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_K = 5


@dataclass(frozen=True)
class Shown:
    """What may be told: None for a hidden count. `cells` is empty where no row may be told."""

    total: int | None
    cells: tuple[int | None, ...]

    @property
    def is_withheld(self) -> bool:
        return not self.cells


def suppress(counts: Sequence[int], k: int = DEFAULT_K) -> Shown:
    """Hide counts below `k` and as many others as it takes; zeros are told.

    What is hidden stays open: it is more than one cell, its sum is at least k and does not force
    every cell to 1 or to k - 1. Where that cannot be had, all cells are withheld; a total below k
    is hidden too.
    """
    total = sum(counts)
    if total < k and total > 0:
        return Shown(None, ())
    hidden = {place for place, count in enumerate(counts) if 0 < count < k}
    while hidden and not _is_open(counts, hidden, k):
        visible = [count for place, count in enumerate(counts) if count and place not in hidden]
        if not visible:
            return Shown(total, ())
        # The smallest goes first: it costs readers least. Of equal ones all go: which of them
        # was taken would tell whoever knows the rule something of the others.
        hidden |= {place for place, count in enumerate(counts) if count == min(visible)}
    cells = tuple(None if place in hidden else count for place, count in enumerate(counts))
    return Shown(total, cells)


def _is_open(counts: Sequence[int], hidden: set[int], k: int) -> bool:
    """Whether the sum of what is hidden still leaves each cell more than one value."""
    left, number = sum(counts[place] for place in hidden), len(hidden)
    has_larger = any(counts[place] >= k for place in hidden)
    could_be_less_and_more = number < left and (has_larger or left < number * (k - 1))
    return number > 1 and left >= k and could_be_less_and_more
