"""A place without a map: the middle of a district, with a radius that covers it."""

import math
from collections.abc import Iterable

from django.contrib.gis.geos import GEOSGeometry

from reports.queries.public_facts import Outline

METRES_PER_DEGREE = 111_195.0


def middle_of(outlines: Iterable[Outline], key: str) -> tuple[float, float, float]:
    """Longitude and latitude (WGS84) of a point inside a district, and metres to its far corner.

    Raises KeyError.
    """
    outline = next((each for each in outlines if each.key == key), None)
    if outline is None:
        raise KeyError(key)
    shape = GEOSGeometry(outline.geometry)
    inside = shape.point_on_surface
    west, south, east, north = shape.extent
    narrowing = math.cos(math.radians(inside.y))
    far_x = max(inside.x - west, east - inside.x) * narrowing
    far_y = max(inside.y - south, north - inside.y)
    radius = math.hypot(far_x, far_y) * METRES_PER_DEGREE
    return round(inside.x, 6), round(inside.y, 6), float(math.ceil(radius))
