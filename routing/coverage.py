"""Which town and which district a point lies in."""

import math
from collections.abc import Iterable

from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from django.contrib.gis.geos.prepared import PreparedGeometry
from django.utils import timezone

from accounts.models import Municipality
from accounts.short_memory import remembered
from routing.models import Area, AreaLevel

METRES_PER_DEGREE = 111_195.0


def town_at(point: Point, *, among: Iterable[int] | None = None) -> Municipality | None:
    """The municipality whose area covers a point (WGS84), its edge included; else None.

    Without `among` only publicly reachable towns are looked at; `among` names the ids to look at
    instead. Where two towns meet, the one with the lower id. One query; `coverage` is not loaded.
    """
    if not is_on_earth(point):
        return None
    towns = (
        Municipality.objects.filter(is_live=True)
        if among is None
        else Municipality.objects.filter(pk__in=list(among))
    )
    return towns.filter(coverage__covers=point).defer("coverage").order_by("pk").first()


def covers(municipality_id: int, point: Point) -> bool:
    """Whether a town's area covers a point (WGS84), its edge included; at most one query.

    The outline is kept in the process, prepared for being asked again and again.
    """
    if not is_on_earth(point):
        return False
    outline = _outline_of(municipality_id)
    return outline is not None and outline.covers(point)


@remembered
def _outline_of(municipality_id: int) -> PreparedGeometry | None:
    town = Municipality.objects.only("coverage").filter(pk=municipality_id).first()
    return town.coverage.prepared if town and town.coverage else None


def districts_named(municipality_id: int, words: str) -> list[tuple[str, float, float, float]]:
    """Districts of a town whose name begins with or contains the words, as rough places.

    Each as name, longitude, latitude (WGS84) of a point inside, metres to its far corner. One
    query.
    """
    rows = (
        Area.objects.filter(
            municipality_id=municipality_id, level=AreaLevel.DISTRICT, name__icontains=words
        )
        .valid_on(timezone.localdate())
        .order_by("name", "pk")
    )
    return [(row.name, *middle_of(row.geometry)) for row in rows]


def middle_of(shape: GEOSGeometry) -> tuple[float, float, float]:
    """Longitude and latitude (WGS84) of a point inside a shape, and metres to its far corner."""
    inside = shape.point_on_surface
    west, south, east, north = shape.extent
    narrowing = math.cos(math.radians(inside.y))
    far_x = max(inside.x - west, east - inside.x) * narrowing
    far_y = max(inside.y - south, north - inside.y)
    radius = math.hypot(far_x, far_y) * METRES_PER_DEGREE
    return round(inside.x, 6), round(inside.y, 6), float(math.ceil(radius))


def degrees_high(metres: float) -> float:
    """So many metres to the north, in degrees."""
    return metres / METRES_PER_DEGREE


def degrees_wide(metres: float, lat: float) -> float:
    """So many metres to the east at a latitude, in degrees."""
    return degrees_high(metres) / max(math.cos(math.radians(lat)), 0.01)


def box_around(point: Point, radius_m: float) -> Polygon:
    """The rectangle around a circle, so that the index can choose first."""
    high, wide = degrees_high(radius_m), degrees_wide(radius_m, point.y)
    box = Polygon.from_bbox((point.x - wide, point.y - high, point.x + wide, point.y + high))
    box.srid = 4326
    return box


def is_on_earth(point: Point) -> bool:
    """Whether longitude and latitude are finite and within their ranges."""
    lon, lat = point.x, point.y
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
