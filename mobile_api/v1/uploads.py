"""Photos ahead of their report, by the resumable upload protocol tus 1.0.0 (https://tus.io).

Core with the extensions creation, creation-with-upload, expiration, termination and checksum.
Whoever knows the address of an upload may go on with it; nobody can read it back.
"""

import base64
import binascii
import hashlib
import re
from typing import Any, BinaryIO, NoReturn, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response

from mobile_api.authentication import client_of
from mobile_api.permissions import Everybody
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.throttling import judge_uploads, sender_of
from mobile_api.v1.base import ASKABLE_HEADERS, PRIVATE, READABLE_HEADERS, ApiView, absolute
from mobile_api.v1.documentation_uploads import (
    BODY_TYPE,
    CONTINUE_UPLOAD,
    CREATE_UPLOAD,
    DELETE_UPLOAD,
)
from reports.actions import receive_upload
from reports.actions.receive_upload import Checksum, ChecksumWrong, OffsetMoved, UploadRefused
from reports.photos import MAX_BYTES
from reports.uploads import Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256")
METADATA_LIMIT = 1000
FULL_AGAIN_AFTER = 600
_TUS_HEADERS = (
    "Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, "
    "Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires"
)
_TUS_ASKABLE = (
    "Tus-Resumable, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Checksum, "
    "X-HTTP-Method-Override"
)
_OVERRIDES = {"POST", "PATCH", "HEAD", "DELETE", "OPTIONS"}
_NUMBER = re.compile(r"[0-9]{1,18}")
_METADATA_KEY = re.compile(r"[!-+\--~]{1,100}")


