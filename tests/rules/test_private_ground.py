"""A place on private ground that is moved before it is public: never in anybody's parcel."""

import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from reports.public_place import off_private_ground
from routing.ground import Ground

LON, LAT = 9.2187, 49.1427
METRE = 1 / 111_320


def garden(west: float, south: float, width: float, height: float) -> BaseGeometry:
    """A rectangular parcel, its corner so many metres from the place."""
    left, below = LON + west * METRE, LAT + south * METRE
    return shapely.box(left, below, left + width * METRE, below + height * METRE)


def street(across: float, tilt: float) -> BaseGeometry:
    """The middle of a road that passes the place."""
    return shapely.LineString(
        [
            (LON + across * METRE, LAT - 200 * METRE),
            (LON + (across + tilt) * METRE, LAT + 200 * METRE),
        ]
    )


metres = st.floats(-60, 60)
sizes = st.floats(4, 120)
gardens = st.lists(st.builds(garden, metres, metres, sizes, sizes), min_size=1, max_size=6)
streets = st.lists(st.builds(street, metres, metres), max_size=2)


@settings(max_examples=150, deadline=None)
@given(private=gardens, public=streets, grid=st.sampled_from([10, 25, 50, 250, 500]))
def test_a_moved_place_never_lies_in_a_garden(
    private: list[BaseGeometry], public: list[BaseGeometry], grid: int
) -> None:
    ground = Ground(private, public)
    assume(ground.is_private(LON, LAT))

    lon, lat = off_private_ground(ground, LON, LAT, grid)

    assert not ground.is_private(lon, lat)
    assert (lon, lat) == (round(lon, 5), round(lat, 5))
    assert off_private_ground(ground, LON, LAT, grid) == (lon, lat)


def test_the_street_is_nearer_than_the_way_round_the_house() -> None:
    house = garden(-10, -10, 20, 20)
    ground = Ground([house], [street(30, 0)])

    lon, lat = off_private_ground(ground, LON, LAT, 10)

    assert 10 < (lon - LON) / METRE < 50
    assert abs(lat - LAT) / METRE < 15


def test_without_a_street_it_lies_beside_the_parcel() -> None:
    ground = Ground([garden(-2, -40, 80, 80)], [])

    lon, lat = ground.beside(LON, LAT)

    assert -8 < (lon - LON) / METRE < -2
    assert abs(lat - LAT) / METRE < 2
