"""A place without a map: the middle of a district, with a radius that covers it."""

from collections.abc import Iterable

from django.contrib.gis.geos import GEOSGeometry

from reports.queries.public_facts import Outline
from routing import coverage


def middle_of(outlines: Iterable[Outline], key: str) -> tuple[float, float, float]:
    """Longitude and latitude (WGS84) of a point inside a district, and metres to its far corner.

    Raises KeyError.
    """
    outline = next((each for each in outlines if each.key == key), None)
    if outline is None:
        raise KeyError(key)
    return coverage.middle_of(GEOSGeometry(outline.geometry))
