"""Where a request is: by coordinates, by address, by the id of an address."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Municipality
from open311.refusals import Fault, Refused
from open311.words import Words
from places.lookup import resolve
from reports.models import PlaceChosenBy

MOST_CHOICES = 5


@dataclass(frozen=True)
class Location:
    """Longitude and latitude (WGS84), metres of accuracy, the address in words, its origin."""

    lon: float
    lat: float
    accuracy_m: float | None
    address: str
    chosen_by: PlaceChosenBy


def location_of(words: Words, town: Municipality) -> Location:
    """The place of a request; coordinates win over an id, an id over words. Raises Refused."""
    address = words.text("address_string")
    point = words.point()
    if point is not None:
        return Location(*point, None, address, PlaceChosenBy.MAP)
    place_id = words.text("address_id")
    if not place_id and not address:
        raise Refused(
            Fault(400, "lat required"),
            Fault(400, "long required"),
            Fault(400, _("Ein Ort fehlt: lat und long, address_string oder address_id.")),
        )
    return _resolved(town, place_id, address)


def _resolved(town: Municipality, place_id: str, address: str) -> Location:
    found = resolve(town, text=address, place_id=place_id)
    place, name = found.place, "address_id" if place_id else "address_string"
    if place is not None and place.lon is not None and place.lat is not None:
        words = address or place.label
        return Location(place.lon, place.lat, place.precision_m, words, PlaceChosenBy.ADDRESS)
    if found.is_ambiguous:
        labels = "; ".join(choice.label for choice in found.choices[:MOST_CHOICES])
        why = _("Diese Adresse ist nicht eindeutig oder ohne Lage: %(choices)s.")
        raise Refused(Fault(400, f"{name}: {why % {'choices': labels}}"))
    why = _("Diese Adresse finden wir nicht. Bitte lat und long senden.")
    raise Refused(Fault(400, f"{name}: {why}"))
