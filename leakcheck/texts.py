"""Bytes become windows of readable text, however long they are and however they are escaped."""

import html
import re
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

WINDOW = 512 * 1024
# No address, telephone number or name is longer, so none falls between two windows.
OVERLAP = 400
_GZIP = b"\x1f\x8b"
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def windows(chunks: Iterable[bytes], *, size: int = WINDOW) -> Iterator[str]:
    """The content as text, piece by piece; gzip is opened, what is no text is left out."""
    buffer = bytearray()
    for chunk in _opened(chunks):
        buffer += chunk
        if len(buffer) >= size:
            yield buffer.decode("utf-8", "ignore")
            del buffer[:-OVERLAP]
    yield buffer.decode("utf-8", "ignore")


def readable(text: str) -> str:
    """The text as people read it: without the escapes of HTML, JSON and addresses."""
    if "\\u" in text:
        text = _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if "&" in text:
        text = html.unescape(text)
    return unquote(text) if "%" in text else text


def _opened(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = iter(chunks)
    first = next(rest, b"")
    while len(first) < len(_GZIP) and (more := next(rest, None)) is not None:
        first += more
    if not first.startswith(_GZIP):
        yield first
        yield from rest
        return
    opener = zlib.decompressobj(31)
    for chunk in (first, *rest):
        yield from _inflated(opener, chunk)


def _inflated(opener: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    yield opener.decompress(chunk, WINDOW)
    while opener.unconsumed_tail:
        yield opener.decompress(opener.unconsumed_tail, WINDOW)
