"""Whether a request's body may be read, by its headers, and whether it arrived as a whole.

Each door says it in its own words.
"""

from enum import Enum, auto
from typing import IO

from django.conf import settings
from django.http import HttpRequest

MULTIPART = "multipart/form-data"
_PIECE = 64 * 1024


class Unreadable(Enum):
    """Why a body is refused before a byte of it is read."""

    ENCODED = auto()
    WITHOUT_LENGTH = auto()
    TOO_LARGE = auto()


def refused_unread(request: HttpRequest) -> Unreadable | None:
    """What its headers say against a body; None where it may be read.

    Multipart is spilled to disk and may hold photos; anything else is kept in memory.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return Unreadable.ENCODED
    is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    if is_chunked and not request.META.get("CONTENT_LENGTH"):
        return Unreadable.WITHOUT_LENGTH
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if is_multipart(request):
        limit = settings.REQUEST_LIMIT_BYTES
    return Unreadable.TOO_LARGE if announced_length(request) > limit else None


def is_multipart(request: HttpRequest) -> bool:
    """Whether the body is a form that may hold files."""
    return (request.content_type or "").lower() == MULTIPART


def announced_length(request: HttpRequest) -> int:
    """The length of the body by its header, in bytes; 0 where it names none."""
    written = request.META.get("CONTENT_LENGTH") or ""
    # Longer numbers are cut: they are too large all the same, and int() takes its time with them.
    return int(written[:18]) if written.isdecimal() else 0


class CountedStream:
    """A stream that knows how much was read from it.

    Parsers take a body that was cut off for a complete one with half a photo; who counts does not.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.bytes_read = stream, 0

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        piece = self.stream.read(size)
        self.bytes_read += len(piece)
        return piece

    def exhaust(self) -> None:
        """Read what a parser has left over."""
        while self.read(_PIECE):
            pass
