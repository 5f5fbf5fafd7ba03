"""Search, resolve and describe places of a town. Nothing that was typed is logged or stored.

The town's own gazetteer answers; only where it knows nothing that fits, and the operator has set a
geocoder, is that one asked. Every caller gets an answer, if an empty one: the point of a report is
stored whatever is known of it.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Municipality
from places import remote
from places.geocoders import Answer, Box
from places.geometry import metres_between
from places.house_numbers import read_number
from places.local_reverse import AT_HOUSE_M, REACH_M, describe_from_gazetteer
from places.local_search import search_gazetteer
from places.models import Place
from places.values import Description, Match, Position, Suggestion, precision_words

SHORTEST_TEXT, LONGEST_TEXT = 2, 120
MOST_SUGGESTIONS = 20
_GEO_URI = re.compile(
    r"geo:(?P<lat>-?\d{1,2}\.\d{1,6}),(?P<lon>-?\d{1,3}\.\d{1,6});u=(?P<u>\d{1,5})"
)


@dataclass(frozen=True)
class Resolved:
    """What an address came to: one place, or several among which somebody has to choose.

    `place` is set where one place stands out and its point is known.
    """

    place: Suggestion | None
    choices: tuple[Suggestion, ...]

    @property
    def is_ambiguous(self) -> bool:
        """Whether there are places to choose from and none stands out."""
        return self.place is None and bool(self.choices)


def search(
    text: str,
    town: Municipality,
    *,
    near: tuple[float, float] | None = None,
    limit: int = 8,
) -> list[Suggestion]:
    """Places of a town that a text may mean, best first; at equal fit the nearest to `near`.

    `near` is longitude and latitude in WGS84. Texts shorter than 2 letters find nothing, what
    exceeds 120 is cut. Two queries at most where no geocoder is asked.
    """
    text = text.strip()[:LONGEST_TEXT].replace("\x00", "")
    limit = max(1, min(limit, MOST_SUGGESTIONS))
    if len(text) < SHORTEST_TEXT:
        return []
    found = search_gazetteer(town.pk, town.name, text, near=near, limit=limit)
    if any(each.match <= Match.CONTAINS and each.has_point for each in found):
        return found
    if not remote.is_set():
        return found
    others = _from_geocoder(remote.ask_for(f"{text}, {town.name}", _box(town), limit), town, near)
    return [*others, *found][:limit]


def knows_places(town: Municipality) -> bool:
    """Whether there is anything to search in: a gazetteer, or a geocoder. One query at most."""
    return remote.is_set() or Place.objects.filter(municipality_id=town.pk).exists()


def resolve(town: Municipality, *, text: str = "", place_id: str = "") -> Resolved:
    """The place that an id or an address stands for; ids are those of `search` and `describe`.

    An unknown id resolves to nothing. A text resolves to one place where exactly one fits it to
    the letter, or exactly one holds it at all, and its point is known; else to the choices.
    """
    if place_id:
        place = _by_id(town, place_id.strip()[:250])
        return Resolved(place if place and place.has_point else None, (place,) if place else ())
    found = search(text, town)
    for wanted in (
        [each for each in found if each.match == Match.EXACT],
        found,
    ):
        if wanted:
            sure = len(wanted) == 1 and wanted[0].match < Match.SIMILAR and wanted[0].has_point
            return Resolved(wanted[0] if sure else None, tuple(found))
    return Resolved(None, ())


def describe(
    town: Municipality,
    lon: float,
    lat: float,
    *,
    accuracy_m: float | None = None,
    ask_others: bool = False,
) -> Description:
    """A point (WGS84) in words: `Kaiserstraße 12`, `bei Kaiserstraße 12`, `Stadtpark`.

    Words are empty where nothing is near. One query. `ask_others` also asks the geocoder, if one
    is set and the own gazetteer knows nothing: only where nobody waits for the answer.
    """
    own = describe_from_gazetteer(town.pk, lon, lat, accuracy_m)
    if own.words or not ask_others:
        return own
    for answer in remote.ask_at(lon, lat):
        metres = metres_between((answer.lon, answer.lat), (lon, lat))
        if metres <= REACH_M:
            at = metres <= AT_HOUSE_M
            words = answer.label if at else _("bei %(place)s") % {"place": answer.label}
            return Description(words, answer.kind, "", round(metres, 1), accuracy_m)
    return own


def _by_id(town: Municipality, place_id: str) -> Suggestion | None:
    geo = _GEO_URI.fullmatch(place_id)
    if geo:
        return _from_uri(place_id, float(geo["lon"]), float(geo["lat"]), float(geo["u"]))
    if "\x00" in place_id:
        return None
    key, _slash, number = place_id.partition("/")
    place = Place.objects.filter(municipality_id=town.pk, key=key).first()
    if place is None or (number and read_number(number) is None):
        return None
    # The search knows how to place a number, known or not; the key says which of the results.
    typed = f"{place.name} {number}".strip()
    asked = f"{typed}, {place.part}" if place.part else typed
    found = search_gazetteer(town.pk, "", asked, limit=MOST_SUGGESTIONS)
    return next((each for each in found if each.id == place_id), None)


def _from_uri(uri: str, lon: float, lat: float, precision_m: float) -> Suggestion | None:
    if abs(lon) > 180 or abs(lat) > 90:
        return None
    words = precision_words(precision_m)
    return Suggestion(
        uri, words, "other", Match.EXACT, Position.KNOWN, "", lon, lat, precision_m=precision_m
    )


def _from_geocoder(
    answers: list[Answer], town: Municipality, near: tuple[float, float] | None
) -> list[Suggestion]:
    west, south, east, north = _box(town)
    return [
        Suggestion(
            id=f"geo:{answer.lat:.6f},{answer.lon:.6f};u={round(answer.precision_m)}",
            label=answer.label,
            kind=answer.kind,
            match=Match.CONTAINS,
            position=Position.KNOWN,
            lon=answer.lon,
            lat=answer.lat,
            precision_m=answer.precision_m,
            distance_m=metres_between((answer.lon, answer.lat), near) if near else None,
        )
        for answer in answers
        if west <= answer.lon <= east and south <= answer.lat <= north
    ]


def _box(town: Municipality) -> Box:
    extent: Box = town.coverage.extent
    west, south, east, north = extent
    return round(west, 4), round(south, 4), round(east, 4), round(north, 4)
