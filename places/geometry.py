"""Distances on the ground, good to a few per mille within a town."""

import math

METRES_PER_DEGREE = 111_195.0


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two points given as longitude and latitude in degrees (WGS84)."""
    narrowing = math.cos(math.radians((one[1] + other[1]) / 2))
    east = (one[0] - other[0]) * narrowing
    return math.hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


def degrees_around(lat: float, metres: float) -> tuple[float, float]:
    """How many degrees of longitude and latitude a distance is at a latitude."""
    north = metres / METRES_PER_DEGREE
    return north / max(math.cos(math.radians(lat)), 0.01), north
