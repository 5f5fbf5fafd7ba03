"""Have a picture looked at by a confined child process; its answer is a proposal, nothing more.

The child (detection.child) has no network, no environment and no secrets; it opens no file once it
has the picture. Whoever calls decides what to do where there is no detector or the child fails.
"""

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detection.proposals import KINDS, Kind, Proposal
from detection.registry import Plugin, runnable

MOST_PROPOSALS = 100
SHAPES = ("rectangle", "ellipse")
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from detection.child import main; main(sys.argv[2])"
)
_ROOT = str(Path(__file__).parents[1])


class NoDetector(Exception):
    """No detector is wanted, or its packages are not installed here."""


class DetectionFailed(Exception):
    """The child did not answer as it should; says nothing about the picture, try again."""


@dataclass(frozen=True)
class Limits:
    """What a child may use. Seconds of CPU and wall clock, bytes of address space."""

    cpu_seconds: int = 25
    wall_seconds: float = 35.0
    memory_bytes: int = 3 * 1024**3


@dataclass(frozen=True)
class Looked:
    """What was proposed, who looked (names with version) and for what, and what it cost."""

    proposals: tuple[Proposal, ...]
    detectors: tuple[str, ...]
    kinds: tuple[Kind, ...]
    cpu_seconds: float


_ORDINARY = Limits()


def is_possible() -> bool:
    """Whether any wanted detector can run here."""
    return bool(runnable())


def detect(picture: bytes, *, limits: Limits = _ORDINARY) -> Looked:
    """Look at a JPEG of at most 2 000 pixels on its longer side.

    Takes half a second to several. Raises NoDetector, DetectionFailed.
    """
    plugins = runnable()
    if not plugins:
        raise NoDetector
    answer = _ask_child(_order(plugins, limits), picture, limits)
    try:
        return _read_answer(json.loads(answer))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DetectionFailed(f"answer {type(error).__name__}") from error


def _order(plugins: Sequence[Plugin], limits: Limits) -> str:
    resources = {"as": limits.memory_bytes, "cpu": limits.cpu_seconds, "core": 0, "fsize": 0}
    return json.dumps(
        {"detectors": [(each.module, each.maker) for each in plugins], "limits": resources}
    )


def _ask_child(order: str, picture: bytes, limits: Limits) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own program and paths
            [sys.executable, "-I", "-c", _PROGRAM, _ROOT, order],
            input=picture,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DetectionFailed("wall clock") from None
    except OSError as error:
        raise DetectionFailed(type(error).__name__) from error
    if done.returncode != 0:
        raise DetectionFailed(f"exit {done.returncode}")
    return done.stdout


def _read_answer(answer: dict[str, Any]) -> Looked:
    return Looked(
        proposals=tuple(_read_proposals(answer["proposals"]))[:MOST_PROPOSALS],
        detectors=tuple(str(name)[:60] for name in answer["detectors"]),
        kinds=tuple(kind for kind in KINDS if kind in answer["kinds"]),
        cpu_seconds=float(answer["cpu_seconds"]),
    )


def _read_proposals(claims: Sequence[Sequence[Any]]) -> Iterator[Proposal]:
    """Check every claim; what reaches over the edge is cut, what lies beside the picture left."""
    for kind, shape, *numbers, detector in claims:
        if kind not in KINDS or shape not in SHAPES or not all(map(math.isfinite, numbers)):
            raise ValueError("no such area")
        left, top, right, bottom, score = (min(1.0, max(0.0, number)) for number in numbers)
        if left < right and top < bottom:
            yield Proposal(kind, shape, left, top, right, bottom, score, str(detector)[:60])
