"""What else a model sees of a report: place, time of the year, length of the text. Pure.

A place is described by its nearness to the middles of cells where reports are frequent, so that no
single report's place is kept. An unknown place looks like the average one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
CELL_M = 400.0
_CELLS = 60
_FEWEST_IN_A_CELL = 3
_METRES_PER_DEGREE = 111_195.0
_PLACE, _SEASON, _LENGTH = 0.4, 0.3, 0.4
_LENGTHS = np.linspace(2, 7, 8, dtype=np.float32)
_LENGTH_WIDTH = 0.5
_TIME_OF_YEAR = 2


@dataclass(frozen=True)
class Seen:
    """Text of a report, masked; place in WGS84 or None; when it was written."""

    text: str
    at: datetime
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Middles of cells (lon, lat), and what an average place looks like from there."""

    middles: Floats
    average: Floats

    def values(self, seen: Seen) -> Floats:
        """The numbers of one report: nearness to each middle, season, length."""
        near = self._near(seen.lon, seen.lat)
        turn = 2 * math.pi * seen.at.timetuple().tm_yday / 366
        season = np.array([math.sin(turn), math.cos(turn)], np.float32) * np.float32(
            _SEASON / math.sqrt(_TIME_OF_YEAR)
        )
        logarithm = math.log1p(len(seen.text))
        length = np.exp(-((_LENGTHS - logarithm) ** 2) / (2 * _LENGTH_WIDTH**2))
        length *= _LENGTH / max(float(np.linalg.norm(length)), 1.0)
        return np.concatenate([near, season, length]).astype(np.float32)

    def _near(self, lon: float | None, lat: float | None) -> Floats:
        if lon is None or lat is None:
            return self.average
        return nearness(self.middles, lon, lat)


def surroundings_of(cases: Sequence[Seen]) -> Surroundings:
    """The most frequent cells of some reports, at least three reports each."""
    points = [(seen.lon, seen.lat) for seen in cases if seen.lon is not None]
    places = np.array(points, np.float64).reshape(-1, 2)
    if not len(places):
        return Surroundings(np.zeros((0, 2), np.float32), np.zeros(0, np.float32))
    high = CELL_M / _METRES_PER_DEGREE
    wide = high / math.cos(math.radians(float(np.median(places[:, 1]))))
    cells, counts = np.unique(
        np.floor(places / [wide, high]).astype(np.int64), axis=0, return_counts=True
    )
    often = np.argsort(-counts, kind="stable")[:_CELLS]
    often = often[counts[often] >= _FEWEST_IN_A_CELL]
    middles = ((cells[often] + 0.5) * [wide, high]).astype(np.float32)
    near = [nearness(middles, lon, lat) for lon, lat in places]
    return Surroundings(middles, np.mean(near, axis=0, dtype=np.float32))


def nearness(middles: Floats, lon: float, lat: float) -> Floats:
    """How near a place lies to each middle: 1 there, fading over some 400 metres; bounded."""
    if not len(middles):
        return np.zeros(0, np.float32)
    east = (middles[:, 0] - lon) * _METRES_PER_DEGREE * math.cos(math.radians(lat))
    north = (middles[:, 1] - lat) * _METRES_PER_DEGREE
    near = np.exp(-(east**2 + north**2) / (2 * CELL_M**2))
    return (_PLACE * near / max(float(np.linalg.norm(near)), 1.0)).astype(np.float32)
