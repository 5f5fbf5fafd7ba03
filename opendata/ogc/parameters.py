"""What may be asked of features: limit, bbox, datetime, cursor, exact values. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from opendata.ogc import districts
from opendata.ogc.collections import DISTRICTS, REPORTS
from opendata.ogc.documents import CRS84
from reports.queries.public_filters import FilterFault, Filters, FiltersInvalid, read_filters
from reports.queries.public_lines import EXACT

DEFAULT_LIMIT, MAX_LIMIT, MAX_VALUE = 100, 10_000, 200
# Part 1 knows one system of coordinates; clients of Part 2 may name it all the same.
_CRS = ("crs", "bbox-crs")
RESERVED = frozenset({"limit", "bbox", "datetime", "cursor", "f", *_CRS})
# Codes of categories or their groups; words for the status, among them open and closed.
LISTED = frozenset({"category", "status"})
ASKED = {REPORTS: EXACT | LISTED, DISTRICTS: frozenset(districts.PROPERTIES)}
_NUMBER = re.compile(r"[A-ZÄÖÜ]{1,5}-[0-9]{4}-[0-9]{6,12}")
_WHOLE = re.compile(r"[0-9]{1,9}")
Span = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class ItemsAsked:
    """A page of features: how many, behind which number, and which."""

    limit: int
    after: str
    filters: Filters
    received: Span
    exact: tuple[tuple[str, str], ...]


def known_words(kind: str) -> frozenset[str]:
    """All parameters of a page of features of a kind."""
    return RESERVED | ASKED[kind]


def read_items(words: Mapping[str, str], zone: ZoneInfo, kind: str) -> ItemsAsked:
    """Read the parameters of a page of features; empty ones count as absent.

    Raises FiltersInvalid.
    """
    given = {name: value.strip() for name, value in words.items() if value.strip()}
    faults: dict[str, FilterFault] = {}
    limit = _limit(given.get("limit", ""), faults)
    after = given.get("cursor", "")
    if after and not _fits(after, kind):
        faults["cursor"] = FilterFault("invalid_cursor", _("Diese Fortsetzung gibt es nicht."))
    received: Span = (None, None)
    try:
        received = read_span(given.get("datetime", ""), zone)
    except ValueError:
        faults["datetime"] = FilterFault(
            "invalid_time",
            _("Erwartet wird ein Zeitpunkt oder Zeitraum (RFC 3339), z. B. 2026-01-01/.."),
        )
    filters = _filters(given, faults)
    exact = _exact(given, ASKED[kind] - LISTED, faults)
    for name in _CRS:
        if given.get(name, CRS84) != CRS84:
            faults[name] = FilterFault("invalid_crs", _("Koordinaten gibt es nur in CRS84."))
    if faults:
        raise FiltersInvalid(faults)
    return ItemsAsked(limit, after, filters, received, exact)


def _exact(
    given: Mapping[str, str], names: frozenset[str], faults: dict[str, FilterFault]
) -> tuple[tuple[str, str], ...]:
    exact = tuple(sorted((name, value) for name, value in given.items() if name in names))
    for name, value in exact:
        if len(value) > MAX_VALUE or "\x00" in value:
            faults[name] = FilterFault("invalid_value", _("Dieser Wert kann nicht vorkommen."))
    return exact


def _fits(cursor: str, kind: str) -> bool:
    if kind == REPORTS:
        return _NUMBER.fullmatch(cursor) is not None
    return len(cursor) <= MAX_VALUE and "\x00" not in cursor


def read_span(value: str, zone: ZoneInfo) -> Span:
    """A moment, a day, or a span of them with `..` or nothing for an open end.

    Both ends belong to it; a day is a day of the town. Raises ValueError.
    """
    if not value:
        return None, None
    begin, slash, end = value.partition("/")
    if not slash:
        return _moment(begin, zone, ends=False), _moment(begin, zone, ends=True)
    span = (
        None if begin in {"", ".."} else _moment(begin, zone, ends=False),
        None if end in {"", ".."} else _moment(end, zone, ends=True),
    )
    if span == (None, None) or (span[0] and span[1] and span[0] > span[1]):
        raise ValueError(value)
    return span


def _moment(word: str, zone: ZoneInfo, *, ends: bool) -> datetime:
    day = parse_date(word) if len(word) == 10 else None
    if day is not None:
        start = datetime.combine(day, time.min, tzinfo=zone)
        return start + timedelta(days=1, microseconds=-1) if ends else start
    moment = parse_datetime(word)
    if moment is None:
        raise ValueError(word)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _limit(value: str, faults: dict[str, FilterFault]) -> int:
    if not value:
        return DEFAULT_LIMIT
    if not _WHOLE.fullmatch(value) or int(value) < 1:
        faults["limit"] = FilterFault("invalid_limit", _("Erwartet wird eine ganze Zahl ab 1."))
        return DEFAULT_LIMIT
    return min(int(value), MAX_LIMIT)


def _filters(given: Mapping[str, str], faults: dict[str, FilterFault]) -> Filters:
    words = {name: given[name] for name in ("bbox", *LISTED) if name in given}
    parts = words.get("bbox", "").split(",")
    if len(parts) == 6:  # with heights, which our points do not have
        words["bbox"] = ",".join([*parts[:2], *parts[3:5]])
    try:
        return read_filters(words)
    except FiltersInvalid as invalid:
        faults |= invalid.faults
        return Filters()
