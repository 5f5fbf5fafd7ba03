"""The feeds of a town: published reports as GeoJSON and CSV, districts as GeoJSON.

Streamed with flat memory, compressed on request, with ETag and Last-Modified; readable by pages of
any site. A parameter nobody knows is refused, so that nobody takes a mistyped filter for an answer.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

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
from opendata.columns import COLUMNS, FeedContext
from reports.queries import public
from reports.queries.public_facts import TownFacts
from reports.queries.public_filters import FilterFault, Filters, FiltersInvalid, read_filters

FILTERS = frozenset({"bbox", "category", "status", "since"})
CACHE_CONTROL = "public, max-age=60"
GEOJSON, CSV = "application/geo+json", "text/csv; charset=utf-8; header=present"


@require_safe
def reports_geojson(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Published reports as a FeatureCollection (RFC 7946)."""
    return _reports(request, slug, kind="geojson")


@require_safe
def reports_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Published reports as a table (RFC 4180)."""
    return _reports(request, slug, kind="csv")


@require_safe
def districts_geojson(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The outlines of the districts, or of the town where it has none."""
    try:
        town = town_or_404(request, slug)
        read_filters(request.GET.dict(), allowed=frozenset())
        outlines = public.districts(town.slug)
    except FiltersInvalid as invalid:
        return _refusal(invalid)
    except DatabaseError:
        return _outage()
    body = b"".join(rendering.outlines_geojson(outlines, _members(town, "Stadtteile")))
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    return _answer(request, [body], GEOJSON, etag=etag, file_name=f"{town.slug}-districts.geojson")


def town_or_404(request: HttpRequest, slug: str) -> TownFacts:
    """The town of an address; on a city's own host only that city. Raises Http404."""
    here = host_town(request)
    town = public.town(slug) if here is None or here.slug == slug else None
    if town is None:
        raise Http404
    return town


def _reports(request: HttpRequest, slug: str, *, kind: str) -> HttpResponseBase:
    try:
        town = town_or_404(request, slug)
        filters = _filters(request)
        state = public.feed_state(town.slug)
    except FiltersInvalid as invalid:
        return _refusal(invalid)
    except DatabaseError:
        return _outage()
    etag = _etag(town, kind, filters, state.mark)
    last_change = int(state.last_change.timestamp()) if state.last_change else None
    answer = partial(_answer, request, etag=etag, last_change=last_change)
    rows = public.feed_rows(town.slug, filters)
    context = FeedContext(ZoneInfo(town.time_zone), _photo_address(request).format)
    if kind == "csv":
        lines = rendering.csv_lines(rows, context)
        return answer(lines, CSV, file_name=f"{town.slug}-reports.csv")
    features = rendering.geojson(rows, context, _members(town, "Meldungen"))
    return answer(features, GEOJSON, file_name=f"{town.slug}-reports.geojson")


def _filters(request: HttpRequest) -> Filters:
    repeated = [name for name, values in request.GET.lists() if len(values) > 1]
    if repeated:
        fault = FilterFault("repeated", _("Bitte geben Sie jeden Parameter nur einmal an."))
        raise FiltersInvalid(dict.fromkeys(repeated, fault))
    return read_filters(request.GET.dict(), allowed=FILTERS)


def _etag(town: TownFacts, kind: str, filters: Filters, mark: str) -> str:
    """Weak: the same rows may be sent compressed or not."""
    columns = [column.name for column in COLUMNS]
    content = repr((settings.RELEASE, columns, town, kind, filters, mark))
    return f'W/"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'


def _members(town: TownFacts, title: str) -> dict[str, Any]:
    """Foreign members of the collection (RFC 7946, section 6.1): what it is and what is allowed."""
    return {
        "title": f"{title} – {town.name}",
        "publisher": town.official_name,
        "license": town.licence,
        "note": "Meldungen sind Hinweise aus der Bürgerschaft, keine festgestellten Mängel.",
    }


def _answer(
    request: HttpRequest,
    parts: Iterable[bytes],
    content_type: str,
    *,
    etag: str,
    file_name: str,
    last_change: int | None = None,
) -> HttpResponseBase:
    headers = {
        "ETag": etag,
        "Cache-Control": CACHE_CONTROL,
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Last-Modified, Link",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Content-Disposition": f'inline; filename="{file_name}"',
        "Link": f'<{request.build_absolute_uri(reverse("opendata:index"))}>; rel="describedby"',
    }
    if last_change is not None:
        headers["Last-Modified"] = http_date(last_change)
    known = get_conditional_response(request, etag=etag, last_modified=last_change)
    if known is not None:
        return _with_headers(known, headers)
    pieces = rendering.in_pieces(parts)
    if _accepts_gzip(request):
        pieces = rendering.gzipped(pieces)
        headers["Content-Encoding"] = "gzip"
    body = pieces if request.method == "GET" else []
    return _with_headers(StreamingHttpResponse(body, content_type=content_type), headers)


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


def _photo_address(request: HttpRequest) -> str:
    """The address of a photo with a gap for its name; resolving it once is enough."""
    anywhere = request.build_absolute_uri(reverse("mobile_api:photo", args=["-"]))
    return anywhere.removesuffix("-") + "{}"


def _refusal(invalid: FiltersInvalid) -> HttpResponse:
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
