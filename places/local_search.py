"""Search in the town's own gazetteer: two queries, whatever its size.

The index answers which names share most trigrams with the typed text; how well they fit is then
judged here, letter by letter, so that one wrong or swapped letter does not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from places.folding import fold, fold_typed
from places.geometry import metres_between
from places.house_numbers import Number, Reading, readings_of
from places.values import ADDRESS_KIND, Match, Position, Suggestion

CANDIDATES = 40  # names per reading that are looked at letter by letter
SHORTEST, LONG = 2, 8
STREET_RADIUS_M, NUMBER_PRECISION_M = 250.0, 15.0
# Numbers further apart than this say nothing on what lies between them.
WIDEST_GAP = 40
SIMILAR_ENOUGH = 0.45

_COLUMNS = (
    "pk",
    "kind",
    "key",
    "name",
    "part",
    "folded",
    "lon",
    "lat",
    "radius_m",
    "is_approximate",
)
_NAMES = """
    SELECT wanted.position, found.*
    FROM unnest(%(names)s::text[]) WITH ORDINALITY AS wanted (typed, position)
    CROSS JOIN LATERAL (
        SELECT id, kind, key, name, part, folded, ST_X(point) AS lon, ST_Y(point) AS lat,
               radius_m, is_approximate, similarity(folded, wanted.typed) AS likeness
        FROM places_place
        WHERE municipality_id = %(town)s::bigint  -- the index knows no other number
        ORDER BY folded <->> wanted.typed
        LIMIT %(limit)s
    ) AS found
"""
# Of each street: the number itself, its neighbours on the same side, and the nearest of all.
_NUMBERS = """
    SELECT wanted.street_id, near.*
    FROM unnest(%(streets)s::bigint[], %(numbers)s::int[], %(suffixes)s::text[])
         AS wanted (street_id, number, suffix)
    CROSS JOIN LATERAL (
        (SELECT 'same' AS role, n.number, n.suffix, ST_X(n.point) AS lon, ST_Y(n.point) AS lat
         FROM places_housenumber n
         WHERE n.street_id = wanted.street_id AND n.number = wanted.number
           AND n.suffix = wanted.suffix)
        UNION ALL
        (SELECT 'below', n.number, n.suffix, ST_X(n.point), ST_Y(n.point)
         FROM places_housenumber n
         WHERE n.street_id = wanted.street_id AND n.number <= wanted.number
           AND n.number %% 2 = wanted.number %% 2
         ORDER BY n.number DESC, n.suffix LIMIT 1)
        UNION ALL
        (SELECT 'above', n.number, n.suffix, ST_X(n.point), ST_Y(n.point)
         FROM places_housenumber n
         WHERE n.street_id = wanted.street_id AND n.number > wanted.number
           AND n.number %% 2 = wanted.number %% 2
         ORDER BY n.number, n.suffix LIMIT 1)
        UNION ALL
        (SELECT 'nearest', n.number, n.suffix, ST_X(n.point), ST_Y(n.point)
         FROM places_housenumber n
         WHERE n.street_id = wanted.street_id
         ORDER BY abs(n.number - wanted.number), n.number, n.suffix LIMIT 1)
    ) AS near
