"""What has changed since somebody last asked: JSON with a cursor, and Atom for news readers."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.towns import public_url
from opendata.answers import Body, answer, data_view, seconds, single_words, town_or_404
from opendata.columns import FEATURE_NAMES
from opendata.feeds import extract
from reports.lifecycle import Status
from reports.queries import public_feeds
from reports.queries.public_facts import Entry, TownFacts
from reports.queries.public_filters import FilterFault, Filters, FiltersInvalid

DEFAULT_LIMIT, MAX_LIMIT, ENTRIES, MAX_WORD = 1_000, 5_000, 50, 120
LATEST = "latest"
_CURSOR = re.compile(r"[0-9]{1,18}")
_ATOM, _GEORSS = "http://www.w3.org/2005/Atom", "http://www.georss.org/georss"
# XML knows no other control characters; a text of a citizen may hold any.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@data_view
def changes_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Changes behind a cursor, each report once as it is now; what was removed without content.

    `cursor=latest` answers no changes and the cursor to begin with.
    """
    town = town_or_404(request, slug)
    words = single_words(request, known=("cursor", "limit"))
    limit = _limit(words.get("limit", ""))
    state = public_feeds.feed_state(town.slug)
    after = int(state.mark, 16) if words.get("cursor") == LATEST else _cursor(words)
    wanted = extract(request, town, Filters())
    found = public_feeds.changes_page(wanted, FEATURE_NAMES, after=after, limit=limit)
    onward = request.build_absolute_uri(reverse("opendata:changes", args=[town.slug]))
    document = {
        "cursor": str(found.last),
        "has_more": found.has_more,
        "links": [{"rel": "next", "href": f"{onward}?cursor={found.last}&limit={limit}"}],
    }
    content = f'{json.dumps(document)[:-1]}, "changes": [{found.told}]}}\n'.encode()
    mark = (town, "changes", after, limit, state.mark)
    return answer(request, Body([content], "application/json", mark, seconds(state)))


@data_view
def updates_atom(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The fifty reports that changed last, of a category or a district if one is named."""
    town = town_or_404(request, slug)
    words = single_words(request, known=("category", "district"))
    category, district = (_word(words, name) for name in ("category", "district"))
    state = public_feeds.feed_state(town.slug)
    entries = public_feeds.latest(town.slug, category=category, district=district, limit=ENTRIES)
    here = request.build_absolute_uri()
    content = _atom(town, entries, here=here)
    mark = (town, "atom", category, district, state.mark)
    return answer(
        request, Body([content], "application/atom+xml; charset=utf-8", mark, seconds(state))
    )


def _atom(town: TownFacts, entries: list[Entry], *, here: str) -> bytes:
    feed = Element(f"{{{_ATOM}}}feed", {"xml:lang": "de"})
    _add(feed, "id", here)
    _add(feed, "title", f"Meldungen – {town.name}")
    newest = max((entry.updated_at for entry in entries), default=datetime(2000, 1, 1, tzinfo=UTC))
    _add(feed, "updated", newest.isoformat())
    SubElement(feed, f"{{{_ATOM}}}link", {"rel": "self", "href": here})
    SubElement(feed, f"{{{_ATOM}}}link", {"rel": "license", "href": town.licence})
    author = SubElement(feed, f"{{{_ATOM}}}author")
    _add(author, "name", town.official_name)
    for entry in entries:
        _entry(feed, town, entry)
    # The prefixes are the whole process's, and others set theirs too.
    register_namespace("", _ATOM)
    register_namespace("georss", _GEORSS)
    content: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _entry(feed: Element, town: TownFacts, entry: Entry) -> None:
    address = public_url(town, f"meldung/{entry.number}/")
    node = SubElement(feed, f"{{{_ATOM}}}entry")
    _add(node, "id", address)
    _add(node, "title", f"{entry.category_name}: {Status(entry.status).label}")
    _add(node, "updated", entry.updated_at.isoformat())
    SubElement(node, f"{{{_ATOM}}}link", {"rel": "alternate", "href": address})
    SubElement(node, f"{{{_ATOM}}}category", {"term": entry.category_name})
    _add(node, "summary", "\n\n".join(_words_of(entry)))
    point = SubElement(node, f"{{{_GEORSS}}}point")
    point.text = f"{entry.lat} {entry.lon}"


def _words_of(entry: Entry) -> Iterator[str]:
    if entry.district:
        yield entry.district
    if entry.text:
        yield entry.text
    if entry.answer:
        yield f"Antwort: {entry.answer}"


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{_ATOM}}}{name}").text = _CONTROL.sub("", text)


def _cursor(words: dict[str, str]) -> int:
    value = words.get("cursor") or "0"
    if not _CURSOR.fullmatch(value):
        fault = FilterFault("invalid_cursor", _("Diese Fortsetzung gibt es nicht."))
        raise FiltersInvalid({"cursor": fault})
    return int(value)


def _limit(value: str) -> int:
    if value and not (value.isascii() and value.isdigit() and int(value[:9]) > 0):
        fault = FilterFault("invalid_limit", _("Erwartet wird eine ganze Zahl ab 1."))
        raise FiltersInvalid({"limit": fault})
    return min(int(value[:9] or DEFAULT_LIMIT), MAX_LIMIT)


def _word(words: dict[str, Any], name: str) -> str:
    value: str = words.get(name, "").strip()
    if len(value) > MAX_WORD or "\x00" in value:
        fault = FilterFault("invalid_value", _("Dieser Wert kann nicht vorkommen."))
        raise FiltersInvalid({name: fault})
    return value
