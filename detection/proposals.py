"""What detectors propose, and what a detector must be able to do. Values only."""

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["face", "plate"]
Shape = Literal["rectangle", "ellipse"]
KINDS: tuple[Kind, ...] = ("face", "plate")


class Found(NamedTuple):
    """What one detector sees: edges in pixels of the picture it was given, certainty 0 to 1."""

    kind: Kind
    shape: Shape
    left: float
    top: float
    right: float
    bottom: float
    score: float


class Proposal(NamedTuple):
    """An area somebody should look at: edges as fractions (0 to 1) of width and height.

    `detector` names program and version, so that results of an older one can be told apart.
    """

    kind: Kind
    shape: Shape
    left: float
    top: float
    right: float
    bottom: float
    score: float
    detector: str


class Detector(Protocol):
    """A plug-in. It is made and asked in a child process that computes and nothing else."""

    name: str  # with version, e.g. "centerface 1"
    kinds: tuple[Kind, ...]  # what it looks for

    def find(self, picture: "NDArray[np.uint8]") -> list[Found]:
        """Find areas in a picture: height x width x 3, red, green, blue."""
        ...
