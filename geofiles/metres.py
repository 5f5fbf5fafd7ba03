"""Metres on the ground for shapes in degrees: strips along lines.

Each shape is measured in a transverse Mercator projection through its own middle, which is true to
scale there and off by less than 0.05 % two hundred kilometres away; no country's grid is needed.
"""

from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

# Corners become arcs of this many pieces per quarter: off by half a percent of the width.
QUARTER_SEGMENTS = 8


def strip_along(line: BaseGeometry, metres: float) -> BaseGeometry:
    """The strip that lies at most so far from a line or shape in degrees, in degrees (WGS84)."""
    to_metres, to_degrees = _projections_for(line)
    flat = _converted(line, to_metres)
    return _converted(flat.buffer(metres, quad_segs=QUARTER_SEGMENTS), to_degrees)


def _projections_for(shape: BaseGeometry) -> tuple[Transformer, Transformer]:
    west, south, east, north = shape.bounds
    local = CRS.from_dict(
        {
            "proj": "tmerc",
            "lat_0": (south + north) / 2,
            "lon_0": (west + east) / 2,
            "ellps": "WGS84",
            "units": "m",
        }
    )
    degrees = CRS.from_epsg(4326)
    return (
        Transformer.from_crs(degrees, local, always_xy=True),
        Transformer.from_crs(local, degrees, always_xy=True),
    )


def _converted(shape: BaseGeometry, transformer: Transformer) -> BaseGeometry:
    def convert(xy: Any) -> Any:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(shape, convert)
