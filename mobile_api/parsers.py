"""Reads request bodies strictly: bounded, complete, and free of what no database can keep."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from accounts.request_bodies import (
    CountedStream,
    Unreadable,
    announced_length,
    is_multipart,
    refused_unread,
)
from mobile_api.errors import escaped
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from reports import photo_storage

MAX_DEPTH = 6
# NUL and lone surrogates cannot be stored; other control characters nobody can see or type.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_REFUSALS = {
    Unreadable.ENCODED: "unsupported_media_type",
    Unreadable.WITHOUT_LENGTH: "length_required",
    Unreadable.TOO_LARGE: "payload_too_large",
}


class StrictJSONParser(BaseParser):
    """JSON in UTF-8 without NaN, forbidden characters or deep nesting."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value; raises Problem."""
        length = announced_length((parser_context or {})["request"])
        body = stream.read(min(length, settings.DATA_UPLOAD_MAX_MEMORY_SIZE) + 1)
        if len(body) < length:
            raise Problem("unreadable_body")
        return read_json(body)


class CompleteMultiPartParser(MultiPartParser):
    """multipart/form-data that arrived as a whole.

    A cut transfer would otherwise look like a report with half a photo, and the phone's second
    try with the same key like another report.
    """

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        """Fields and files; raises ParseError, Problem."""
        counted = CountedStream(stream)
        parsed = super().parse(cast(IO[bytes], counted), media_type, parser_context)
        counted.exhaust()
        if counted.bytes_read < announced_length((parser_context or {})["request"]):
            raise Problem("unreadable_body")
        return parsed


def check_length(request: HttpRequest) -> None:
    """Refuse a body by its headers, before a byte of it is read; raises Problem."""
    refused = refused_unread(request)
    if refused is not None:
        raise Problem(_REFUSALS[refused])


def check_room(request: HttpRequest) -> None:
    """Refuse photos while the disk is nearly full; a text alone still fits. Raises Problem."""
    if is_multipart(request) and not photo_storage.has_room(announced_length(request)):
        raise Problem("storage_full")


def read_json(body: bytes) -> Any:
    """The value of a JSON text. Raises Problem naming every place that cannot be accepted."""
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Problem("unreadable_body") from None
    faults = list(_unfit(value, "#", 0))
    if faults:
        raise Problem("invalid_request", errors=faults[:20])
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unfit(value: Any, pointer: str, depth: int) -> Iterator[Fault]:
    if depth > MAX_DEPTH:
        yield _fault("too_deep", pointer)
    elif isinstance(value, str):
        if _FORBIDDEN.search(value):
            yield _fault("forbidden_characters", pointer)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield _fault("not_finite", pointer)
    elif isinstance(value, dict | list):
        yield from _unfit_inside(value, pointer, depth)


def _unfit_inside(value: Any, pointer: str, depth: int) -> Iterator[Fault]:
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(name, str) and _FORBIDDEN.search(name):
            yield _fault("forbidden_characters", pointer)
        else:
            yield from _unfit(inner, f"{pointer}/{escaped(str(name))}", depth + 1)


def _fault(code: str, pointer: str) -> Fault:
    return Fault(code, FIELD_FAULTS[code], pointer=pointer)
