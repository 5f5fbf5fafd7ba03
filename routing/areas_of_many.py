"""The areas of many places at once: one join for hundreds of points instead of a query for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from routing.facts import AreaFacts
from routing.models import Area

# As routing.boundaries asks it for one point, and Area.valid_on for one day.
_COVERING = """
    SELECT p.id, array_agg(a.id ORDER BY a.id)
    FROM unnest(%(ids)s::bigint[], %(lons)s::float8[], %(lats)s::float8[], %(days)s::date[])
        AS p (id, lon, lat, day)
    JOIN routing_area a
        ON ST_Covers(a.geometry, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326))
    WHERE a.municipality_id = %(town)s
        AND (a.valid_from IS NULL OR a.valid_from <= p.day)
        AND (a.valid_to IS NULL OR a.valid_to >= p.day)
    GROUP BY p.id
"""


@dataclass(frozen=True)
class DatedPlace:
    """A point (WGS84) and the local day on which it is asked for; `id` is the asker's own."""

    id: int
    lon: float
    lat: float
    day: date


class AreasOfMany:
    """Finds areas for one town; what an area is called is read once."""

    def __init__(self, municipality_id: int) -> None:
        self.municipality_id = municipality_id
        self._areas: dict[int, AreaFacts] = {}
        self._together: dict[tuple[int, ...], tuple[AreaFacts, ...]] = {}

    def at(self, places: Sequence[DatedPlace]) -> dict[int, tuple[AreaFacts, ...]]:
        """The areas that cover each place on its day, by the place's id; at most two queries.

        A place in no area is left out.
        """
        # Neighbours after one another: PostGIS keeps the shape it has just prepared.
        places = sorted(places, key=lambda place: (round(place.lon, 2), place.lat))
        with connection.cursor() as cursor:
            cursor.execute(
                _COVERING,
                {
                    "town": self.municipality_id,
                    "ids": [place.id for place in places],
                    "lons": [place.lon for place in places],
                    "lats": [place.lat for place in places],
                    "days": [place.day for place in places],
                },
            )
            rows: list[tuple[int, list[int]]] = cursor.fetchall()
        self._learn({area for _place, areas in rows for area in areas})
        return {place: self._facts(tuple(areas)) for place, areas in rows}

    def _learn(self, wanted: Iterable[int]) -> None:
        unknown = [area for area in wanted if area not in self._areas]
        if not unknown:
            return
        rows = Area.objects.filter(pk__in=unknown)
        for facts in rows.values_list("level", "key", "pk", "name", "attributes"):
            self._areas[facts[2]] = AreaFacts(*facts)

    def _facts(self, ids: tuple[int, ...]) -> tuple[AreaFacts, ...]:
        found = self._together.get(ids)
        if found is None:
            found = tuple(sorted(self._areas[area] for area in ids))
            self._together[ids] = found
        return found
