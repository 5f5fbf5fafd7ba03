"""What every address of GeoReport has in common: formats, errors, methods, headers.

The suffix of the address decides about the format. Whatever goes wrong, a missing page and a wrong
method included, is answered in that format.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Municipality
from open311.document import CONTENT_TYPES, JSON, XML, Document, render
from open311.jurisdictions import town_of
from open311.refusals import Fault, Refused, as_refused
from open311.words import Words

PUBLIC, PRIVATE = "public, max-age=60", "no-store"


@dataclass(frozen=True)
class Answer:
    """What a handler answers; `is_private` keeps it out of caches."""

    document: Document
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_private: bool = False


@dataclass(frozen=True)
class Ask:
    """A request as handlers see it. `is_test` says that it came to the test endpoint."""

    request: HttpRequest
    suffix: str
    is_test: bool
    named: Mapping[str, str]

    @property
    def words(self) -> Words:
        """The parameters of the query; of repeated ones the last counts."""
        return Words(self.request.GET.dict())

    @property
    def town(self) -> Municipality:
        """The town the query names. Raises Refused."""
        return town_of(self.request, self.words.text("jurisdiction_id"))


Handler = Callable[[Ask], Answer]


def endpoint(
    *, get: Handler | None = None, post: Handler | None = None
) -> Callable[..., HttpResponseBase]:
    """A view out of handlers for its methods."""
    handlers = {"GET": get, "HEAD": get, "POST": post}
    allowed = [name for name, handler in handlers.items() if handler] + ["OPTIONS"]

    @csrf_exempt
    def view(
        request: HttpRequest, suffix: str, is_test: bool = False, **named: str
    ) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return _preflight(allowed)
        ask = Ask(request, suffix.lower(), is_test, named)
        try:
            answer = _handled(ask, handlers.get(request.method or ""), allowed)
            return _response(request, answer, ask.suffix)
        except Exception as error:
            return refusal(request, as_refused(error), suffix)

    return view


@csrf_exempt
def nowhere(request: HttpRequest, **_named: Any) -> HttpResponse:
    """Every address below open311/ that does not exist, whatever the method."""
    return refusal(request, as_refused(Http404()))


def refusal(request: HttpRequest, refused: Refused, suffix: str = "") -> HttpResponse:
    """An error in the requested format; without a usable suffix what the client prefers."""
    response = HttpResponse(
        render(refused.document(), chosen := _suffix_for(request, suffix)),
        status=refused.status,
        headers=refused.headers | {"Cache-Control": PRIVATE},
        content_type=CONTENT_TYPES[chosen],
    )
    return _opened(response)


def is_ours(request: HttpRequest) -> bool:
    """Whether an address belongs to GeoReport, below a town's prefix or not."""
    first, _slash, rest = request.path.lstrip("/").partition("/")
    return first == "open311" or rest.partition("/")[0] == "open311"


def _handled(ask: Ask, handler: Handler | None, allowed: list[str]) -> Answer:
    if ask.suffix not in CONTENT_TYPES:
        raise Http404
    if handler is None:
        fault = Fault(405, _("Diese Methode gibt es hier nicht."))
        raise Refused(fault, headers={"Allow": ", ".join(allowed)})
    return handler(ask)


def _suffix_for(request: HttpRequest, suffix: str) -> str:
    ending = (suffix or request.path.rpartition(".")[2]).lower()
    if ending in CONTENT_TYPES:
        return ending
    return JSON if "json" in request.headers.get("Accept", "").lower() else XML


def _response(request: HttpRequest, answer: Answer, suffix: str) -> HttpResponseBase:
    body = render(answer.document, suffix)
    response = HttpResponse(
        body, status=answer.status, headers=dict(answer.headers), content_type=CONTENT_TYPES[suffix]
    )
    _opened(response)
    is_kept = answer.status == 200 and request.method != "POST" and not answer.is_private
    response.headers["Cache-Control"] = PUBLIC if is_kept else PRIVATE
    if not is_kept:
        return response
    patch_vary_headers(response, ["Accept-Language"])
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def _opened(response: HttpResponse) -> HttpResponse:
    """Pages of other sites may read it, without cookies."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = (
        "ETag, Link, Location, Retry-After, Idempotency-Replayed"
    )
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _preflight(allowed: list[str]) -> HttpResponse:
    methods = ", ".join(allowed)
    headers = {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Accept-Language, Content-Type, Idempotency-Key",
        "Access-Control-Max-Age": "86400",
    }
    return _opened(HttpResponse(status=204, headers=headers))
