"""Areas of a photo that nobody outside may recognise: faces, plates, whatever a person adds.

A row's `masks` is a list of what is below, edges as fractions (0 to 1) of the upright picture, so
that they fit the original and every copy. What a detector proposes is covered until a person says
otherwise: a mask too many is seen at once, a face too few is not. Pure, but for the types.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from detection.proposals import Proposal
from reports.models import Photo
from reports.photos import Mask

Kind = Literal["face", "plate", "other"]
State = Literal["proposed", "kept", "removed"]
KINDS: tuple[Kind, ...] = ("face", "plate", "other")
MOST = 100
_LEAST = 0.002  # of width or height; smaller is a slip of the hand


class MasksInvalid(Exception):
    """Edges that are no area of the picture, or too many of them."""


@dataclass(frozen=True, slots=True)
class PhotoMask:
    """One area; `score` and `detector` (name and version) only where a detector proposed it."""

    kind: Kind
    shape: Literal["rectangle", "ellipse"]
    left: float
    top: float
    right: float
    bottom: float
    state: State = "kept"
    score: float | None = None
    detector: str = ""

    def __post_init__(self) -> None:
        edges = (self.left, self.top, self.right, self.bottom)
        inside = all(math.isfinite(edge) and 0 <= edge <= 1 for edge in edges)
        if not inside or self.right - self.left < _LEAST or self.bottom - self.top < _LEAST:
            raise MasksInvalid

    @property
    def covers(self) -> bool:
        """Whether it is burned into what others see."""
        return self.state != "removed"


def read(rows: Iterable[Mapping[str, Any]]) -> list[PhotoMask]:
    """The masks of a photo from its row."""
    return [PhotoMask(**row) for row in rows]


def written(masks: Iterable[PhotoMask]) -> list[dict[str, Any]]:
    """The masks as a row keeps them. Raises MasksInvalid for too many."""
    rows = [asdict(mask) for mask in masks]
    if len(rows) > MOST:
        raise MasksInvalid
    return rows


def proposed(proposal: Proposal) -> PhotoMask | None:
    """A detector's proposal as a mask; None if it is no area worth speaking of."""
    try:
        return PhotoMask(
            kind=proposal.kind,
            shape=proposal.shape,
            left=round(proposal.left, 5),
            top=round(proposal.top, 5),
            right=round(proposal.right, 5),
            bottom=round(proposal.bottom, 5),
            state="proposed",
            score=round(proposal.score, 3),
            detector=proposal.detector,
        )
    except MasksInvalid:
        return None


def confirmed(masks: Iterable[PhotoMask]) -> list[PhotoMask]:
    """The same masks after somebody has looked at them: no proposal is left."""
    return [replace(mask, state="kept") if mask.state == "proposed" else mask for mask in masks]


def covering(masks: Iterable[PhotoMask]) -> list[PhotoMask]:
    """Those that are burned in."""
    return [mask for mask in masks if mask.covers]


def to_burn(masks: Iterable[PhotoMask], *, width: int, height: int) -> list[Mask]:
    """Solid masks in pixels of an upright picture of that size, rounded outwards."""
    return [
        Mask(
            mask.shape,
            math.floor(mask.left * width),
            math.floor(mask.top * height),
            math.ceil(mask.right * width),
            math.ceil(mask.bottom * height),
        )
        for mask in covering(masks)
    ]


def is_current(photo: Photo) -> bool:
    """Whether copies with the masks as they stand exist, or none are needed."""
    return photo.masked_version == photo.masks_version


def copies_for_others(photo: Photo) -> dict[str, Any]:
    """The copies that may be seen without a logged click: masks burned in; {} while being made."""
    if not is_current(photo):
        return {}
    copies: dict[str, Any] = photo.masked or photo.derivatives
    return copies
