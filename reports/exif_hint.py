"""Where and when a camera says a photo was taken, read from the bytes before the picture.

A proposal to the sender ("300 m entfernt aufgenommen"), never published, never logged, gone with
the original. The parser reads a few numbers of EXIF (JEITA CP-3451, on TIFF 6.0), nothing else: no
image library, every length bounded, whatever it stumbles over ends in "no hint".
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

MOST_STEPS = 400  # segments, chunks or entries
MOST_BYTES = 1024 * 1024
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_TAKEN_AT, _TAKEN_AT_OFFSET = 0x9003, 0x9011
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4
_BYTES_OF_TYPE = {2: 1, 4: 4, 5: 8}  # ASCII, LONG, RATIONAL: the only ones read here
_TIME = re.compile(rb"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(rb"[+-]\d\d:\d\d")
# Cameras that write no UTC offset show the clock of the place they are in.
_CAMERA_CLOCK = ZoneInfo("Europe/Berlin")
_FAULTS = (struct.error, ValueError, LookupError, ArithmeticError)

Entry = tuple[int, int, bytes]  # type, count, the four bytes of value or offset


@dataclass(frozen=True, slots=True)
class ExifHint:
    """Where (WGS84 degrees) and when the camera says the photo was taken: a proposal, no fact."""

    lon: float | None
    lat: float | None
    taken_at: datetime | None


def read_hint(file: BinaryIO, photo_format: str) -> ExifHint | None:
    """The hint of a JPEG, PNG or WebP; None without one. The file is left at its start."""
    try:
        exif = _FINDERS[photo_format](file) if photo_format in _FINDERS else None
        return _hint_of(_Tiff(exif)) if exif else None
    except _FAULTS:
        return None
    finally:
        file.seek(0)


def _hint_of(tiff: "_Tiff") -> ExifHint | None:
    place, taken_at = _place(tiff), _time(tiff)
    if place is None and taken_at is None:
        return None
    lon, lat = place or (None, None)
    return ExifHint(lon, lat, taken_at)


# Where EXIF lies


def _in_jpeg(file: BinaryIO) -> bytes | None:
    file.seek(2)
    for _step in range(MOST_STEPS):
        mark, marker, length = struct.unpack(">BBH", file.read(4))
        if mark != 0xFF or marker in {0xD9, 0xDA} or length < 2:
            return None
        if marker == 0xE1:
            body = file.read(length - 2)
            if body.startswith(b"Exif\0\0"):
                return body[6:]
        else:
            file.seek(length - 2, 1)
    return None


def _in_png(file: BinaryIO) -> bytes | None:
    file.seek(8)
    for _step in range(MOST_STEPS):
        length, name = struct.unpack(">I4s", file.read(8))
        if name == b"eXIf":
            return file.read(min(length, MOST_BYTES)).removeprefix(b"Exif\0\0")
        file.seek(length + 4, 1)
    return None


def _in_webp(file: BinaryIO) -> bytes | None:
    file.seek(12)
    for _step in range(MOST_STEPS):
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"EXIF":
            return file.read(min(length, MOST_BYTES)).removeprefix(b"Exif\0\0")
        file.seek(length + length % 2, 1)
    return None


_FINDERS = {"JPEG": _in_jpeg, "PNG": _in_png, "WEBP": _in_webp}


# What it says


class _Tiff:
    """The directories of a TIFF structure, by tag."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order = {b"II*\0": "<", b"MM\0*": ">"}[data[:4]]
        self.main = dict(self._entries(self._number(data[4:8])))

    def directory(self, tag: int) -> dict[int, Entry]:
        """A directory the main one points to; empty where it does not."""
        pointer = self.main.get(tag)
        return dict(self._entries(self._number(pointer[2]))) if pointer else {}

    def text(self, entry: Entry | None) -> bytes:
        """An ASCII value, b"" where there is none."""
        return self._value(entry, 2)

    def degrees(self, entry: Entry | None) -> float:
        """Degrees, minutes and seconds as one number of degrees. Raises ValueError."""
        words = struct.unpack(f"{self._order}6I", self._value(entry, 5)[:24])
        degrees, minutes, seconds = (words[at] / words[at + 1] for at in (0, 2, 4))
        return round(float(degrees + minutes / 60 + seconds / 3600), 6)

    def _entries(self, at: int) -> Iterator[tuple[int, Entry]]:
        (count,) = struct.unpack_from(f"{self._order}H", self._data, at)
        for number in range(min(count, MOST_STEPS)):
            place = at + 2 + 12 * number
            tag, kind, length, value = struct.unpack_from(f"{self._order}HHI4s", self._data, place)
            yield tag, (kind, length, value)

    def _value(self, entry: Entry | None, kind: int) -> bytes:
        if entry is None or entry[0] != kind:
            return b""
        size = min(_BYTES_OF_TYPE[kind] * entry[1], 256)
        if size <= 4:
            return entry[2][:size]
        at = self._number(entry[2])
        return self._data[at : at + size]

    def _number(self, word: bytes) -> int:
        number: int = struct.unpack(f"{self._order}I", word)[0]
        return number


def _place(tiff: _Tiff) -> tuple[float, float] | None:
    try:
        gps = tiff.directory(_GPS_IFD)
        lat, lon = tiff.degrees(gps.get(_LATITUDE)), tiff.degrees(gps.get(_LONGITUDE))
        lat_sign = {b"N": 1, b"S": -1}[tiff.text(gps.get(_LATITUDE_REF))[:1]]
        lon_sign = {b"E": 1, b"W": -1}[tiff.text(gps.get(_LONGITUDE_REF))[:1]]
    except _FAULTS:
        return None
    # Cameras without a fix write 0/0.
    if not (lat <= 90 and lon <= 180) or (lat == 0 and lon == 0):
        return None
    return lon * lon_sign, lat * lat_sign


def _time(tiff: _Tiff) -> datetime | None:
    try:
        details = tiff.directory(_EXIF_IFD)
        found = _TIME.match(tiff.text(details.get(_TAKEN_AT)))
        if found is None:
            return None
        offset = _OFFSET.match(tiff.text(details.get(_TAKEN_AT_OFFSET)))
        # 0000:00:00 is what a camera writes that does not know the time: ValueError.
        local = datetime(*map(int, found.groups()))  # type: ignore[arg-type] # noqa: DTZ001
        if offset:
            return datetime.fromisoformat(local.isoformat() + offset[0].decode())
        return local.replace(tzinfo=_CAMERA_CLOCK)
    except _FAULTS:
        return None
