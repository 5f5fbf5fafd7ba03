"""What a photo may be when it arrives, and what is made of it.

The web process never decodes a picture: type, size and pixel count come from header bytes read by
the small parsers below. Decoding happens in a confined child process (see reports.sandbox).
Pure: no database, no settings, no image library.
"""

import hashlib
import math
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports import heic_header
from reports.exif_hint import ExifHint, read_hint
from reports.heic_header import NoHeic, is_heic

PhotoFormat = Literal["JPEG", "PNG", "WEBP", "HEIC"]
DerivativeFormat = Literal["WEBP", "JPEG"]
RejectCode = Literal[
    "empty",
    "too_large_bytes",
    "too_many_pixels",
    "unsupported_type",
    "heic_not_accepted",
    "unreadable_header",
]

MAX_BYTES = 15 * 1024 * 1024
SIZES = (320, 800, 1600)
MAX_PIXELS: dict[PhotoFormat, int] = {
    # What phones sell as "50 megapixels" is up to 8192 x 6144; JPEG decodes at reduced scale.
    "JPEG": 8192 * 6144,
    "PNG": 25_000_000,
    "WEBP": 25_000_000,
    "HEIC": 25_000_000,
}

_CHUNK = 256 * 1024
_HEAD = 1024
_JPEG_MAX_SEGMENTS = 2_000
_JPEG_MAX_FILL_BYTES = 64
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}

REJECTIONS: dict[RejectCode, Promise] = {
    "empty": _("Die Datei ist leer. Bitte wählen Sie das Foto noch einmal aus."),
    "too_large_bytes": _("Das Foto ist größer als 15 MB. Bitte senden Sie es verkleinert."),
    "too_many_pixels": _(
        "Das Bild ist zu groß: erlaubt sind bei JPEG bis 50 Megapixel, bei PNG und WebP bis 25. "
        "Bitte senden Sie es verkleinert."
    ),
    "unsupported_type": _(
        "Diese Datei ist kein Foto, das wir annehmen können. "
        "Bitte senden Sie ein Foto als JPEG, PNG oder WebP, kein Video und kein Dokument."
    ),
    "heic_not_accepted": _(
        "Fotos im Format HEIC können wir nicht annehmen. Bitte senden Sie es als JPEG: "
        "auf dem iPhone unter Einstellungen › Kamera › Formate „Maximale Kompatibilität“ wählen, "
        "oder das Foto teilen oder exportieren und dabei JPEG wählen."
    ),
    "unreadable_header": _(
        "Das Foto ist beschädigt oder unvollständig übertragen worden. "
        "Bitte senden Sie es noch einmal."
    ),
}


