"""How geocoders of others are asked and answer: Photon, Nominatim, and the BKG's geosearch.

Only the format is known here; who is asked, and whether, is decided in remote.py. Whatever an
answer lacks or has too much of is no reason to fail: it is left out.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from places.values import ADDRESS_KIND

Box = tuple[float, float, float, float]  # west, south, east, north in degrees
LABEL_LIMIT = 160


@dataclass(frozen=True)
class Answer:
    """A place a geocoder named: label, kind, point in WGS84, and how exact it is in metres."""

    label: str
    kind: str
    lon: float
    lat: float
    precision_m: float


class Geocoder(Protocol):
    """A format: addresses to ask at, and how to read what comes back."""

    def search_url(self, base: str, text: str, box: Box, limit: int) -> str:
        """Where a text is searched for within a box."""

    def reverse_url(self, base: str, lon: float, lat: float) -> str:
        """Where a point (WGS84) is looked up."""

    def read(self, answer: Any) -> list[Answer]:
        """The places of an answer; senseless ones left out."""


class Photon:
    """Photon (komoot): GeoJSON with parts of the address as properties."""

    def search_url(self, base: str, text: str, box: Box, limit: int) -> str:
        """Search within a box, German names."""
        words = {"q": text, "limit": limit, "lang": "de", "bbox": ",".join(map(_degrees, box))}
        return f"{base}/api?{urlencode(words)}"

    def reverse_url(self, base: str, lon: float, lat: float) -> str:
        """The nearest object."""
        words = {"lon": _degrees(lon), "lat": _degrees(lat), "limit": 1, "lang": "de"}
        return f"{base}/reverse?{urlencode(words)}"

    def read(self, answer: Any) -> list[Answer]:
        """Features with street and housenumber, or a name."""
        return _all(_photon_place(feature) for feature in _features(answer))


class Nominatim:
    """Nominatim: a list of objects in its format jsonv2 with the parts of the address."""

    def search_url(self, base: str, text: str, box: Box, limit: int) -> str:
        """Search bound to a box, German names."""
        west, south, east, north = map(_degrees, box)
        words = {
            "q": text,
            "format": "jsonv2",
            "addressdetails": 1,
            "limit": limit,
            "bounded": 1,
            "viewbox": f"{west},{north},{east},{south}",
            "accept-language": "de",
        }
        return f"{base}/search?{urlencode(words)}"

    def reverse_url(self, base: str, lon: float, lat: float) -> str:
        """The nearest building or street."""
        words = {
            "lat": _degrees(lat),
            "lon": _degrees(lon),
            "format": "jsonv2",
            "zoom": 18,
            "accept-language": "de",
        }
        return f"{base}/reverse?{urlencode(words)}"

    def read(self, answer: Any) -> list[Answer]:
        """One object for a point, a list of them for a text."""
        rows = answer if isinstance(answer, list) else [answer]
        return _all(_nominatim_place(row) for row in rows if isinstance(row, Mapping))


class Geosearch:
    """The BKG's Geokodierungsdienst: GeoJSON by its geosearch interface."""

    def search_url(self, base: str, text: str, box: Box, limit: int) -> str:
        """Search within a box."""
        words = {
            "query": text,
            "count": limit,
            "bbox": ",".join(map(_degrees, box)),
            "srsname": "EPSG:4326",
            "outputformat": "json",
        }
        return f"{base}/geosearch?{urlencode(words)}"

    def reverse_url(self, base: str, lon: float, lat: float) -> str:
        """What lies nearest to a point."""
        words = {
            "lat": _degrees(lat),
            "lon": _degrees(lon),
            "count": 1,
            "srsname": "EPSG:4326",
            "outputformat": "json",
        }
        return f"{base}/geosearch?{urlencode(words)}"

    def read(self, answer: Any) -> list[Answer]:
        """Features with strasse and haus, or a text."""
        return _all(_geosearch_place(feature) for feature in _features(answer))


GEOCODERS: dict[str, Geocoder] = {
    "photon": Photon(),
    "nominatim": Nominatim(),
    "bkg": Geosearch(),
}
_NUMBER_M, _STREET_M, _NAMED_M = 15.0, 250.0, 100.0


def _photon_place(feature: Mapping[str, Any]) -> Answer | None:
    facts = _mapping(feature.get("properties"))
    point = _mapping(feature.get("geometry")).get("coordinates")
    street, number = _word(facts.get("street")), _word(facts.get("housenumber"))
    name = _word(facts.get("name"))
    if facts.get("type") == "street":
        street = name or street
    return _answer(street, number, name, point)


def _nominatim_place(row: Mapping[str, Any]) -> Answer | None:
    address = _mapping(row.get("address"))
    street = _word(address.get("road") or address.get("pedestrian") or address.get("square"))
    number = _word(address.get("house_number"))
    name = _word(row.get("name"))
    return _answer(street, number, name, [row.get("lon"), row.get("lat")])


def _geosearch_place(feature: Mapping[str, Any]) -> Answer | None:
    facts = _mapping(feature.get("properties"))
    point = _mapping(feature.get("geometry")).get("coordinates")
    street, number = _word(facts.get("strasse")), _word(facts.get("haus"))
    return _answer(street, number, _word(facts.get("text")).partition(",")[0].strip(), point)


def _answer(street: str, number: str, name: str, point: Any) -> Answer | None:
    place = _point(point)
    if place is None:
        return None
    if street and number:
        return Answer(f"{street} {number}"[:LABEL_LIMIT], ADDRESS_KIND, *place, _NUMBER_M)
    if name and name != street:
        return Answer(name[:LABEL_LIMIT], "other", *place, _NAMED_M)
    return Answer(street[:LABEL_LIMIT], "street", *place, _STREET_M) if street else None


def _point(given: Any) -> tuple[float, float] | None:
    if not isinstance(given, list) or len(given) < 2:
        return None
    try:
        lon, lat = float(given[0]), float(given[1])
    except (TypeError, ValueError):
        return None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        return None
    return round(lon, 6), round(lat, 6)


def _features(answer: Any) -> Iterable[Mapping[str, Any]]:
    features = _mapping(answer).get("features")
    return (
        [each for each in features if isinstance(each, Mapping)]
        if isinstance(features, list)
        else []
    )


def _all(places: Iterable[Answer | None]) -> list[Answer]:
    return [place for place in places if place is not None]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _word(value: Any) -> str:
    # What others write is shown on our pages: one line, printable.
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _degrees(value: float) -> str:
    return f"{value:.6f}"
