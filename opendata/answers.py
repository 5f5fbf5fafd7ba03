"""How open data is answered: conditional, compressed on request, readable by pages of any site."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.towns import host_town
from opendata import rendering
from opendata.columns import NAMES
from reports.queries import public
from reports.queries.public_facts import FeedState, TownFacts
from reports.queries.public_filters import FilterFault, FiltersInvalid

CACHE_CONTROL = "public, max-age=60"
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Content-Range, Accept-Ranges",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Body:
    """What is sent: pieces of bytes, their type, the mark of their content.

    `mark` names everything the bytes depend on; `last_change` is in seconds since 1970.
    """

    pieces: Iterable[bytes]
    content_type: str
    mark: tuple[Any, ...]
    last_change: int | None = None
    file_name: str = ""
    links: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


def data_view(view: View) -> View:
    """A view of data: GET and HEAD only; bad parameters answer 400, a database away 503."""

    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except FiltersInvalid as invalid:
            return refusal(invalid)
        except DatabaseError:
            return _outage()

    return answered


def town_or_404(request: HttpRequest, slug: str) -> TownFacts:
    """The town of an address; on a city's own host only that city. Raises Http404."""
    here = host_town(request)
    town = public.town(slug) if here is None or here.slug == slug else None
    if town is None:
        raise Http404
    return town


def seconds(state: FeedState) -> int | None:
    """When a town's data last changed, in seconds since 1970."""
    return int(state.last_change.timestamp()) if state.last_change else None


def single_words(request: HttpRequest, *, known: Iterable[str]) -> dict[str, str]:
    """The parameters of a query, each given once and known. Raises FiltersInvalid."""
    unknown = FilterFault("unknown_parameter", _("Diesen Parameter gibt es hier nicht."))
    repeated = FilterFault("repeated", _("Bitte geben Sie jeden Parameter nur einmal an."))
    faults = {name: unknown for name in request.GET if name not in set(known)}
    faults |= {name: repeated for name, values in request.GET.lists() if len(values) > 1}
    if faults:
        raise FiltersInvalid(faults)
    return request.GET.dict()


def answer(request: HttpRequest, body: Body) -> HttpResponseBase:
    """The body, or 304 where the client has it already; gzip for whoever accepts it."""
    content = repr((settings.RELEASE, NAMES, body.mark))
    etag = f'W/"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
    described = f'<{request.build_absolute_uri(reverse("opendata:index"))}>; rel="describedby"'
    headers = OPEN_TO_ALL | {
        "ETag": etag,
        "Cache-Control": CACHE_CONTROL,
        "Link": ", ".join([described, *body.links]),
        **body.headers,
    }
    if body.file_name:
        headers["Content-Disposition"] = f'inline; filename="{body.file_name}"'
    if body.last_change is not None:
        headers["Last-Modified"] = http_date(body.last_change)
    known = get_conditional_response(request, etag=etag, last_modified=body.last_change)
    if known is not None:
        return _with_headers(known, headers)
    pieces = body.pieces
    if _accepts_gzip(request):
        pieces = rendering.gzipped(pieces)
        headers["Content-Encoding"] = "gzip"
    sent = pieces if request.method == "GET" else []
    return _with_headers(StreamingHttpResponse(sent, content_type=body.content_type), headers)


def photo_address(request: HttpRequest) -> str:
    """What stands before a photo's name in its address; resolving it once is enough."""
    anywhere = request.build_absolute_uri(reverse("mobile_api:photo", args=["-"]))
    return anywhere.removesuffix("-")


def refusal(invalid: FiltersInvalid) -> HttpResponse:
    """400 with problem details (RFC 9457), in German and English."""
    errors = [
        {"parameter": name, "code": fault.code, **_both("detail", fault.message)}
        for name, fault in invalid.faults.items()
    ]
    problem = {"type": "about:blank", "title": "Bad Request", "status": 400, "errors": errors}
    return _problem(problem | {"code": "invalid_request"}, 400)


def _outage() -> HttpResponse:
    problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503}
    response = _problem(problem | {"code": "unavailable"}, 503)
    response.headers["Retry-After"] = "5"
    return response


def _problem(problem: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(
        json.dumps(problem, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
    )


def _both(name: str, message: Any) -> dict[str, str]:
    with translation.override("de"):
        german = str(message)
    with translation.override("en"):
        return {name: german, f"{name}_en": str(message)}


def _with_headers(response: HttpResponseBase, headers: dict[str, str]) -> HttpResponseBase:
    for name, value in headers.items():
        response.headers[name] = value
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _accepts_gzip(request: HttpRequest) -> bool:
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _semicolon, quality = part.strip().partition(";")
        if coding.strip() == "gzip":
            return quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
