"""The masks of a photo as rows of a form: edges in per cent, so that they work without a mouse."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports import masks
from reports.masks import KINDS, MasksInvalid, PhotoMask

EMPTY_ROWS = 3
MOST_ROWS = masks.MOST
KIND_WORDS: dict[str, Promise] = {
    "face": _("Gesicht"),
    "plate": _("Kennzeichen"),
    "other": _("Sonstiges"),
}
FIELDS = ("left", "top", "width", "height")


@dataclass(frozen=True)
class MaskRow:
    """One row as it is drawn; numbers are text in per cent, as they were typed."""

    index: int
    kind: str
    covers: bool
    left: str = ""
    top: str = ""
    width: str = ""
    height: str = ""
    shape: str = "rectangle"
    score: int | None = None
    is_proposal: bool = False
    is_known: bool = False
    has_error: bool = False

    @property
    def kind_label(self) -> Promise:
        """What it covers, in words."""
        return KIND_WORDS[self.kind]

    @property
    def number(self) -> int:
        """Which mask it is, counted from 1."""
        return self.index + 1

    @property
    def drawn(self) -> dict[str, float] | None:
        """Its edges for the drawing over the photo, in per cent; None while they are incomplete."""
        try:
            left, top, width, height = (_number(getattr(self, name)) for name in FIELDS)
        except ValueError:
            return None
        middle = {"cx": left + width / 2, "cy": top + height / 2, "rx": width / 2, "ry": height / 2}
        return {"x": left, "y": top, "width": width, "height": height, **middle}


def rows_of(current: Sequence[PhotoMask]) -> list[MaskRow]:
    """A row for each mask, then empty ones for further masks."""
    known = [_row(index, mask) for index, mask in enumerate(current)]
    return known + _empty(len(known))


def rows_as_typed(sent: QueryDict, current: Sequence[PhotoMask]) -> list[MaskRow]:
    """The rows of a form that comes back, with what was typed; wrong ones are marked."""
    rows = [_typed(sent, index, current) for index in range(_count(sent, current))]
    return rows + _empty(len(rows))


def read_rows(sent: QueryDict, current: Sequence[PhotoMask]) -> list[PhotoMask]:
    """What the form says, in the order of the masks as they stand. Raises MasksInvalid.

    What was found since the form was drawn has no row in it and stays as it is.
    """
    wanted = [_mask(sent, index, current) for index in range(_count(sent, current))]
    later = current[len(wanted) :]
    # A mask somebody drew and took back is gone; a detector's mistake is kept as one.
    kept = [mask for mask in wanted if mask and (mask.covers or mask.detector)]
    return [*kept, *later]


def _row(index: int, mask: PhotoMask) -> MaskRow:
    edges = (mask.left, mask.top, mask.right - mask.left, mask.bottom - mask.top)
    left, top, width, height = (_percent(edge) for edge in edges)
    return MaskRow(
        index=index,
        kind=mask.kind,
        covers=mask.covers,
        left=left,
        top=top,
        width=width,
        height=height,
        shape=mask.shape,
        score=None if mask.score is None else round(mask.score * 100),
        is_proposal=mask.state == "proposed",
        is_known=True,
    )


def _empty(start: int) -> list[MaskRow]:
    more = range(start, min(MOST_ROWS, start + EMPTY_ROWS))
    return [MaskRow(index, "face", covers=True) for index in more]


def _typed(sent: QueryDict, index: int, current: Sequence[PhotoMask]) -> MaskRow:
    known = index < len(current)
    row = _row(index, current[index]) if known else MaskRow(index, "face", covers=True)
    try:
        _mask(sent, index, current)
        wrong = False
    except MasksInvalid:
        wrong = True
    typed: dict[str, Any] = {name: sent.get(f"{name}_{index}", "")[:12] for name in FIELDS}
    return replace(
        row, **typed, kind=_kind(sent, index), covers=_covers(sent, index), has_error=wrong
    )


def _mask(sent: QueryDict, index: int, current: Sequence[PhotoMask]) -> PhotoMask | None:
    """One row as a mask; None for an empty one. Raises MasksInvalid."""
    typed = [sent.get(f"{name}_{index}", "").strip() for name in FIELDS]
    known = current[index] if index < len(current) else None
    if known is None and not any(typed):
        return None
    kind = _kind(sent, index)
    state: masks.State = "kept" if _covers(sent, index) else "removed"
    if known is not None and _is_untouched(typed, _row(index, known)):
        return replace(known, kind=kind, state=state)
    left, top, right, bottom = _edges(typed)
    base = known or PhotoMask(kind, "rectangle", 0, 0, 1, 1)
    return replace(base, kind=kind, left=left, top=top, right=right, bottom=bottom, state=state)


def _is_untouched(typed: Iterable[str], row: MaskRow) -> bool:
    """Per cent with one decimal are coarser than what the detector said."""
    return all(text == getattr(row, name) for name, text in zip(FIELDS, typed, strict=True))


def _edges(typed: Sequence[str]) -> tuple[float, float, float, float]:
    try:
        left, top, width, height = (_number(text) / 100 for text in typed)
    except ValueError:
        raise MasksInvalid from None
    # A mask may be drawn over the edge; only what lies in the picture counts.
    right, bottom = round(left + width, 5), round(top + height, 5)
    return max(0.0, round(left, 5)), max(0.0, round(top, 5)), min(1.0, right), min(1.0, bottom)


def _count(sent: QueryDict, current: Sequence[PhotoMask]) -> int:
    written = sent.get("rows", "")
    count = int(written) if written.isascii() and written.isdecimal() and len(written) < 4 else 0
    return min(MOST_ROWS, max(count, 0))


def _kind(sent: QueryDict, index: int) -> Any:
    kind = sent.get(f"kind_{index}", "")
    return kind if kind in KINDS else "other"


def _covers(sent: QueryDict, index: int) -> bool:
    return f"cover_{index}" in sent


def _percent(fraction: float) -> str:
    return number_format(round(fraction * 100, 1), 1)


def _number(text: str) -> float:
    """A number as people type it, with comma or point. Raises ValueError."""
    number = float(text.strip().replace(",", ".", 1))
    if not math.isfinite(number):
        raise ValueError(text)
    return number
