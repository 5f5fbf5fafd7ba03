"""Faces by CenterFace, a small neural network (Xu et al. 2019, arXiv 1911.03599; MIT licence).

The model file and where it comes from: detection/models/README.md.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from detection.proposals import Found, Kind

MODEL = Path(__file__).parent / "models" / "centerface.onnx"
MODEL_SHA256 = "5aaf17b351911ad4a27f126d2de45809710c458b95cba4a6478c4fd4e2e9d978"
THRESHOLD = 0.35  # a mask too many costs a click, a face too few costs somebody's privacy
OVERLAP = 0.3
STEP = 4  # pixels of the picture for each cell of the answer
MULTIPLE = 32  # the network halves the picture five times
WIDER = 0.15  # the network draws its box along brow and chin


class CenterFace:
    """Finds faces from about 12 pixels on; upright ones best, lying ones badly."""

    name = "centerface 1"
    kinds: tuple[Kind, ...] = ("face",)

    def __init__(self) -> None:
        content = MODEL.read_bytes()
        if hashlib.sha256(content).hexdigest() != MODEL_SHA256:
            raise ValueError("the model file of CenterFace is not the one that was reviewed")
        options = onnxruntime.SessionOptions()
        # One thread: the child may start none, and the other core belongs to other work.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )

    def find(self, picture: NDArray[np.uint8]) -> list[Found]:
        """Find faces, the surest first."""
        height, width = picture.shape[:2]
        padded = np.zeros((1, 3, _whole(height), _whole(width)), np.float32)
        padded[0, :, :height, :width] = picture.transpose(2, 0, 1)
        heat, scale, offset, _landmarks = self._session.run(None, {"input.1": padded})
        boxes = _boxes(heat[0, 0], scale[0], offset[0])
        return [
            Found("face", "ellipse", *_wider(box, width, height), score)
            for *box, score in _strongest(boxes).tolist()
        ]


def _whole(length: int) -> int:
    return -(-length // MULTIPLE) * MULTIPLE


def _boxes(heat: NDArray[Any], scale: NDArray[Any], offset: NDArray[Any]) -> NDArray[Any]:
    """Rows of left, top, right, bottom, score for every cell that looks like a face's middle."""
    down, across = np.nonzero(heat > THRESHOLD)
    height, width = (np.exp(scale[axis, down, across]) * STEP for axis in (0, 1))
    middle_y = (down + offset[0, down, across] + 0.5) * STEP
    middle_x = (across + offset[1, down, across] + 0.5) * STEP
    left, top = middle_x - width / 2, middle_y - height / 2
    return np.stack([left, top, left + width, top + height, heat[down, across]], axis=1)


def _strongest(boxes: NDArray[Any]) -> NDArray[Any]:
    """Of boxes that overlap, the one with the highest score (non-maximum suppression)."""
    rest = boxes[np.argsort(-boxes[:, 4])]
    kept = np.empty((0, 5), boxes.dtype)
    while len(rest):
        first, rest = rest[:1], rest[1:]
        kept = np.concatenate([kept, first])
        rest = rest[_overlaps(first[0], rest) < OVERLAP]
    return kept


def _overlaps(box: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    """Shared area by joint area."""
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    joint: NDArray[Any] = shared / ((box[2] - box[0]) * (box[3] - box[1]) + areas - shared)
    return joint


def _wider(box: list[float], width: int, height: int) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    more_x, more_y = (right - left) * WIDER, (bottom - top) * WIDER
    return (
        max(0.0, left - more_x),
        max(0.0, top - more_y),
        min(float(width), right + more_x),
        min(float(height), bottom + more_y),
    )
