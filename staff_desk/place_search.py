"""Places for a word or two that a caller says: addresses of the town's gazetteer, and districts."""

from dataclasses import dataclass

from accounts.models import Municipality
from reports.models import PlaceChosenBy
from routing.coverage import districts_named

MOST = 8


@dataclass(frozen=True)
class FoundPlace:
    """A place by its words. Lon/lat in WGS84, accuracy in metres."""

    label: str
    lon: float
    lat: float
    accuracy_m: float | None
    chosen_by: str = PlaceChosenBy.ADDRESS


def find_places(town: Municipality, words: str) -> list[FoundPlace]:
    """At most eight places in the town for what was said so far, the best first."""
    said = " ".join(words.split())[:100]
    if len(said) < 2:
        return []
    return [
        FoundPlace(name, lon, lat, radius, PlaceChosenBy.LIST)
        for name, lon, lat, radius in districts_named(town.pk, said)
    ][:MOST]
