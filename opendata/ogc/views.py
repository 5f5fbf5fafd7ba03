"""The addresses of the service; each answers as data or, with f=html, as a page."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.towns import host_town
from opendata.answers import Body, answer, data_view, seconds, single_words, town_or_404
from opendata.columns import FEATURE_NAMES
from opendata.feeds import extract
from opendata.ogc import documents
from opendata.ogc.collections import (
    DISTRICTS,
    REPORTS,
    Collection,
    collections_of,
    split_name,
)
from opendata.ogc.description import openapi
from opendata.ogc.districts import PROPERTIES, page_of
from opendata.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, Document, link
from opendata.ogc.parameters import ItemsAsked, known_words, read_items
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
    found = [_dated(each) for each in collections_of(_towns(request))]
    content = documents.collections(_root(request), found, as_html=_wants_html(request))
    return _document(request, content)


@data_view
def one_collection(request: HttpRequest, collection: str) -> HttpResponseBase:
    """One collection."""
    found = _dated(_collection(request, collection))
    content = documents.collection(_root(request), found, as_html=_wants_html(request))
    return _document(request, content)


@data_view
def items(request: HttpRequest, collection: str) -> HttpResponseBase:
    """Features page by page, in the order of their numbers or keys."""
    found = _collection(request, collection)
    town, known = found.town, known_words(found.kind)
    as_html = _wants_html(request, known=known)
    asked = read_items(single_words(request, known=known), ZoneInfo(town.time_zone), found.kind)
    if found.kind == DISTRICTS:
        return _districts(request, found, asked, as_html=as_html)
    state = public_feeds.feed_state(town.slug)
    wanted = extract(request, town, asked.filters, exact=asked.exact, received=asked.received)
    limit = min(asked.limit, HTML_LIMIT) if as_html else asked.limit
    page = public_feeds.feature_page(wanted, FEATURE_NAMES, after=asked.after, limit=limit)
    matched = public_feeds.count_matching(wanted, state.mark)
    links = _items_links(request, asked, page.last, as_html=as_html)
    content = documents.items(page, matched=matched, links=links, now=timezone.now())
    if as_html:
        return _page(request, json.loads(content), title=_title(found))
    mark = (town, "items", asked, state.mark, get_language())
    return answer(request, Body([content], GEOJSON, mark, seconds(state)))


@data_view
def item(request: HttpRequest, collection: str, number: str) -> HttpResponseBase:
    """One report or one district."""
    found = _collection(request, collection)
    as_html = _wants_html(request)
    is_district = found.kind == DISTRICTS
    name, feature = _district(found, number) if is_district else _report(request, found, number)
    address = f"{_root(request)}collections/{collection}"
    links = [
        *documents.both(f"{address}/items/{quote(name)}", GEOJSON, as_html=as_html),
        link(address, "collection", JSON, gettext("Datensammlung")),
    ]
    content = documents.item(feature, links)
    if as_html:
        return _page(request, json.loads(content), title=name)
    changed = None if is_district else seconds(public_feeds.feed_state(found.town.slug))
    return answer(request, Body([content], GEOJSON, (found.name, content), changed))


def _report(request: HttpRequest, found: Collection, number: str) -> tuple[str, str]:
    facts = public.get_report(number, found.town.slug)
    if facts is None:
        raise Http404
    wanted = extract(request, found.town, Filters(), numbers=(facts.number,))
    page = public_feeds.feature_page(wanted, FEATURE_NAMES, limit=1)
    if not page.features:
        raise Http404  # withdrawn between the two questions
    return facts.number, page.features


def _district(found: Collection, key: str) -> tuple[str, str]:
    outlines = public.districts(found.town.slug)
    chosen = page_of(outlines, [("key", key)], after="", limit=1)
    if not chosen.matched:
        raise Http404
    return key, chosen.page.features


def _districts(
    request: HttpRequest, found: Collection, asked: ItemsAsked, *, as_html: bool
) -> HttpResponseBase:
    """Outlines have no time, so every `datetime` fits them (Part 1, clause 7.15.4)."""
    outlines = public.districts(found.town.slug, asked.filters.box)
    chosen = page_of(outlines, asked.exact, after=asked.after, limit=asked.limit)
    page, links = chosen.page, _items_links(request, asked, chosen.page.last, as_html=as_html)
    now = timezone.now()
    content = documents.items(page, matched=chosen.matched, links=links, now=now)
    if as_html:
        return _page(request, json.loads(content), title=_title(found), shown=PROPERTIES)
    return answer(request, Body([content], GEOJSON, (found.name, asked, page, links)))


def _items_links(
    request: HttpRequest, asked: ItemsAsked, last: str | None, *, as_html: bool
) -> list[Document]:
    words = {name: value for name, value in request.GET.items() if name != "f" and value}
    address = request.build_absolute_uri(request.path)
    query = urlencode(words)
    links = documents.both(f"{address}?{query}" if query else address, GEOJSON, as_html=as_html)
    links.append(link(address.removesuffix("/items"), "collection", JSON, gettext("Datensammlung")))
    if last is not None:
        onward = words | {"limit": str(asked.limit), "cursor": last}
        form = {"f": "html"} if as_html else {}
        kind = HTML if as_html else GEOJSON
        links.append(
            link(f"{address}?{urlencode(onward | form)}", "next", kind, gettext("nächste Seite"))
        )
    return links


def _document(request: HttpRequest, content: Document, kind: str = JSON) -> HttpResponseBase:
    if _wants_html(request):
        return _page(request, content, title=str(documents.TITLE))
    body = json.dumps(content, ensure_ascii=False).encode()
    return answer(request, Body([body], kind, (body,)))


def _page(
    request: HttpRequest, content: Document, *, title: str, shown: Sequence[str] = SHOWN
) -> HttpResponseBase:
    context: dict[str, Any] = {
        "heading": content.get("title") or title,
        "document": content,
        "rows": [
            {
                "href": f"{request.path}/{quote(feature['id'])}?f=html",
                "values": [feature["properties"][name] for name in shown],
            }
            for feature in content.get("features", [])
        ],
        "shown": shown,
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


def _collection(request: HttpRequest, name: str) -> Collection:
    named = split_name(name)
    if named is None:
        raise Http404
    return Collection(town_or_404(request, named[0]), named[1])


def _title(found: Collection) -> str:
    return f"{documents.title_of(found.kind)} – {found.town.official_name}"


def _dated(found: Collection) -> Collection:
    """The same with the time of its first report."""
    begins = public_feeds.earliest(found.town.slug) if found.kind == REPORTS else None
    moment = begins.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if begins else None
    return replace(found, begins=moment)
