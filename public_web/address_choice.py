"""The place of a report by words: searched by the server where no script has chosen a point."""

from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Municipality
from places import lookup
from places.values import Suggestion
from reports.models import PlaceChosenBy

FIND, CHOSEN = "find_place", "place_id"
# The installation's own addresses: no town's prefix may come before them.
PLACES_URL, PLACE_AT_URL = "/api/v1/places", "/api/v1/places/at"


@dataclass(frozen=True)
class AddressChoice:
    """A form's data with the point its words stand for, or places to choose among.

    `was_asked` says that the button for searching was pressed, not the one for sending.
    """

    data: QueryDict
    choices: tuple[Suggestion, ...] = ()
    was_asked: bool = False
    context: dict[str, object] = field(default_factory=dict)

    @property
    def fault(self) -> str:
        """What to say beside the address; empty where its place is clear or nobody asked."""
        if self.choices:
            return "" if self.was_asked else _("Mehrere Orte passen. Bitte wählen Sie einen.")
        if self.was_asked:
            return _(
                "Dazu ist hier kein Ort verzeichnet. Bitte wählen Sie den Stadtteil; Ihre Worte "
                "gehen mit."
            )
        return ""


def place_by_words(data: QueryDict, town: Municipality) -> AddressChoice:
    """Give a form its point by the place that was chosen, else by its address if that is clear.

    A point that is there already stays. A district without a clear address stays a district.
    """
    was_asked = FIND in data
    if data.get("lon") and data.get("lat") and not was_asked:
        return AddressChoice(data)
    chosen = data.get(CHOSEN, "")
    if chosen and not was_asked:
        place = lookup.resolve(town, place_id=chosen).place
        if place is None:
            return AddressChoice(data)
        return AddressChoice(_with_point(data, place), context=_context((place,), chosen))
    address = " ".join(data.get("address", "").split())[: lookup.LONGEST_TEXT]
    # "None of these" was answered before: nobody is asked a second time.
    if not address or (CHOSEN in data and not was_asked):
        return AddressChoice(data, was_asked=was_asked)
    found = lookup.resolve(town, text=address)
    if found.place is not None and not was_asked:
        return AddressChoice(_with_point(data, found.place))
    choices = tuple(each for each in found.choices if each.has_point)
    if not was_asked and data.get("district"):
        choices = ()
    return AddressChoice(data, choices, was_asked, _context(choices, chosen))


def offer(town: Municipality) -> dict[str, str]:
    """Where the page's script searches; empty where the town has nothing to search in."""
    if not lookup.knows_places(town):
        return {}
    return {"places_url": PLACES_URL, "place_at_url": PLACE_AT_URL}


def _context(choices: tuple[Suggestion, ...], chosen: str) -> dict[str, object]:
    return {"place_choices": choices, "place_chosen": chosen}


def _with_point(data: QueryDict, place: Suggestion) -> QueryDict:
    filled = data.copy()
    filled["lon"], filled["lat"] = str(place.lon), str(place.lat)
    filled["accuracy_m"] = "" if place.precision_m is None else str(round(place.precision_m))
    filled["place_chosen_by"] = PlaceChosenBy.ADDRESS
    if not filled.get("address", "").strip():
        filled["address"] = place.label
    return filled
