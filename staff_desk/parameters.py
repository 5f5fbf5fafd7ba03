"""What addresses and forms carry, as far as the database can be asked for it."""

from django.contrib.gis.geos import Point
from django.http import QueryDict

from routing.coverage import is_on_earth


def plain(text: str) -> str:
    """The text without NUL, which no column holds."""
    return text.replace("\x00", "")


def whole_number(text: str) -> int:
    """An id or a version; 0, which nothing has, for everything else."""
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def point_in(query: QueryDict) -> Point | None:
    """The point (WGS84) of `lon` and `lat`, or None where they are none."""
    try:
        point = Point(float(query.get("lon", "")), float(query.get("lat", "")), srid=4326)
    except ValueError:
        return None
    return point if is_on_earth(point) else None
