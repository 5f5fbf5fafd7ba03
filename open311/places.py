"""Where a request is: by coordinates, by address, by the id of an address."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Municipality
from open311.refusals import Fault, Refused, bad
from open311.words import Words
from reports.models import PlaceChosenBy


@dataclass(frozen=True)
class Location:
    """Longitude and latitude (WGS84), the address in words, and how the place was chosen."""

    lon: float
    lat: float
    address: str
    chosen_by: PlaceChosenBy


def location_of(words: Words, town: Municipality) -> Location:
    """The place of a request; coordinates win over words. Raises Refused."""
    address = words.text("address_string") or words.text("address")
    point = words.point()
    if point is not None:
        return Location(*point, address, PlaceChosenBy.MAP)
    if address:
        return _at_address(address, town)
    if words.text("address_id"):
        raise bad(_("address_id: Hier gibt es keine Adressnummern; bitte lat und long senden."))
    raise Refused(
        Fault(400, "lat required"),
        Fault(400, "long required"),
        Fault(400, _("Ein Ort fehlt: bitte lat und long senden (oder address_string).")),
    )


def _at_address(address: str, town: Municipality) -> Location:
    raise bad(_("address_string: Adressen werden hier nicht gesucht; bitte lat und long senden."))