class TusView(ApiView):
    """What holds for every request of the protocol."""

    permission_classes = [Everybody]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Believe X-HTTP-Method-Override, as the protocol demands."""
        meant = request.headers.get("X-HTTP-Method-Override", "").upper()
        if meant in _OVERRIDES:
            request.method = meant
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Insist on a version of the protocol we speak, before anything else is looked at."""
        spoken = request.headers.get("Tus-Resumable")
        asks_for_it = request.method in self.allowed_methods and request.method != "OPTIONS"
        if asks_for_it and spoken != VERSION:
            raise Problem("tus_version", headers={"Tus-Version": VERSION})
        super().initial(request, *args, **kwargs)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What is spoken here; also the preflight of a browser page of another site."""
        final = super().options(request, *args, **kwargs)
        final.headers["Access-Control-Allow-Headers"] = f"{ASKABLE_HEADERS}, {_TUS_ASKABLE}"
        final.headers["Tus-Version"] = VERSION
        final.headers["Tus-Extension"] = EXTENSIONS
        final.headers["Tus-Max-Size"] = str(MAX_BYTES)
        final.headers["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
        return final

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Every answer says which version it is in."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Tus-Resumable"] = VERSION
        final.headers["Access-Control-Expose-Headers"] = f"{READABLE_HEADERS}, {_TUS_HEADERS}"
        return final


class UploadsView(TusView):
    """`/uploads`."""

    @CREATE_UPLOAD
    def post(self, request: Request) -> Response:
        """Begin an upload; a body, if there is one, is its first part."""
        length = _number(request, "Upload-Length")
        if length > MAX_BYTES:
            raise Problem("payload_too_large")
        metadata = _metadata(request)
        checksum, body = None, None
        if _body_length(request) != 0:
            checksum, body = _checksum(request), _body(request, missing=length)
        judge_uploads(request._request, client_of(request))
        upload, token = _begin(request, length, metadata)
        if body is not None:
            try:
                upload = _receive(upload, body, checksum)
            except Problem:
                receive_upload.drop_upload(upload)  # nobody has heard of it yet
                raise
        headers = {"Location": absolute(request, "upload", token), **_state(upload)}
        return Response(status=201, headers=headers)


class UploadView(TusView):
    """`/uploads/{token}`."""

    def head(self, request: Request, token: str) -> Response:
        """How much has arrived."""
        upload = _find(token)
        headers = _state(upload) | {"Upload-Length": str(upload.length), "Cache-Control": PRIVATE}
        if upload.metadata:
            headers["Upload-Metadata"] = upload.metadata
        return Response(status=200, headers=headers)

    @CONTINUE_UPLOAD
    def patch(self, request: Request, token: str) -> Response:
        """Append the body at the offset."""
        upload = _find(token)
        checksum = _checksum(request)
        if _number(request, "Upload-Offset") != upload.received:
            _moved(token)
        body = _body(request, missing=upload.length - upload.received)
        return Response(status=204, headers=_state(_receive(upload, body, checksum, token)))

    @DELETE_UPLOAD
    def delete(self, request: Request, token: str) -> Response:
        """Forget an upload and what has arrived of it."""
        receive_upload.drop_upload(_find(token))
        return Response(status=204)


def _find(token: str) -> Upload:
    upload = receive_upload.find_upload(token)
    if upload is None:
        raise Problem("not_found")
    if upload.used_at is not None or upload.expires_at <= timezone.now():
        raise Problem("upload_gone")
    return upload


def _begin(request: Request, length: int, metadata: str) -> tuple[Upload, str]:
    sender = sender_of(request._request, client_of(request))
    try:
        return receive_upload.begin_upload(
            sender=sender, length=length, metadata=metadata, now=timezone.now()
        )
    except UploadRefused as refused:
        code = "storage_full" if refused.everybody else "too_many_uploads"
        raise Problem(code, headers={"Retry-After": str(FULL_AGAIN_AFTER)}) from None


def _receive(upload: Upload, body: BinaryIO, checksum: Checksum | None, token: str = "") -> Upload:
    try:
        return receive_upload.receive(upload, body, checksum=checksum)
    except OffsetMoved:
        _moved(token)
    except ChecksumWrong:
        raise Problem("checksum_wrong") from None


def _moved(token: str) -> NoReturn:
    """Say where the upload stands by now."""
    raise Problem("upload_offset_moved", headers=_state(_find(token))) from None


def _state(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.received),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }


def _number(request: Request, header: str) -> int:
    written = request.headers.get(header, "").strip()
    if not _NUMBER.fullmatch(written):
        raise _fault(header, "invalid" if written else "required")
    return int(written)


def _body_length(request: Request) -> int | None:
    """The length of the body, or None where it comes in chunks."""
    written = request.META.get("CONTENT_LENGTH") or ""
    if written.isdecimal():
        return int(written[:18])
    return None if _is_chunked(request) else 0


def _is_chunked(request: Request) -> bool:
    return "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def _body(request: Request, *, missing: int) -> BinaryIO:
    """The body as a stream. Raises Problem where type or length rule it out."""
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if media_type != BODY_TYPE or encoding != "identity":
        raise Problem("unsupported_media_type")
    length = _body_length(request)
    if length is not None and length > max(missing, 0):
        raise Problem("payload_too_large")
    if length is not None:
        return cast(BinaryIO, request._request)
    if not request.META.get("wsgi.input_terminated"):
        raise Problem("length_required")
    return cast(BinaryIO, request.META["wsgi.input"])


def _checksum(request: Request) -> Checksum | None:
    written = request.headers.get("Upload-Checksum")
    if written is None:
        return None
    algorithm, _blank, value = written.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise _fault("Upload-Checksum", "invalid_choice")
    digest = _from_base64(value)
    if digest is None or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise _fault("Upload-Checksum", "invalid")
    return Checksum(algorithm, digest)


def _metadata(request: Request) -> str:
    """The header as it came, for it is given back so; raises Problem where it has no such form."""
    written = request.headers.get("Upload-Metadata", "").strip()
    if len(written) > METADATA_LIMIT:
        raise _fault("Upload-Metadata", "max_length")
    keys = [pair.strip().partition(" ") for pair in written.split(",")] if written else []
    names = [key for key, _blank, _value in keys]
    well_formed = all(
        _METADATA_KEY.fullmatch(key) and _from_base64(value) is not None
        for key, _blank, value in keys
    )
    if not well_formed or len(set(names)) < len(names):
        raise _fault("Upload-Metadata", "invalid")
    return written


def _from_base64(value: str) -> bytes | None:
    try:
        return base64.b64decode(value.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError):
        return None


def _fault(header: str, code: str) -> Problem:
    return Problem("invalid_request", errors=[Fault(code, FIELD_FAULTS[code], header=header)])
