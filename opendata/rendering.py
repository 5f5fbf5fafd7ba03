"""Turns feed rows into GeoJSON (RFC 7946) and CSV (RFC 4180), piece by piece. Pure."""

import csv
import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from opendata.columns import COLUMNS, FeedContext, harmless
from reports.queries.public_facts import FeedRow, Outline

_GEOJSON_COLUMNS = [column for column in COLUMNS if column.in_geojson]
_PIECE_ROWS = 200


def geojson(
    rows: Iterable[FeedRow], context: FeedContext, members: dict[str, Any]
) -> Iterator[bytes]:
    """A FeatureCollection of points; `members` (title, licence, …) stand before the features."""
    yield from _collection(members, (_feature(row, context) for row in rows))


def outlines_geojson(outlines: Iterable[Outline], members: dict[str, Any]) -> Iterator[bytes]:
    """A FeatureCollection of districts, identified by their keys."""
    yield from _collection(members, map(_outline_feature, outlines))


def csv_lines(rows: Iterable[FeedRow], context: FeedContext) -> Iterator[bytes]:
    """A header line and one line a report, CRLF, UTF-8, no cell a spreadsheet would execute."""
    line = _Line()
    writer = csv.writer(line, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    yield line.text.encode()
    for row in rows:
        writer.writerow([harmless(column.value(row, context)) for column in COLUMNS])
        yield line.text.encode()


def in_pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer, larger pieces."""
    waiting: list[bytes] = []
    for part in parts:
        waiting.append(part)
        if len(waiting) == _PIECE_ROWS:
            yield b"".join(waiting)
            waiting.clear()
    if waiting:
        yield b"".join(waiting)


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes compressed while they are made (RFC 1952)."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for piece in pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()


class _Line:
    """A file that remembers only what was written last."""

    text = ""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)


def _collection(members: dict[str, Any], features: Iterable[str]) -> Iterator[bytes]:
    head = json.dumps({"type": "FeatureCollection"} | members, ensure_ascii=False)
    yield f'{head[:-1]}, "features": ['.encode()
    comma = ""
    for feature in features:
        yield f"{comma}\n{feature}".encode()
        comma = ","
    yield b"\n]}\n"


def _feature(row: FeedRow, context: FeedContext) -> str:
    point = {"type": "Point", "coordinates": [round(row.lon, 5), round(row.lat, 5)]}
    properties = {column.name: column.value(row, context) for column in _GEOJSON_COLUMNS}
    return json.dumps(
        {"type": "Feature", "id": row.number, "geometry": point, "properties": properties},
        ensure_ascii=False,
    )


def _outline_feature(outline: Outline) -> str:
    facts = json.dumps(
        {"key": outline.key, "name": outline.name, "level": outline.level}, ensure_ascii=False
    )
    identity = json.dumps(outline.key, ensure_ascii=False)
    # The geometry comes as JSON text from the database.
    return (
        f'{{"type": "Feature", "id": {identity}, "geometry": {outline.geometry},'
        f' "properties": {facts}}}'
    )
