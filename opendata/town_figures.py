"""The published figures of a town as JSON and as CSV; a town that publishes none answers 404."""

import csv
import io
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from figures.public import Published, published, table_lines
from opendata.answers import town_or_404

HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@require_safe
def statistics_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Everything the town publishes of its figures, the map of densities included."""
    found, facts = _found(request, slug)
    content = {
        **found.content,
        "publisher": facts.official_name,
        "license": facts.licence,
        "method": (
            "Whole months. null: hidden, because fewer cases than `minimum` stand behind it or "
            "because it would tell such a number. Times are calendar days, targets working hours."
        ),
    }
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False})
    return _answer(request, response, found, "json")


@require_safe
def statistics_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The tables as one: a line for each figure."""
    found, _facts = _found(request, slug)
    text = io.StringIO()
    csv.writer(text).writerows(table_lines(found.content))
    kind = "text/csv; charset=utf-8; header=present"
    return _answer(request, HttpResponse(text.getvalue(), content_type=kind), found, "csv")


def _found(request: HttpRequest, slug: str) -> tuple[Published, Any]:
    facts = town_or_404(request, slug)
    try:
        found = published(facts.slug)
    except DatabaseError:
        raise Http404 from None
    if found is None:
        raise Http404
    return found, facts


def _answer(
    request: HttpRequest, response: HttpResponse, found: Published, kind: str
) -> HttpResponseBase:
    etag = f'"{found.etag[:32]}-{kind}"'
    known = get_conditional_response(request, etag=etag, response=response)
    answer = known or response
    for name, value in HEADERS.items():
        answer.headers[name] = value
    answer.headers["ETag"] = etag
    return answer
