"""Do two reports mean the same thing? One scoring for citizens, staff and machines, over values.

Distance, kind, time and words count together. Two reports give the same score whichever comes
first, and the further apart they lie the lower it is.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext, ngettext

# From here on staff are asked whether two cases are one; citizens are asked a little earlier,
# because for them a look costs less than a second report costs the office.
STAFF_FROM, CITIZENS_FROM = 45, 30
_CLOSENESS, _RECENCY, _TEXT = 0.5, 0.15, 0.35
# Without words on both sides the rest decides, and is trusted a little less.
_WORDLESS = 0.85
_RELATED, _SAME_ASSET = 0.7, 0.85
_HALF_AGE = timedelta(days=30)
# A few metres are the error of any place that was chosen with a finger.
_SAME_SPOT_M = 3
_READ_CHARACTERS = 600
_SIMILAR, _PARTLY_SIMILAR = 0.55, 0.3

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_WORD = re.compile(r"[a-z0-9]+")
_SHORTEST = 4
_FILLERS = """
aber alle allem allen aller alles also auch beim bitte dann dass dein deine deshalb dies diese
diesem diesen dieser dieses doch dort durch eben eine einem einen einer eines etwas fuer ganz gegen
haben hallo hier immer jetzt kann keine koennen liegt liebe machen mehr mein meine mich nach nicht
noch oder ohne schon sehr sein seine seit sich sind steht strasse ueber unser unsere unter viele
vielen wegen weil werden wieder wird wurde zwischen
"""
_SAY_NOTHING = frozenset(_FILLERS.split())


class Kinship(StrEnum):
    """How near two kinds of report are to each other."""

    SAME = "same"
    RELATED = "related"
    OTHER = "other"


@dataclass(frozen=True)
class Sight:
    """What is known of one report: kind and group (ids or codes), reach in metres, time, words.

    `assets`: the things it names, by id or reference.
    """

    category_id: int | str
    group_id: int | str | None
    radius_m: int
    at: datetime
    text: str = ""
    assets: frozenset[int | str] = frozenset()


@dataclass(frozen=True)
class Likeness:
    """How much speaks for one and the same, 0 to 100, and the facts it rests on.

    `text` is the share of words in common, None where one side has none.
    """

    score: int
    metres: float
    kinship: Kinship
    text: float | None
    same_asset: bool


def compare(one: Sight, other: Sight, metres: float) -> Likeness:
    """Weigh two reports that lie `metres` apart; the same the other way round."""
    kinship = kinship_of(one, other)
    same_asset = not one.assets.isdisjoint(other.assets)
    text = text_likeness(one.text, other.text)
    reach = min(one.radius_m, other.radius_m)
    closeness = 1.0 if same_asset else max(0.0, 1 - metres / reach) if reach else 0.0
    weight = {Kinship.SAME: 1.0, Kinship.RELATED: _RELATED, Kinship.OTHER: 0.0}[kinship]
    if same_asset:
        weight = max(weight, _SAME_ASSET)
    if not closeness:
        weight = 0.0
    share = weight * _evidence(closeness, _recency(one.at, other.at), text)
    return Likeness(round(100 * share), metres, kinship, text, same_asset)


def kinship_of(one: Sight, other: Sight) -> Kinship:
    """The same kind, another of the same group, or another altogether."""
    if one.category_id == other.category_id:
        return Kinship.SAME
    if one.group_id is not None and one.group_id == other.group_id:
        return Kinship.RELATED
    return Kinship.OTHER


def reason(found: Likeness, *, days_ago: int) -> str:
    """Why two reports may be one, in the reader's words; `days_ago`: how old the other one is."""
    parts = [_distance(found.metres), _kind(found)]
    if days_ago < 1:
        parts.append(gettext("heute gemeldet"))
    else:
        text = ngettext("vor %(days)d Tag", "vor %(days)d Tagen", days_ago)
        parts.append(text % {"days": days_ago})
    if found.text is not None and found.text >= _SIMILAR:
        parts.append(gettext("ähnlicher Text"))
    elif found.text is not None and found.text >= _PARTLY_SIMILAR:
        parts.append(gettext("teils ähnlicher Text"))
    return ", ".join(part for part in parts if part)


def text_likeness(one: str, other: str) -> float | None:
    """The share of words two texts have in common, 0 to 1; None where one says nothing.

    Words are compared by their triples of letters, so that "Laterne" is found in
    "Straßenlaterne": German writes compounds as one word and stemming does not take them apart.
    """
    mine, yours = _words(one), _words(other)
    if not mine or not yours:
        return None
    return (_covered(mine, yours) + _covered(yours, mine)) / 2


def _evidence(closeness: float, recency: float, text: float | None) -> float:
    known = _CLOSENESS * closeness + _RECENCY * recency
    if text is None:
        return _WORDLESS * known / (_CLOSENESS + _RECENCY)
    return known + _TEXT * text


def _recency(one: datetime, other: datetime) -> float:
    return float(0.5 ** (abs(one - other) / _HALF_AGE))


def _words(text: str) -> list[frozenset[str]]:
    """The triples of letters of each word that says something."""
    lowered = text[:_READ_CHARACTERS].casefold().translate(_UMLAUTS)
    plain = unicodedata.normalize("NFKD", lowered)
    found = dict.fromkeys(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))
    said = (word for word in found if len(word) >= _SHORTEST and word not in _SAY_NOTHING)
    return [frozenset(word[at : at + 3] for at in range(len(word) - 2)) for word in said]


def _covered(words: list[frozenset[str]], others: Iterable[frozenset[str]]) -> float:
    """How much of the words is found among the others, long words counting more."""
    others = list(others)
    total = sum(len(word) for word in words)
    return sum(len(word) * max(_overlap(word, each) for each in others) for word in words) / total


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    share = len(one & other) / min(len(one), len(other))
    # A few triples in common are chance ("sch", "ter").
    return share if share >= 0.5 else 0.0


def _distance(metres: float) -> str:
    if metres <= _SAME_SPOT_M:
        return gettext("an derselben Stelle")
    return gettext("%(metres)d m entfernt") % {"metres": round(metres)}


def _kind(found: Likeness) -> str:
    if found.same_asset:
        return gettext("dasselbe Objekt")
    if found.kinship == Kinship.SAME:
        return gettext("gleiche Anliegenart")
    return gettext("verwandte Anliegenart") if found.kinship == Kinship.RELATED else ""
