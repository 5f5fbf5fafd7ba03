"""Files that lie ready: strong ETag, parts on request (RFC 9110, section 14), readable anywhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from opendata.answers import CACHE_CONTROL, OPEN_TO_ALL

_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


class Content(Protocol):
    """Bytes of a known number that can be read from any place."""

    @property
    def size(self) -> int: ...

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to and without `end`."""
        ...


@dataclass(frozen=True)
class File:
    """What is sent, and what it is called; `etag` without quotes stands for exactly these bytes."""

    content: Content
    content_type: str
    etag: str
    name: str
    last_change: int | None = None


def send(request: HttpRequest, file: File) -> HttpResponseBase:
    """The file, the part of it that was asked for, 304 or 416."""
    etag = f'"{file.etag}"'
    headers = OPEN_TO_ALL | {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": CACHE_CONTROL,
        "Content-Disposition": f'attachment; filename="{file.name}"',
    }
    if file.last_change is not None:
        headers["Last-Modified"] = http_date(file.last_change)
    known = get_conditional_response(request, etag=etag, last_modified=file.last_change)
    response = known or _sent(request, file, etag)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _sent(request: HttpRequest, file: File, etag: str) -> HttpResponseBase:
    size = file.content.size
    span = _span(request, etag, size)
    if span is None:
        return _streamed(request, file, 0, size, status=200)
    start, end = span
    if start >= end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = _streamed(request, file, start, end, status=206)
    response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _streamed(
    request: HttpRequest, file: File, start: int, end: int, *, status: int
) -> HttpResponseBase:
    body = file.content.read(start, end) if request.method == "GET" else iter(())
    response = StreamingHttpResponse(body, status=status, content_type=file.content_type)
    response.headers["Content-Length"] = str(end - start)
    return response


def _span(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """The part that is wanted, or None for everything; an empty one cannot be satisfied."""
    asked = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if asked is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if first:
        start = int(first)
        end = min(int(last) + 1, size) if last else size
        return None if last and int(last) < start else (start, end)
    return (max(size - int(last), 0), size) if last and int(last) else (0, 0) if last else None
