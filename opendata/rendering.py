"""Frames around what the database writes: GeoJSON (RFC 7946) and CSV (RFC 4180). Pure."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reports.queries.public_facts import Outline


def collection(features: Iterable[bytes], members: dict[str, Any]) -> Iterator[bytes]:
    """A FeatureCollection; `members` (title, licence, …) stand before the features.

    Each part of `features` is one or more features, separated by commas.
    """
    head = json.dumps({"type": "FeatureCollection"} | members, ensure_ascii=False)
    yield f'{head[:-1]}, "features": ['.encode()
    comma = b""
    for part in features:
        yield comma + b"\n" + part
        comma = b","
    yield b"\n]}\n"


def outlines(found: Iterable[Outline]) -> Iterator[str]:
    """Features of districts, identified by their keys."""
    for outline in found:
        facts = {"key": outline.key, "name": outline.name, "level": outline.level}
        # The geometry comes as JSON text from the database.
        yield (
            f'{{"type": "Feature", "id": {json.dumps(outline.key, ensure_ascii=False)},'
            f' "geometry": {outline.geometry},'
            f' "properties": {json.dumps(facts, ensure_ascii=False)}}}'
        )


def table(batches: Iterable[bytes], names: Sequence[str]) -> Iterator[bytes]:
    """A header line before the lines of a table."""
    yield (",".join(names) + "\r\n").encode()
    yield from batches


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes compressed while they are made (RFC 1952)."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for piece in pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()
