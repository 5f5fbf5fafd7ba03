"""The rectangle around a circle on the ground, so that an index on places can be used."""

import math

from django.contrib.gis.geos import Point, Polygon

METRES_PER_DEGREE = 111_195.0


def box_around(point: Point, metres: float) -> Polygon:
    """The smallest rectangle (WGS84) that holds every place so many metres from a point."""
    north = metres / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(point.y)), 0.01)
    box = Polygon.from_bbox((point.x - east, point.y - north, point.x + east, point.y + north))
    box.srid = 4326
    return box
