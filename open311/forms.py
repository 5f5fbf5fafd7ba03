"""Reads the body of a POST: form-encoded or multipart, complete, bounded, in UTF-8 or not."""

import re
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, cast
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser
from django.utils.translation import gettext_lazy as _

from accounts.request_bodies import (
    MULTIPART,
    CountedStream,
    Unreadable,
    announced_length,
    refused_unread,
)
from open311.document import clean
from open311.refusals import bad
from open311.words import Words

FORM = "application/x-www-form-urlencoded"
# attribute[lage]=…, attribute[schaeden][]=…, attribute[schaeden][0]=…
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](\[\d*\])?")
# What the same thing is called by other clients.
_ALIASES = {"deviceid": "device_id"}
_INCOMPLETE = _("Die Anfrage ist nicht vollständig angekommen.")


@dataclass(frozen=True)
class Form:
    """What was sent. Of a repeated field the last value counts, but for attributes and photos."""

    values: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, list[str]] = field(default_factory=dict)
    media_urls: list[str] = field(default_factory=list)
    files: list[BinaryIO] = field(default_factory=list)
    csv: BinaryIO | bytes | None = None

    @property
    def words(self) -> Words:
        """The single values."""
        return Words(self.values)


def read_form(request: HttpRequest) -> Form:
    """Fields of the query and of the body, which wins. Raises Refused and what Django raises."""
    _check_headers(request)
    kind = (request.content_type or FORM).lower()
    if kind == MULTIPART:
        pairs, files = _multipart(request)
    elif kind == FORM:
        pairs, files = _pairs(_body(request)), []
    else:
        raise bad(_("Bitte senden Sie application/x-www-form-urlencoded oder multipart/form-data."))
    return _form([*request.GET.lists(), *pairs], files)


def form_of_row(row: dict[str, str], list_separator: str) -> Form:
    """A row of a table as if it had been sent as a form; lists are parted by the separator."""
    listed = {"media_url"}
    pairs = [
        (name, value.split(list_separator) if name in listed or "[" in name else [value])
        for name, value in row.items()
    ]
    return _form(pairs, [])


def read_bytes(request: HttpRequest) -> bytes:
    """A body that is no form, as it came. Raises Refused, RequestDataTooBig."""
    _check_headers(request)
    return _body(request)


def text_of(raw: bytes) -> str:
    """Text in UTF-8, or in the West European code page that old clients still send."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _form(pairs: list[tuple[str, list[str]]], files: list[tuple[str, BinaryIO]]) -> Form:
    form = Form(files=[file for name, file in files if name != "csv"])
    for name, values in pairs:
        attribute = _ATTRIBUTE.fullmatch(name.strip())
        if attribute:
            form.attributes.setdefault(attribute[1], []).extend(map(clean, values))
        elif name.removesuffix("[]") == "media_url":
            form.media_urls.extend(value.strip() for value in values if value.strip())
        else:
            form.values[_ALIASES.get(name, name)] = values[-1]
    sheet = next((file for name, file in files if name == "csv"), None)
    return form if sheet is None else Form(form.values, form.attributes, [], form.files, sheet)


def _check_headers(request: HttpRequest) -> None:
    """Refuse a body by its headers, before a byte of it is read."""
    match refused_unread(request):
        case Unreadable.ENCODED:
            raise bad(_("Bitte senden Sie ohne Content-Encoding."))
        case Unreadable.WITHOUT_LENGTH:
            raise bad(_("Bitte senden Sie die Kopfzeile Content-Length."))
        case Unreadable.TOO_LARGE:
            raise RequestDataTooBig


def _body(request: HttpRequest) -> bytes:
    body = request.body
    if len(body) < announced_length(request):
        raise bad(_INCOMPLETE)
    return body


def _pairs(body: bytes) -> list[tuple[str, list[str]]]:
    parts = [part for part in body.split(b"&") if part]
    if len(parts) > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
        raise TooManyFieldsSent
    grouped: dict[str, list[str]] = {}
    for part in parts:
        name, _sign, value = part.partition(b"=")
        grouped.setdefault(_unquoted(name), []).append(_unquoted(value))
    return list(grouped.items())


def _unquoted(written: bytes) -> str:
    return text_of(unquote_to_bytes(written.replace(b"+", b" ")))


def _multipart(
    request: HttpRequest,
) -> tuple[list[tuple[str, list[str]]], list[tuple[str, BinaryIO]]]:
    counted = CountedStream(cast(IO[bytes], request))
    parser = MultiPartParser(request.META, cast(Any, counted), request.upload_handlers, "utf-8")
    fields, files = parser.parse()
    counted.exhaust()
    if counted.bytes_read < announced_length(request):
        raise bad(_INCOMPLETE)
    named = [(name, cast(BinaryIO, file)) for name, values in files.lists() for file in values]
    return list(fields.lists()), named
