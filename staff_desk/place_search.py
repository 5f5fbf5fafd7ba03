"""Places for a word or two that a caller says: the town's gazetteer, and its districts."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Municipality
from places import lookup
from reports.models import PlaceChosenBy
from routing.assets import assets_named
from routing.coverage import districts_named

MOST = 8
# As exact as the inventories of most towns are.
ASSET_ACCURACY_M = 5


@dataclass(frozen=True)
class FoundPlace:
    """A place by its words. Lon/lat in WGS84, accuracy in metres; a name without a point has
    neither. `asset` is the reference of a lamp or tree whose number was said."""

    label: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    chosen_by: str = PlaceChosenBy.ADDRESS
    note: str = ""
    asset: str = ""


def find_places(town: Municipality, words: str) -> list[FoundPlace]:
    """At most eight places in the town for what was said so far, the best first."""
    said = " ".join(words.split())[: lookup.LONGEST_TEXT]
    if len(said) < lookup.SHORTEST_TEXT:
        return []
    found = [
        FoundPlace(
            label=", ".join(part for part in (place.label, place.part) if part),
            lon=place.lon,
            lat=place.lat,
            accuracy_m=place.precision_m,
            note=place.note,
        )
        for place in lookup.search(said, town, limit=MOST)
    ]
    districts = [
        FoundPlace(name, lon, lat, radius, PlaceChosenBy.LIST)
        for name, lon, lat, radius in districts_named(town.pk, said)
    ]
    return [*_numbered_things(town, said), *found, *districts][:MOST]


def _numbered_things(town: Municipality, said: str) -> list[FoundPlace]:
    """Things with a number on them: callers read out what stands on the mast."""
    if not any(letter.isdigit() for letter in said):
        return []
    return [
        FoundPlace(
            each.label,
            each.lon,
            each.lat,
            ASSET_ACCURACY_M,
            PlaceChosenBy.LIST,
            note=each.layer_name,
            asset=each.reference,
        )
        for each in assets_named(town.pk, said)
    ]


def the_place_meant(found: Sequence[FoundPlace], words: str) -> FoundPlace | None:
    """The one place that words stand for without anybody choosing, or None."""
    placed = [place for place in found if place.lon is not None]
    called = [place for place in placed if place.label.casefold() == words.strip().casefold()]
    meant = called or placed
    return meant[0] if len(meant) == 1 else None