class PhotoRejected(Exception):
    """The file cannot be accepted as a photo; `code` is stable, `message` is for the citizen."""

    def __init__(self, code: RejectCode) -> None:
        super().__init__(code)
        self.code = code
        self.message = REJECTIONS[code]


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What the header says: size in pixels as stored (before EXIF orientation), SHA-256 in hex.

    `hint` is what the camera claims about place and time.
    """

    format: PhotoFormat
    width: int
    height: int
    byte_size: int
    sha256: str
    hint: ExifHint | None = None


@dataclass(frozen=True, slots=True)
class Mask:
    """An area to make unrecognisable, in pixels of the upright, full-size picture.

    Upright means after EXIF orientation, as every viewer shows it. An ellipse fills its box.
    """

    shape: Literal["rectangle", "ellipse"]
    left: int
    top: int
    right: int
    bottom: int
    style: Literal["solid", "pixelated"] = "solid"

    def __post_init__(self) -> None:
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("a mask needs left < right and top < bottom")

    def scaled(self, factor: float) -> "Mask":
        """The same area in a picture `factor` times as large, rounded outwards."""
        return Mask(
            self.shape,
            math.floor(self.left * factor),
            math.floor(self.top * factor),
            math.ceil(self.right * factor),
            math.ceil(self.bottom * factor),
            self.style,
        )


@dataclass(frozen=True, slots=True)
class Derivative:
    """A re-encoded copy whose longest edge is at most `size` pixels, without any metadata."""

    size: int
    format: DerivativeFormat
    width: int
    height: int
    data: bytes

    @property
    def suffix(self) -> str:
        """File name ending, with dot."""
        return ".webp" if self.format == "WEBP" else ".jpg"


@dataclass(frozen=True, slots=True)
class Effort:
    """What a child used, as the kernel counted it: seconds of CPU, largest resident size."""

    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Derivatives:
    """All copies of one photo; width and height are those of the upright, full-size picture."""

    width: int
    height: int
    files: tuple[Derivative, ...]
    effort: Effort


def inspect(file: BinaryIO, *, heic: bool = False) -> PhotoFacts:
    """Read format, size, pixel count and hint from the header bytes and hash the content.

    `heic` says whether that format is accepted here. The file is read in pieces and left at its
    start. Raises PhotoRejected.
    """
    byte_size, sha256 = _measure(file)
    file.seek(0)
    head = file.read(_HEAD)
    photo_format = _recognise(head, heic=heic)
    width, height = _SIZE_READERS[photo_format](file, byte_size)
    if width * height > MAX_PIXELS[photo_format]:
        raise PhotoRejected("too_many_pixels")
    hint = read_hint(file, photo_format)
    return PhotoFacts(photo_format, width, height, byte_size, sha256, hint)


def carries_only_pixels(data: bytes, image_format: DerivativeFormat) -> bool:
    """Whether an encoded file holds nothing beside what a decoder needs for the pixels.

    True only for our own kind of output: no EXIF, XMP, ICC, comment, thumbnail, second picture,
    or bytes before or after the picture.
    """
    return _is_plain_webp(data) if image_format == "WEBP" else _is_plain_jpeg(data)


def _measure(file: BinaryIO) -> tuple[int, str]:
    digest = hashlib.sha256()
    byte_size = 0
    file.seek(0)
    while piece := file.read(_CHUNK):
        byte_size += len(piece)
        if byte_size > MAX_BYTES:
            raise PhotoRejected("too_large_bytes")
        digest.update(piece)
    if byte_size == 0:
        raise PhotoRejected("empty")
    return byte_size, digest.hexdigest()


def _recognise(head: bytes, *, heic: bool) -> PhotoFormat:
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(_PNG_SIGNATURE):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if is_heic(head):
        if heic:
            return "HEIC"
        raise PhotoRejected("heic_not_accepted")
    raise PhotoRejected("unsupported_type")


def _exactly(file: BinaryIO, count: int) -> bytes:
    piece = file.read(count)
    if len(piece) != count:
        raise PhotoRejected("unreadable_header")
    return piece


def _positive(width: int, height: int) -> tuple[int, int]:
    if width < 1 or height < 1:
        raise PhotoRejected("unreadable_header")
    return width, height


# JPEG: ITU-T T.81 annex B


def _jpeg_size(file: BinaryIO, _byte_size: int) -> tuple[int, int]:
    file.seek(2)
    for _segment in range(_JPEG_MAX_SEGMENTS):
        marker = _next_jpeg_marker(file)
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            return _jpeg_frame_size(file, marker)
        if marker in {0xD8, 0xD9, 0xDA}:
            break
        (length,) = struct.unpack(">H", _exactly(file, 2))
        if length < 2:
            break
        file.seek(length - 2, 1)
    raise PhotoRejected("unreadable_header")


def _next_jpeg_marker(file: BinaryIO) -> int:
    if _exactly(file, 1) != b"\xff":
        raise PhotoRejected("unreadable_header")
    for _fill in range(_JPEG_MAX_FILL_BYTES):
        marker = _exactly(file, 1)[0]
        if marker != 0xFF:
            return marker
    raise PhotoRejected("unreadable_header")


def _jpeg_frame_size(file: BinaryIO, marker: int) -> tuple[int, int]:
    if marker > 0xC2:
        # Lossless, hierarchical and arithmetic JPEG: no camera writes them, no browser shows them.
        raise PhotoRejected("unsupported_type")
    _length, precision, height, width, _components = struct.unpack(">HBHHB", _exactly(file, 8))
    if precision != 8:
        raise PhotoRejected("unsupported_type")
    return _positive(width, height)


# PNG: ISO/IEC 15948, clause 11.2.2


def _png_size(file: BinaryIO, _byte_size: int) -> tuple[int, int]:
    file.seek(len(_PNG_SIGNATURE))
    length, chunk, body, checksum = struct.unpack(">I4s13sI", _exactly(file, 25))
    if length != 13 or chunk != b"IHDR" or zlib.crc32(chunk + body) != checksum:
        raise PhotoRejected("unreadable_header")
    width, height, depth, colour = struct.unpack(">IIBB", body[:10])
    if depth not in _PNG_DEPTHS.get(colour, ()):
        raise PhotoRejected("unreadable_header")
    return _positive(width, height)


# WebP: RFC 9649


def _webp_size(file: BinaryIO, byte_size: int) -> tuple[int, int]:
    file.seek(4)
    (riff_size,) = struct.unpack("<I", _exactly(file, 4))
    if riff_size + 8 > byte_size:
        raise PhotoRejected("unreadable_header")
    file.seek(12)
    chunk, body = _exactly(file, 4), _exactly(file, 14)[4:]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
        return width, height
    if chunk == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return _positive(width & 0x3FFF, height & 0x3FFF)
    raise PhotoRejected("unreadable_header")


def _heic_size(file: BinaryIO, _byte_size: int) -> tuple[int, int]:
    try:
        return heic_header.size_of(file)
    except NoHeic:
        raise PhotoRejected("unreadable_header") from None


_SIZE_READERS: dict[PhotoFormat, Callable[[BinaryIO, int], tuple[int, int]]] = {
    "JPEG": _jpeg_size,
    "PNG": _png_size,
    "WEBP": _webp_size,
    "HEIC": _heic_size,
}


# What our own encoder writes: the reading side of "no metadata in any public byte"

_PLAIN_JPEG_SEGMENTS = {0xC0, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0}
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")


def _is_plain_jpeg(data: bytes) -> bool:
    if data[:2] != b"\xff\xd8":
        return False
    at = 2
    while at + 4 <= len(data):
        marker = data[at + 1]
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at] != 0xFF or marker not in _PLAIN_JPEG_SEGMENTS or length < 2:
            return False
        if marker == 0xE0 and (length != 16 or data[at + 4 : at + 9] != b"JFIF\0"):
            return False
        at += 2 + length
        if marker == 0xDA:
            return _ends_with_the_scan(data, at)
    return False


def _ends_with_the_scan(data: bytes, start: int) -> bool:
    end = _END_OF_SCAN.search(data, start)
    return end is not None and end.group() == b"\xff\xd9" and end.end() == len(data)


def _is_plain_webp(data: bytes) -> bool:
    if len(data) < 30 or data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8 ":
        return False
    riff_size = int.from_bytes(data[4:8], "little")
    chunk_size = int.from_bytes(data[16:20], "little")
    return riff_size + 8 == len(data) and 20 + chunk_size + chunk_size % 2 == len(data)
