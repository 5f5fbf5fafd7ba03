"""What the search answers with, as values. Coordinates in WGS84, distances in metres."""

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from django.utils.translation import gettext as _

ADDRESS_KIND = "address"


class Match(IntEnum):
    """How well a name fits what was typed; smaller is better."""

    EXACT = 0
    BEGINS = 1
    CONTAINS = 2
    SIMILAR = 3

    @property
    def word(self) -> str:
        """The name of the match in the API."""
        return self.name.lower()


class Position(StrEnum):
    """Where the point of a suggestion comes from."""

    KNOWN = "known"  # the point of the gazetteer
    INTERPOLATED = "interpolated"  # between two house numbers that are known
    NEAREST = "nearest"  # the nearest house number that is known
    WHOLE = "whole"  # the middle of the street, for want of house numbers
    APPROXIMATE = "approximate"  # derived from something else that carries the name
    UNKNOWN = "unknown"  # a name without a place


@dataclass(frozen=True)
class Suggestion:
    """A place that may be meant.

    `id` is stable from import to import and unique in its town; places of a geocoder of others
    carry a geo URI (RFC 5870). `lon`, `lat`, `precision_m` are None where only the name is known.
    `nearest` is the number that NEAREST took.
    """

    id: str
    label: str
    kind: str
    match: Match
    position: Position
    part: str = ""
    lon: float | None = None
    lat: float | None = None
    precision_m: float | None = None
    distance_m: float | None = None
    nearest: str = ""

    @property
    def has_point(self) -> bool:
        """Whether the place can be shown on a map."""
        return self.lon is not None and self.lat is not None

    @property
    def note(self) -> str:
        """What somebody who chooses it should know of its point; empty where nothing is odd."""
        match self.position:
            case Position.INTERPOLATED:
                return _("Hausnummer nicht verzeichnet; Lage zwischen den Nachbarn geschätzt")
            case Position.NEAREST:
                return _("Hausnummer nicht verzeichnet; gezeigt wird Nummer %(number)s") % {
                    "number": self.nearest
                }
            case Position.WHOLE:
                return _("Hausnummer nicht verzeichnet; gezeigt wird die Mitte der Straße")
            case Position.APPROXIMATE:
                return _("Lage ungefähr")
            case Position.UNKNOWN:
                return _("Lage nicht bekannt, bitte auf der Karte zeigen")
            case _:
                return ""

    def at_distance(self, metres: float | None) -> "Suggestion":
        """The same suggestion with its distance to where the asker is."""
        return replace(self, distance_m=metres)


@dataclass(frozen=True)
class Description:
    """A point in words: `bei Kaiserstraße 12`. Empty words where nothing is near.

    `distance_m` is how far the named place is, `accuracy_m` how exact the point itself.
    """

    words: str = ""
    kind: str = ""
    place_id: str = ""
    distance_m: float | None = None
    accuracy_m: float | None = None

    @property
    def precision(self) -> str:
        """How exact the point is, in words; empty where nobody knows."""
        return precision_words(self.accuracy_m)

    @property
    def sentence(self) -> str:
        """Words and precision together: `Kaiserstraße 12, auf 15 m genau`."""
        return ", ".join(word for word in (self.words, self.precision) if word)


def precision_words(accuracy_m: float | None) -> str:
    """`auf 15 m genau`, `auf etwa 2 km genau`; empty for None."""
    if accuracy_m is None:
        return ""
    if accuracy_m < 1000:
        return _("auf %(metres)d m genau") % {"metres": max(1, round(accuracy_m))}
    return _("auf etwa %(kilometres)d km genau") % {"kilometres": round(accuracy_m / 1000)}
