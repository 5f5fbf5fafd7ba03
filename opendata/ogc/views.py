"""The addresses of the service; each answers as data or, with f=html, as a page."""

import json
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.towns import host_town
from opendata.answers import Body, answer, data_view, seconds, single_words, town_or_404
from opendata.columns import FEATURE_NAMES
from opendata.feeds import extract
from opendata.ogc import documents
from opendata.ogc.description import openapi
from opendata.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, SUFFIX, Document, link
from opendata.ogc.parameters import KNOWN, ItemsAsked, read_items
from reports.queries import public, public_feeds
from reports.queries.public_facts import TownFacts
from reports.queries.public_filters import FilterFault, Filters, FiltersInvalid

# A table for people; whoever wants more takes the data.
SHOWN = ("number", "category_name", "status", "received_at", "district")
HTML_LIMIT = 100


@data_view
def landing(request: HttpRequest) -> HttpResponseBase:
    """Where the service begins."""
    content = documents.landing(_root(request), as_html=_wants_html(request))
    return _document(request, content)


@data_view
def conformance(request: HttpRequest) -> HttpResponseBase:
    """What the service promises."""
    content = documents.conformance(_root(request), as_html=_wants_html(request))
    return _document(request, content)


@data_view
def api(request: HttpRequest) -> HttpResponseBase:
    """The description for programs."""
    return _document(request, openapi(_root(request), _towns(request)), kind=OPENAPI)


@data_view
def collections(request: HttpRequest) -> HttpResponseBase:
    """The towns' collections; on a city's own host only its own."""
    content = documents.collections(_root(request), _towns(request), as_html=_wants_html(request))
    return _document(request, content)


@data_view
def one_collection(request: HttpRequest, collection: str) -> HttpResponseBase:
    """One collection."""
    town = _town(request, collection)
    content = documents.collection(_root(request), town, as_html=_wants_html(request))
    return _document(request, content)


@data_view
def items(request: HttpRequest, collection: str) -> HttpResponseBase:
    """Reports page by page, in the order of their numbers."""
    town = _town(request, collection)
    as_html = _wants_html(request, known=KNOWN)
    asked = read_items(single_words(request, known=KNOWN), ZoneInfo(town.time_zone))
    state = public_feeds.feed_state(town.slug)
    wanted = extract(request, town, asked.filters, exact=asked.exact, received=asked.received)
    limit = min(asked.limit, HTML_LIMIT) if as_html else asked.limit
    page = public_feeds.feature_page(wanted, FEATURE_NAMES, after=asked.after, limit=limit)
    matched = public_feeds.count_matching(wanted, state.mark)
    links = _items_links(request, asked, page.last, as_html=as_html)
    content = documents.items(page, matched=matched, links=links, now=timezone.now())
    if as_html:
        return _page(request, json.loads(content), title=town.official_name)
    mark = (town, "items", asked, state.mark)
    return answer(request, Body([content], GEOJSON, mark, seconds(state)))


@data_view
def item(request: HttpRequest, collection: str, number: str) -> HttpResponseBase:
    """One report."""
    town = _town(request, collection)
    as_html = _wants_html(request)
    state = public_feeds.feed_state(town.slug)
    facts = public.get_report(number, town.slug)
    if facts is None:
        raise Http404
    wanted = extract(request, town, Filters(), numbers=(facts.number,))
    page = public_feeds.feature_page(wanted, FEATURE_NAMES, limit=1)
    address = f"{_root(request)}collections/{collection}"
    links = [
        *documents.both(f"{address}/items/{facts.number}", GEOJSON, as_html=as_html),
        link(address, "collection", JSON, "Datensammlung"),
    ]
    content = documents.item(page.features, links)
    if as_html:
        return _page(request, json.loads(content), title=facts.number)
    mark = (town, "item", facts.number, state.mark)
    return answer(request, Body([content], GEOJSON, mark, seconds(state)))


def _items_links(
    request: HttpRequest, asked: ItemsAsked, last: str | None, *, as_html: bool
) -> list[Document]:
    words = {name: value for name, value in request.GET.items() if name != "f" and value}
    address = request.build_absolute_uri(request.path)
    query = urlencode(words)
    links = documents.both(f"{address}?{query}" if query else address, GEOJSON, as_html=as_html)
    links.append(link(address.removesuffix("/items"), "collection", JSON, "Datensammlung"))
    if last is not None:
        onward = words | {"limit": str(asked.limit), "cursor": last}
        form = {"f": "html"} if as_html else {}
        kind = HTML if as_html else GEOJSON
        links.append(link(f"{address}?{urlencode(onward | form)}", "next", kind, "nächste Seite"))
    return links


def _document(request: HttpRequest, content: Document, kind: str = JSON) -> HttpResponseBase:
    if _wants_html(request):
        return _page(request, content, title=documents.TITLE)
    body = json.dumps(content, ensure_ascii=False).encode()
    return answer(request, Body([body], kind, (body,)))


def _page(request: HttpRequest, content: Document, *, title: str) -> HttpResponseBase:
    context: dict[str, Any] = {
        "heading": content.get("title") or title,
        "document": content,
        "rows": [
            [feature["properties"][name] for name in SHOWN]
            for feature in content.get("features", [])
        ],
        "shown": SHOWN,
    }
    response = render(request, "opendata/ogc.html", context)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _wants_html(request: HttpRequest, known: frozenset[str] = frozenset({"f"})) -> bool:
    """Whether a person asks: f=html, or a browser's Accept. Raises FiltersInvalid."""
    form = single_words(request, known=known).get("f", "")
    if form not in {"", "json", "html"}:
        raise FiltersInvalid({"f": FilterFault("invalid_format", _("Es gibt json und html."))})
    if form:
        return form == "html"
    accepted = request.headers.get("Accept", "")
    return "text/html" in accepted and "json" not in accepted


def _root(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("opendata:ogc"))


def _towns(request: HttpRequest) -> list[TownFacts]:
    here = host_town(request)
    return [town for town in public.towns() if here is None or town.slug == here.slug]


def _town(request: HttpRequest, name: str) -> TownFacts:
    if not name.endswith(SUFFIX):
        raise Http404
    return town_or_404(request, name.removesuffix(SUFFIX))
