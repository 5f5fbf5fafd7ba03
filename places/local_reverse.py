"""A point in words, from the town's own gazetteer: one query."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from places.geometry import degrees_around
from places.house_numbers import Number
from places.values import ADDRESS_KIND, Description

REACH_M = 300.0
AT_HOUSE_M, BY_HOUSE_M = 30.0, 100.0
ON_STREET_M, BY_STREET_M = 25.0, 80.0
# A point that may be further off than this does not tell one house from the next.
COARSE_M = 50.0

_AROUND = """
    WITH here AS (
        SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS point,
               ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AS box
    )
    (SELECT 'house' AS role, s.kind, s.key, s.name, n.number, n.suffix, s.is_approximate,
            ST_DistanceSphere(n.point, here.point) AS metres
     FROM here, places_housenumber n JOIN places_place s ON s.id = n.street_id
     WHERE s.municipality_id = %(town)s AND n.point && here.box
     ORDER BY metres, n.id LIMIT 1)
    UNION ALL
    (SELECT 'street', s.kind, s.key, s.name, NULL, '', s.is_approximate,
            ST_Distance(coalesce(s.shape, s.point)::geography, here.point::geography)
     FROM here, places_place s
     WHERE s.municipality_id = %(town)s AND s.kind = 'street'
       AND (s.point && here.box OR s.shape && here.box)
     ORDER BY 8, s.id LIMIT 1)
    UNION ALL
    (SELECT 'named', s.kind, s.key, s.name, NULL, '', s.is_approximate,
            greatest(0, CASE WHEN s.shape IS NOT NULL
                             THEN ST_Distance(s.shape::geography, here.point::geography)
                             ELSE ST_DistanceSphere(s.point, here.point) - coalesce(s.radius_m, 0)
                        END)
     FROM here, places_place s
     WHERE s.municipality_id = %(town)s AND s.kind <> 'street'
       AND (s.point && here.box OR s.shape && here.box)
     ORDER BY 8, coalesce(s.radius_m, 0), s.id LIMIT 1)
"""


@dataclass(frozen=True)
class _Neighbour:
    kind: str
    key: str
    name: str
    number: Number | None
    is_approximate: bool
    metres: float


def describe_from_gazetteer(
    town_id: int, lon: float, lat: float, accuracy_m: float | None
) -> Description:
    """The house, street or named place a point (WGS84) is at or by; empty words if none is near."""
    around = _neighbours(town_id, lon, lat)
    house, street, named = (around.get(role) for role in ("house", "street", "named"))
    is_sharp = accuracy_m is None or accuracy_m <= COARSE_M
    if house and house.metres <= AT_HOUSE_M and is_sharp:
        return _said(house, accuracy_m, by=False)
    if named and named.metres == 0:
        return _said(named, accuracy_m, by=False)
    if street and street.metres <= ON_STREET_M:
        return _said(street, accuracy_m, by=street.is_approximate or not is_sharp)
    if house and house.metres <= BY_HOUSE_M:
        return _said(house, accuracy_m, by=True)
    if street and street.metres <= BY_STREET_M:
        return _said(street, accuracy_m, by=True)
    if named and named.metres <= REACH_M:
        return _said(named, accuracy_m, by=True)
    return Description(accuracy_m=accuracy_m)


def _neighbours(town_id: int, lon: float, lat: float) -> dict[str, _Neighbour]:
    east, north = degrees_around(lat, REACH_M)
    where = {
        "town": town_id,
        "lon": lon,
        "lat": lat,
        "west": lon - east,
        "east": lon + east,
        "south": lat - north,
        "north": lat + north,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, where)
        rows = cursor.fetchall()
    return {
        role: _Neighbour(
            kind, key, name, Number(number, suffix) if number else None, is_approximate, metres
        )
        for role, kind, key, name, number, suffix, is_approximate, metres in rows
    }


def _said(neighbour: _Neighbour, accuracy_m: float | None, *, by: bool) -> Description:
    name, key, kind = neighbour.name, neighbour.key, neighbour.kind
    if neighbour.number is not None:
        name, key = f"{name} {neighbour.number}", f"{key}/{neighbour.number}"
        kind = ADDRESS_KIND
    return Description(
        words=_("bei %(place)s") % {"place": name} if by else name,
        kind=kind,
        place_id=key,
        distance_m=round(neighbour.metres, 1),
        accuracy_m=accuracy_m,
    )
