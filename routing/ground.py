"""Whose ground a place lies on, and where beside private ground the public may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.contrib.gis.geos import Point, Polygon
from django.db.models import QuerySet
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from routing.models import Area, AreaLevel, AreaQuerySet

# About three metres: what was published is told with five decimals, one metre, and stays outside.
CLEARANCE = 3e-5
# About 300 metres to each side: farther away nobody looks for a street.
REACH = 0.003
MOST_AREAS = 500
Position = tuple[float, float]


@dataclass(frozen=True)
class Ground:
    """What lies around a place in WGS84 degrees: private parcels; roads and public parcels."""

    private: Sequence[BaseGeometry]
    public: Sequence[BaseGeometry]

    def is_private(self, lon: float, lat: float) -> bool:
        """Whether a position lies on private ground; its edge counts."""
        return any(area.covers(shapely.Point(lon, lat)) for area in self.private)

    def beside(self, lon: float, lat: float) -> Position:
        """The nearest position in the street or on public ground; else beside the parcel."""
        if not self.private:
            return lon, lat
        place = shapely.Point(lon, lat)
        hidden = shapely.unary_union(list(self.private)).buffer(CLEARANCE)
        open_ground = shapely.unary_union(list(self.public)).difference(hidden)
        aim = hidden.boundary if open_ground.is_empty else open_ground
        nearest = nearest_points(aim, place)[0]
        return round(nearest.x, 5), round(nearest.y, 5)


def is_on_private_ground(municipality_id: int, place: Point, day: date) -> bool:
    """Whether a place lies on a parcel that is known to be private. One query."""
    return private_parcels_at(municipality_id, place, day).exists()


def private_parcels_at(municipality_id: Any, place: Any, day: Any) -> AreaQuerySet:
    """The private parcels a place (WGS84) lies on as they are on a day.

    Values, or expressions on the row of a query around it: OuterRef("place") and the like.
    """
    return _private(municipality_id, day).containing(place)


def ground_around(municipality_id: int, place: Point, day: date) -> Ground:
    """The parcels and roads near a place, as they are on a day. Two queries."""
    box = Polygon.from_bbox((place.x - REACH, place.y - REACH, place.x + REACH, place.y + REACH))
    box.srid = 4326
    near = Area.objects.filter(municipality_id=municipality_id, geometry__bboverlaps=box)
    near = near.valid_on(day)
    owned = near.filter(level=AreaLevel.PARCEL, attributes__ownership="public")
    roads = near.filter(level=AreaLevel.ROAD)
    return Ground(
        private=_shapes(_private(municipality_id, day).filter(geometry__bboverlaps=box)),
        public=_shapes(owned | roads),
    )


def _private(municipality_id: Any, day: Any) -> AreaQuerySet:
    parcels = Area.objects.filter(municipality_id=municipality_id, level=AreaLevel.PARCEL)
    return parcels.filter(attributes__ownership="private").valid_on(day)


def _shapes(areas: QuerySet[Area]) -> list[BaseGeometry]:
    """Outlines; of a road its middle, so that the place lies in the street and not at a hedge."""
    rows = areas.only("geometry", "centre_line")[:MOST_AREAS]
    return [shapely.from_wkb(bytes((row.centre_line or row.geometry).wkb)) for row in rows]