"""


@dataclass(frozen=True)
class _Name:
    """A row of the gazetteer that was found, how well it fits, and for which reading."""

    pk: int
    kind: str
    key: str
    name: str
    part: str
    folded: str
    lon: float | None
    lat: float | None
    radius_m: float | None
    is_approximate: bool
    match: Match
    edits: float
    number: Number | None


@dataclass(frozen=True)
class _Known:
    """A house number the gazetteer knows."""

    number: Number
    lon: float
    lat: float


def search_gazetteer(
    town_id: int,
    town_name: str,
    text: str,
    *,
    near: tuple[float, float] | None = None,
    limit: int = 8,
) -> list[Suggestion]:
    """Places of a town whose name fits a text, the best first, at equal fit the nearest to `near`.

    At most two queries.
    """
    readings = [each for each in readings_of(text, town_name) if len(fold(each.name)) >= SHORTEST]
    if not readings:
        return []
    hints = {fold(part) for part in text.split(",")[1:]}
    fitting: dict[int, _Name] = {}
    for name in sorted(_names(town_id, readings), key=lambda name: _order(name, hints, near)):
        fitting.setdefault(name.pk, name)  # the same name may fit several readings
    best = list(fitting.values())[:limit]
    numbers = _numbers([name for name in best if name.number is not None])
    suggestions = [_suggestion(name, numbers.get(name.pk, {})) for name in best]
    return [each.at_distance(_distance(each.lon, each.lat, near)) for each in suggestions]


def _names(town_id: int, readings: Sequence[Reading]) -> Iterable[_Name]:
    typed = [fold_typed(reading.name) for reading in readings]
    has_number = any(reading.number for reading in readings)
    asked = list(enumerate(typed))
    # What half the streets share says little: their beginnings are asked for once more.
    for at, reading in enumerate(readings):
        stem = _stem(typed[at]) if reading.number or not has_number else ""
        asked += [(at, stem)] if stem else []
    with connection.cursor() as cursor:
        names = [text for _at, text in asked]
        cursor.execute(_NAMES, {"names": names, "town": town_id, "limit": CANDIDATES})
        rows = cursor.fetchall()
    found = {
        (asked[position - 1][0], facts[0]): (facts, likeness)
        for position, *facts, likeness in reversed(rows)
    }
    fits = [
        (at, facts, _plain_fit(typed[at], facts[5])) for (at, _pk), (facts, _l) in found.items()
    ]
    if not any(fit and fit[0] <= Match.BEGINS for _at, _facts, fit in fits):
        # Letter by letter only where nothing begins as typed: it is dear, and would only add
        # noise. What ends like a house number is then taken for one.
        fits = [
            (at, facts, _plain_fit(typed[at], facts[5]) or _similar_fit(typed[at], facts[5], like))
            for (at, _pk), (facts, like) in found.items()
            if readings[at].number or not has_number
        ]
    for at, facts, fit in fits:
        if fit is not None:
            name = dict(zip(_COLUMNS, facts, strict=True))
            yield _Name(**name, match=fit[0], edits=fit[1], number=readings[at].number)


def _stem(typed: str) -> str:
    """The part of a text in which streets differ; empty where that is nearly all of it."""
    if typed.endswith("str"):
        stem = typed[:-3]
    else:
        stem = typed[: len(typed) // 2] if len(typed) >= LONG else ""
    return stem if len(stem) > SHORTEST else ""


def _plain_fit(typed: str, folded: str) -> tuple[Match, float] | None:
    """How a name holds what was typed, letter for letter; None where it does not."""
    if folded == typed:
        return Match.EXACT, 0.0
    if folded.startswith(typed):
        return Match.BEGINS, 0.0
    if len(typed) > SHORTEST and typed in folded:
        return Match.CONTAINS, 0.0
    return None


def _similar_fit(typed: str, folded: str, likeness: float) -> tuple[Match, float] | None:
    """How many letters are off; None where it is too many and the trigrams differ as well."""
    patience = _patience(len(typed))
    # A slip within "straße" hides that it is one, so the long form is compared as well.
    forms = (folded, f"{folded}asse") if folded.endswith("str") else (folded,)
    edits = min(edits_to_a_beginning(typed, form, patience) for form in forms)
    if edits <= patience:
        return Match.SIMILAR, edits
    if likeness >= SIMILAR_ENOUGH:
        return Match.SIMILAR, patience + 1.0 - likeness
    return None


def _patience(letters: int) -> int:
    """How many letters may be wrong, missing, too many or swapped."""
    if letters <= SHORTEST:
        return 0
    return 1 if letters <= 5 else 2 if letters <= 10 else 3


def edits_to_a_beginning(typed: str, name: str, patience: int) -> int:
    """Fewest edits from a text to the whole or some beginning of a name, swaps counting one.

    Gives up, with a number above `patience`, once it cannot be had for less.
    """
    name, far = name[: len(typed) + patience], patience + 1
    before, row = [far] * (len(name) + 1), list(range(len(name) + 1))
    for i, letter in enumerate(typed, start=1):
        earlier, before, row = before, row, [far] * (len(name) + 1)
        row[0] = i
        # Further from the diagonal the number of edits can only be above the patience.
        for j in range(max(1, i - patience), min(len(name), i + patience) + 1):
            cost = before[j - 1] + (letter != name[j - 1])
            cost = min(cost, before[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and letter == name[j - 2] and typed[i - 2] == name[j - 1]:
                cost = min(cost, earlier[j - 2] + 1)
            row[j] = cost
        if min(row) > patience:
            return far
    return min(row)


def _order(
    name: _Name, hints: set[str], near: tuple[float, float] | None
) -> tuple[int, float, bool, bool, float, int, str]:
    is_elsewhere = bool(hints) and fold(name.part) not in hints
    distance = _distance(name.lon, name.lat, near)
    far = distance if distance is not None else float("inf") if near else 0.0
    # A text that also reads as street and number is meant so, unless it is a name to the letter.
    is_plain = name.number is None
    return (name.match, name.edits, is_plain, is_elsewhere, far, len(name.folded), name.key)


def _distance(
    lon: float | None, lat: float | None, near: tuple[float, float] | None
) -> float | None:
    if near is None or lon is None or lat is None:
        return None
    return metres_between((lon, lat), near)


def _numbers(names: Sequence[_Name]) -> dict[int, dict[str, _Known]]:
    if not names:
        return {}
    wanted: dict[str, list[Any]] = {
        "streets": [name.pk for name in names],
        "numbers": [name.number.number for name in names if name.number],
        "suffixes": [name.number.suffix for name in names if name.number],
    }
    known: dict[int, dict[str, _Known]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, wanted)
        for street, role, number, suffix, lon, lat in cursor.fetchall():
            known.setdefault(street, {})[role] = _Known(Number(number, suffix), lon, lat)
    return known


def _suggestion(name: _Name, known: dict[str, _Known]) -> Suggestion:
    if name.number is not None:
        same, below, above = known.get("same"), known.get("below"), known.get("above")
        if same is not None:
            return _address(name, name.number, same, Position.KNOWN, NUMBER_PRECISION_M)
        if below is not None and below.number.number == name.number.number:
            return _nearest(name, name.number, below)
        if below is not None and above is not None and _is_close(below, above):
            return _between(name, name.number, below, above)
        # The same side of the street first, even if a number of the other one lies closer.
        nearest = below or above or known.get("nearest")
        if nearest is not None:
            return _nearest(name, name.number, nearest)
    return _whole(name)


def _is_close(below: _Known, above: _Known) -> bool:
    return above.number.number - below.number.number <= WIDEST_GAP


def _address(
    name: _Name, number: Number, known: _Known, position: Position, precision_m: float
) -> Suggestion:
    return Suggestion(
        id=f"{name.key}/{number}",
        label=f"{name.name} {number}",
        kind=ADDRESS_KIND,
        match=name.match,
        position=position,
        part=name.part,
        lon=known.lon,
        lat=known.lat,
        precision_m=precision_m,
        nearest=str(known.number) if position == Position.NEAREST else "",
    )


def _nearest(name: _Name, number: Number, known: _Known) -> Suggestion:
    # About fifteen metres of street to a house, the two sides counting on. A number that is missing
    # may lie beyond all that are known, so the street is not taken for shorter than streets are.
    off = abs(known.number.number - number.number) * 7.5
    precision_m = min(max(2 * NUMBER_PRECISION_M, off), max(name.radius_m or 0, STREET_RADIUS_M))
    return _address(name, number, known, Position.NEAREST, precision_m)


def _between(name: _Name, number: Number, below: _Known, above: _Known) -> Suggestion:
    share = (number.number - below.number.number) / (above.number.number - below.number.number)
    point = _Known(
        number,
        round(below.lon + share * (above.lon - below.lon), 6),
        round(below.lat + share * (above.lat - below.lat), 6),
    )
    gap = metres_between((below.lon, below.lat), (above.lon, above.lat))
    precision_m = max(2 * NUMBER_PRECISION_M, round(gap / 2))
    return _address(name, number, point, Position.INTERPOLATED, precision_m)


def _whole(name: _Name) -> Suggestion:
    position = Position.KNOWN if name.number is None else Position.WHOLE
    if name.is_approximate:
        position = Position.APPROXIMATE
    if name.lon is None:
        position = Position.UNKNOWN
    label = name.name if name.number is None else f"{name.name} {name.number}"
    return Suggestion(
        id=name.key if name.number is None else f"{name.key}/{name.number}",
        label=label,
        kind=name.kind,
        match=name.match,
        position=position,
        part=name.part,
        lon=name.lon,
        lat=name.lat,
        precision_m=(name.radius_m or STREET_RADIUS_M) if name.lon is not None else None,
    )
