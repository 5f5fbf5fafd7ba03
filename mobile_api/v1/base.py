"""What every endpoint of v1 has in common: JSON, languages, CORS, caching, known parameters."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import trans_real
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mobile_api.parsers import CompleteMultiPartParser, StrictJSONParser
from mobile_api.permissions import Everybody
from mobile_api.problems import FaultList, Problem
from mobile_api.v1.describing import LANGUAGE_PATTERN
from reports.queries.public_filters import Filters, FiltersInvalid, read_filters, read_point

LANGUAGE_TAG = re.compile(LANGUAGE_PATTERN)
PUBLIC = "public, max-age=60"
PRIVATE = "no-store"
READABLE_HEADERS = (
    "ETag, Link, Location, Retry-After, Idempotency-Replayed, Content-Language, WWW-Authenticate, "
    "Deprecation, Sunset, RateLimit, RateLimit-Policy"
)
ASKABLE_HEADERS = (
    "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-None-Match, "
    "X-Device-Id, X-Receipt-Secret"
)


class JSONOnly(BaseContentNegotiation):
    """Answers in JSON whatever a client says it accepts; bodies are read by their type."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """The parser for the body's media type, or None."""
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The only renderer."""
        only = next(iter(renderers))
        return only, only.media_type


@dataclass(frozen=True)
class Deprecation:
    """Since when an endpoint should no longer be used, when it ends, and what to read (UTC)."""

    since: datetime
    ends: datetime
    link: str

    def headers(self) -> dict[str, str]:
        """Deprecation (RFC 9745), Sunset (RFC 8594) and a link that explains."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": http_date(self.ends.timestamp()),
            "Link": f'<{self.link}>; rel="deprecation"; type="text/html"',
        }


class ApiView(APIView):
    """An endpoint. Subclasses name their permission, their parameters and how long to cache."""

    deprecation: ClassVar[Deprecation | None] = None

    content_negotiation_class = JSONOnly
    parser_classes = [StrictJSONParser, CompleteMultiPartParser]
    parameters: frozenset[str] = frozenset()
    cache_control: ClassVar[str] = PUBLIC

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in the asked language; a 200 to GET carries an ETag."""
        # A charset in the request's type must not decide how the address is read.
        request.encoding = "utf-8"
        with translation.override(_spoken(speech_of(request))):
            response = super().dispatch(request, *args, **kwargs)
            assert isinstance(response, HttpResponse)  # noqa: S101 - nothing is streamed here
            if isinstance(response, Response):
                response.render()  # while the language is set
            response.headers["Content-Language"] = translation.get_language() or "de"
        return self._conditional(request, response)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the method and the permission, refuse unknown and repeated query parameters."""
        if request.method not in self.allowed_methods and request.method != "HEAD":
            raise Problem("method_not_allowed")
        super().initial(request, *args, **kwargs)
        faults = FaultList()
        for name, values in request.query_params.lists():
            if name not in self.parameters | {"language"}:
                faults.add(name[:60], "unknown_parameter")
            elif len(values) > 1 or not _is_sane(name, values[0]):
                faults.add(name, "invalid")
        faults.raise_if_any()

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """The preflight of a browser page of another site (CORS)."""
        methods = ", ".join(self.allowed_methods)
        return Response(
            status=204,
            headers={
                "Allow": methods,
                "Access-Control-Allow-Methods": methods,
                "Access-Control-Allow-Headers": ASKABLE_HEADERS,
                "Access-Control-Max-Age": "86400",
            },
        )

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Open the answer to pages of other sites, without cookies; caching as declared."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Access-Control-Allow-Origin"] = "*"
        final.headers["Access-Control-Expose-Headers"] = READABLE_HEADERS
        final.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        for name, value in getattr(request._request, "rate_limit", {}).items():
            final.headers[name] = value
        for name, value in (self.deprecation.headers() if self.deprecation else {}).items():
            earlier = f"{final.headers[name]}, " if name in final.headers else ""
            final.headers[name] = earlier + value
        public = final.status_code == 200 and request.method in {"GET", "HEAD"}
        final.headers.setdefault("Cache-Control", self.cache_control if public else PRIVATE)
        return final

    def _conditional(self, request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
        cacheable = response.status_code == 200 and request.method in {"GET", "HEAD"}
        if not cacheable or response.headers["Cache-Control"] == PRIVATE:
            return response
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response.headers["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response


def speech_of(request: HttpRequest) -> str:
    """The language of texts: the parameter `language`, else the header Accept-Language.

    A tag such as `en-GB`; whether texts exist in it is decided where they are read.
    """
    asked = request.GET.get("language", "")[:20]
    accepted = trans_real.parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500])
    for tag in [asked, *(tag for tag, _quality in accepted)]:
        if LANGUAGE_TAG.fullmatch(tag):
            return tag.lower()
    return settings.LANGUAGE_CODE


def _spoken(tag: str) -> str:
    """The nearest language of our own texts."""
    try:
        return translation.get_supported_language_variant(tag)
    except LookupError:
        return settings.LANGUAGE_CODE


def _is_sane(name: str, value: str) -> bool:
    if name == "language":
        return not value or (len(value) <= 20 and bool(LANGUAGE_TAG.fullmatch(value)))
    return "\x00" not in value


def filters_of(request: Request, *, allowed: frozenset[str]) -> Filters:
    """The filters of a list; raises Problem naming every parameter that makes no sense."""
    words = {name: str(value) for name, value in request.query_params.items() if name in allowed}
    try:
        return read_filters(words, allowed=allowed)
    except FiltersInvalid as invalid:
        raise _as_problem(invalid) from None


def point_of(request: Request) -> tuple[float, float] | None:
    """Longitude and latitude of the query, or None; raises Problem."""
    try:
        return read_point(request.query_params.dict())
    except FiltersInvalid as invalid:
        raise _as_problem(invalid) from None


def absolute(request: Request | HttpRequest, name: str, *args: Any) -> str:
    """The full address of an endpoint by its name."""
    return str(request.build_absolute_uri(reverse(f"mobile_api:{name}", args=args)))


def _as_problem(invalid: FiltersInvalid) -> Problem:
    faults = FaultList()
    for name, fault in invalid.faults.items():
        faults.add(name, fault.code, fault.message)
    return Problem("invalid_request", errors=faults.faults)


def answer(
    body: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, status: int = 200
) -> Response:
    """A JSON answer."""
    return Response(body, status=status, headers=dict(headers or {}))


class NotFoundView(ApiView):
    """Every address below /api/v1/ that does not exist, whatever the method."""

    permission_classes = [Everybody]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nobody gets further."""
        raise Problem("not_found")
