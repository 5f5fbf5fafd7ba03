"""Reads cases of other systems from files: CSV with a column mapping, GeoReport v2 JSON or XML.

Every reader yields either an OldRecord or a Refused with the reason; nothing is guessed silently.
"""

import csv
import gzip
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, TextIO

from reports.actions.take_over import FIRST_YEAR, OldRecord, Refused
from reports.lifecycle import CLOSED, ClosingReason, Status

# Fields a column can be mapped to, with the column names we recognise without being told.
FIELDS: dict[str, tuple[str, ...]] = {
    "key": ("id", "key", "nummer", "service_request_id"),
    "category": ("category", "kategorie", "service_code", "anliegenart"),
    "office": ("office", "amt", "agency_responsible"),
    "lon": ("lon", "long", "longitude", "x"),
    "lat": ("lat", "latitude", "y"),
    "text": ("text", "description", "beschreibung"),
    "address": ("address", "adresse"),
    "received_at": ("reported_at", "requested_datetime", "date", "datum", "received_at"),
    "status": ("status", "stand"),
    "closed_at": ("closed_at", "erledigt_am"),
    "answer": ("answer", "status_notes", "antwort"),
}
GEOREPORT_STATUS = {"open": Status.IN_PROGRESS, "closed": Status.DONE}
_ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True)
class WordMap:
    """How a file's words become ours: columns by field, categories and offices by their words."""

    columns: Mapping[str, str]
    categories: Mapping[str, str]
    offices: Mapping[str, str]
    no_office: frozenset[str] = frozenset()
    statuses: Mapping[str, Status] = field(default_factory=dict)
    default_status: Status = Status.DONE
    zone: tzinfo = UTC
    fallback_category: str = ""


Row = Mapping[str, Any]


def open_text(path: Path) -> TextIO:
    """A text file, also when it is compressed with gzip."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a CSV, GeoReport JSON or GeoReport XML file, told apart by the file's name."""
    suffixes = [suffix for suffix in path.suffixes if suffix != ".gz"]
    match suffixes[-1:]:
        case [".csv"]:
            yield from _csv_rows(path)
        case [".json"]:
            with open_text(path) as file:
                content = json.load(file)
            yield from content if isinstance(content, list) else content["requests"]
        case [".xml"]:
            yield from _xml_rows(path)
        case _:
            raise ValueError(f"{path.name}: erwartet wird .csv, .json oder .xml (auch .gz)")


def guess_columns(names: list[str], told: Mapping[str, str]) -> dict[str, str]:
    """Column by field: what the operator told, else the names we recognise."""
    lower = {name.lower(): name for name in names}
    guessed = {
        field_name: lower[candidate]
        for field_name, candidates in FIELDS.items()
        for candidate in reversed(candidates)
        if candidate in lower
    }
    return guessed | dict(told)


def read_records(rows: Iterator[Row], mapping: WordMap) -> Iterator[OldRecord | Refused]:
    """Turn rows into records; a row that cannot be one becomes a Refused with the reason.

    Rows without a key of their own get one from their content, so that repeats are seen.
    """
    seen: dict[str, int] = {}
    for row in rows:
        values = {name: row.get(column) for name, column in mapping.columns.items()}
        key = _key(values, seen)
        try:
            yield _record(key, values, mapping)
        except _Unreadable as problem:
            yield Refused(key, problem.code, problem.message)


class _Unreadable(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def _record(key: str, values: Mapping[str, Any], mapping: WordMap) -> OldRecord:
    received = _time(values.get("received_at"), mapping.zone)
    if received is None:
        raise _Unreadable("no_date", "kein lesbares Eingangsdatum")
    lon, lat = _number(values.get("lon")), _number(values.get("lat"))
    if lon is None or lat is None:
        raise _Unreadable("no_point", "kein Ort")
    status = _status(values.get("status"), mapping)
    closed = _time(values.get("closed_at"), mapping.zone)
    answer = _text(values.get("answer"))
    return OldRecord(
        key=key,
        category_code=_category(values, mapping),
        lon=lon,
        lat=lat,
        received_at=received,
        status=status,
        description=_text(values.get("text"))[:4000],
        address=_text(values.get("address")),
        office_key=_office(values, mapping),
        closed_at=(closed or received) if status in CLOSED else None,
        closing_reason=ClosingReason.DONE if status == Status.DONE else None,
        answer=answer,
        answered_at=(closed or received) if answer else None,
    )


def _category(values: Mapping[str, Any], mapping: WordMap) -> str:
    word = _text(values.get("category"))
    code = mapping.categories.get(word) or mapping.fallback_category
    if not code:
        raise _Unreadable("unknown_category", f"Anliegenart {word!r} ist nicht zugeordnet")
    return code


def _office(values: Mapping[str, Any], mapping: WordMap) -> str:
    word = _text(values.get("office"))
    return "" if word in mapping.no_office else mapping.offices.get(word, "")


def _status(value: Any, mapping: WordMap) -> Status:
    word = _text(value).lower()
    if not word:
        return mapping.default_status
    known = mapping.statuses.get(word) or GEOREPORT_STATUS.get(word)
    if known is None:
        raise _Unreadable("unknown_status", f"Stand {word!r} ist nicht zugeordnet")
    # Here a duplicate needs its leading case, which another system's file seldom names.
    return Status.DONE if known == Status.DUPLICATE else known


def _key(values: Mapping[str, Any], seen: dict[str, int]) -> str:
    key = _text(values.get("key"))
    if key:
        return key
    names = ("received_at", "category", "lon", "lat")
    content = "|".join(_text(values.get(name)) for name in names)
    seen[content] = seen.get(content, 0) + 1
    return f"{content}#{seen[content]}"[:120]


def _time(value: Any, zone: tzinfo) -> datetime | None:
    text = _text(value)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.year < FIRST_YEAR:
        return None  # no date at all: the zero of another system
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _number(value: Any) -> float | None:
    try:
        number = float(_text(value).replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) <= 180 and number != 0 else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    # JSON can hold halves of surrogate pairs, which no database can.
    storable = str(value).encode("utf-8", "replace").decode()
    return storable.replace("\x00", "").strip()


def _csv_rows(path: Path) -> Iterator[Row]:
    with open_text(path) as file:
        sample = file.readline()
        file.seek(0)
        delimiter = ";" if sample.count(";") > sample.count(",") else ","
        reader = csv.DictReader(file, delimiter=delimiter)
        try:
            yield from reader
        except csv.Error as problem:
            raise ValueError(f"{path.name}, Zeile {reader.line_num}: {problem}") from problem


def _xml_rows(path: Path) -> Iterator[Row]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    # Bytes of zero: UTF-16, in which the search for entities would be blind.
    if b"\x00" in content or _ENTITY.search(content):
        raise ValueError(f"{path.name}: erwartet wird UTF-8 ohne Dokumenttyp und Entities")
    try:
        root = ET.fromstring(content)  # noqa: S314 - entities are refused above
    except ET.ParseError as problem:
        raise ValueError(f"{path.name}: {problem}") from problem
    for request in root.iter("request"):
        yield {child.tag: child.text for child in request}
