"""Places for tests, without a file."""

from collections.abc import Mapping

from django.contrib.gis.geos import Point

from places.folding import fold
from places.models import HouseNumber, Place, Source
from tests.people import Town


def add_place(
    town: Town,
    name: str,
    *,
    kind: str = "street",
    lon: float = 9.2187,
    lat: float = 49.1427,
    radius_m: float = 200,
    numbers: Mapping[int, float] | None = None,
) -> Place:
    """A street or place of a town; `numbers` gives house numbers with their longitudes."""
    source, _is_new = Source.objects.get_or_create(municipality=town.municipality, key="test")
    place = Place.objects.create(
        municipality=town.municipality,
        source=source,
        version=1,
        kind=kind,
        key=f"{'s' if kind == 'street' else 'o'}.{fold(name)}",
        name=name,
        folded=fold(name),
        point=Point(lon, lat, srid=4326),
        radius_m=radius_m,
    )
    for number, east in (numbers or {}).items():
        HouseNumber.objects.create(
            street=place,
            source=source,
            version=1,
            number=number,
            point=Point(east, lat, srid=4326),
        )
    return place
