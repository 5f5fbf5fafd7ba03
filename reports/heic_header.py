"""Size of a HEIC picture from its boxes (ISO/IEC 14496-12 and 23008-12), without decoding."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
MOST_BOXES = 2000
MOST_META_BYTES = 4 * 1024 * 1024


class NoHeic(ValueError):
    """No size is found where the format puts it."""


def is_heic(head: bytes) -> bool:
    """Whether the first bytes are those of a HEIC or HEIF file."""
    return head[4:8] == b"ftyp" and head[8:12] in BRANDS


def size_of(file: BinaryIO) -> tuple[int, int]:
    """Width and height in pixels of the largest picture in the file, tiles put together.

    Whatever the file holds beside it is smaller, so limits set for this one hold. Raises NoHeic.
    """
    meta = _meta(file)
    sizes = [
        struct.unpack_from(">II", body, 4)
        for properties in _bodies(meta[4:], b"iprp")
        for container in _bodies(properties, b"ipco")
        for body in _bodies(container, b"ispe")
        if len(body) >= 12
    ]
    if not sizes:
        raise NoHeic
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    if not (0 < width <= 65_535 and 0 < height <= 65_535):
        raise NoHeic
    return width, height


def _meta(file: BinaryIO) -> bytes:
    """The body of the box that describes the pictures; boxes before it are stepped over."""
    file.seek(0)
    for _box in range(MOST_BOXES):
        head = file.read(8)
        if len(head) < 8:
            break
        length, name = struct.unpack(">I4s", head)
        # Files of 15 MB need no 64-bit lengths, and the last box may not be the one sought.
        if length < 8:
            break
        if name == b"meta":
            return file.read(min(length - 8, MOST_META_BYTES))
        file.seek(length - 8, 1)
    raise NoHeic


def _bodies(data: bytes, wanted: bytes) -> Iterator[bytes]:
    at = 0
    for _box in range(MOST_BOXES):
        if at + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        if length < 8:
            return
        if name == wanted:
            yield data[at + 8 : at + length]
        at += length
