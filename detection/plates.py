"""Number plates without a neural network: OpenCV's cascade, and lines of dark characters.

What the two find and miss is measured by bench/detection.py. Both are weak where a plate is small,
steep or dirty: a moderator looks at every photo. A better detector can be plugged in by setting.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.ma  # percentile would look for it later, when no file can be opened
from cv2.data import haarcascades
from numpy.typing import NDArray

from detection.proposals import Found, Kind

CASCADE = "haarcascade_russian_plate_number.xml"  # Russian and German plates share shape and look
CASCADE_SCORE = 0.5
ZOOMS = (2.0, 1.0, 0.5)


class Character(NamedTuple):
    """A dark spot that may be a letter or digit, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def middle(self) -> float:
        return self.top + self.height / 2

    @property
    def right(self) -> int:
        return self.left + self.width


class PlateCascade:
    """OpenCV's cascade for plates (Apache-2.0), of about 60 pixels width and more, level ones."""

    kinds: tuple[Kind, ...] = ("plate",)
    name = f"opencv plate cascade {cv2.__version__}"

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._cascade = cv2.CascadeClassifier(haarcascades + CASCADE)
        if self._cascade.empty():
            raise ValueError("OpenCV came without its plate cascade")

    def find(self, picture: NDArray[np.uint8]) -> list[Found]:
        """Find plates; the cascade tells no certainty."""
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        boxes = self._cascade.detectMultiScale(grey, 1.1, 4, minSize=(60, 15))
        return [
            Found("plate", "rectangle", left, top, left + width, top + height, CASCADE_SCORE)
            for left, top, width, height in np.asarray(boxes).reshape(-1, 4).tolist()
        ]


class PlateLines:
    """Four and more dark characters of one height in a line on something bright, as on plates.

    Finds other short writing too: signs, stickers, house numbers.
    """

    kinds: tuple[Kind, ...] = ("plate",)
    name = "character lines 1"

    def __init__(self) -> None:
        cv2.setNumThreads(1)

    def find(self, picture: NDArray[np.uint8]) -> list[Found]:
        """Find lines of writing that could be a plate, at double, full and half size."""
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        found: list[Found] = []
        for zoom in ZOOMS:
            way = cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA
            for plate in _plates(cv2.resize(grey, None, fx=zoom, fy=zoom, interpolation=way)):
                scaled = _scaled(plate, 1 / zoom)
                if not any(_covers(other, scaled) for other in found):
                    found.append(scaled)
        return found


LEAST_CHARACTERS, MOST_CHARACTERS = 4, 12
LEAST_CONTRAST = 35
NARROW, SQUARE = 0.1, 1.15  # width by height of characters: I and W
SMALLEST, TALLEST = 9, 90  # pixels


def _plates(grey: NDArray[Any]) -> Iterator[Found]:
    for line in _lines(_characters(grey)):
        if LEAST_CHARACTERS <= len(line) <= MOST_CHARACTERS and _is_dark_on_bright(grey, line):
            yield _around(line, grey.shape)


def _characters(grey: NDArray[Any]) -> list[Character]:
    """Dark spots of the size and slimness of characters, from left to right."""
    dark = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 12
    )
    _count, _labels, spots, _middles = cv2.connectedComponentsWithStats(dark, connectivity=4)
    width, height, area = spots[:, 2], spots[:, 3], spots[:, 4]
    slim = (width >= NARROW * height) & (width <= SQUARE * height)
    sized = (height >= SMALLEST) & (height <= TALLEST) & (area >= 0.15 * width * height)
    return sorted(Character(*spot[:4]) for spot in spots[slim & sized].tolist())


def _lines(characters: list[Character]) -> list[list[Character]]:
    """Chain each character to the nearest that follows it at the same height."""
    follower = {one: _next(one, characters[at + 1 :]) for at, one in enumerate(characters)}
    followers = {other for other in follower.values() if other}
    lines = []
    for first in characters:
        if first not in followers:
            line = [first]
            while (after := follower[line[-1]]) is not None:
                line.append(after)
            lines.append(line)
    return lines


def _next(one: Character, others: list[Character]) -> Character | None:
    for other in others:
        gap = other.left - one.right
        if gap > 1.7 * one.height:
            return None
        alike = 0.75 <= other.height / one.height <= 1.33
        level = abs(other.middle - one.middle) <= 0.25 * one.height + 0.2 * max(0, gap)
        if alike and level and gap > -0.1 * one.height:
            return other
    return None


def _is_dark_on_bright(grey: NDArray[Any], line: list[Character]) -> bool:
    """Whether the ground between the characters is bright and even, as on a reflecting plate."""
    grounds = []
    for one, other in pairwise(line):
        top, bottom = min(one.top, other.top), max(one.top + one.height, other.top + other.height)
        between = grey[top:bottom, one.right : max(one.right + 1, other.left)]
        if between.size:
            grounds.append(float(np.median(between)))
    inks = [float(np.percentile(_spot(grey, one), 20)) for one in line]
    if not grounds:
        return False
    contrast = np.median(grounds) - np.median(inks)
    uneven = np.percentile(grounds, 75) - np.percentile(grounds, 25)
    return bool(contrast >= LEAST_CONTRAST and uneven <= 0.6 * contrast)


def _spot(grey: NDArray[Any], one: Character) -> NDArray[Any]:
    return grey[one.top : one.top + one.height, one.left : one.right]


def _around(line: list[Character], shape: tuple[int, ...]) -> Found:
    """The plate around its characters: the blue band on the left, a rim elsewhere."""
    tall = max(one.height for one in line)
    left, right = line[0].left - 1.1 * tall, max(one.right for one in line) + 0.6 * tall
    steep = abs(line[-1].middle - line[0].middle) / max(1, line[-1].left - line[0].left)
    rim = (0.4 + steep) * tall
    top = min(one.top for one in line) - rim
    bottom = max(one.top + one.height for one in line) + rim
    score = min(0.9, 0.3 + 0.1 * (len(line) - LEAST_CHARACTERS + 1))
    edges = max(0.0, left), max(0.0, top), min(shape[1], right), min(shape[0], bottom)
    return Found("plate", "rectangle", *edges, score)


def _scaled(found: Found, factor: float) -> Found:
    return found._replace(
        left=found.left * factor,
        top=found.top * factor,
        right=found.right * factor,
        bottom=found.bottom * factor,
    )


def _covers(one: Found, other: Found) -> bool:
    """Whether most of the other lies in this one already."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    area = (other.right - other.left) * (other.bottom - other.top)
    return max(0.0, width) * max(0.0, height) > 0.6 * area
