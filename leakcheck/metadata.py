"""What in the bytes of a picture is no picture: places, cameras, names, thumbnails, films. Pure."""

import struct
from collections.abc import Iterator

# JPEG (ITU T.81, B.1.1.3): tables and frames; APP0 (JFIF) and APP14 (Adobe) say how to read them.
_FREE = frozenset({0xC4, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE, *range(0xC0, 0xC4), *range(0xC5, 0xCC)})
_SCAN, _END = 0xDA, b"\xff\xd9"
_WEBP = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})


def foreign_parts(data: bytes) -> list[str]:
    """Names of parts of a JPEG or WebP that carry anything else than the picture; else nothing."""
    if data.startswith(b"\xff\xd8"):
        return list(_in_jpeg(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return list(_in_webp(data))
    return []


def _in_jpeg(data: bytes) -> Iterator[str]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker not in _FREE:
            yield f"jpeg {marker:02x}"
        if marker == _SCAN:
            break
        at += 2 + length
    # Inside a scan the end's marker cannot appear (B.1.1.5), so the first one is the end.
    end = data.find(_END, at)
    if end < 0 or data[end + 2 :].strip(b"\0"):
        yield "jpeg end"


def _in_webp(data: bytes) -> Iterator[str]:
    size = struct.unpack("<I", data[4:8])[0] + 8
    at = 12
    while at + 8 <= min(size, len(data)):
        name, length = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        if name not in _WEBP:
            yield f"webp {name.decode('latin-1').strip()}"
        at += 8 + length + length % 2
    if data[size:].strip(b"\0"):
        yield "webp end"
