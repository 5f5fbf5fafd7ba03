"""The catalogue in the three syntaxes harvesters ask for; on a city's own host only that city."""

from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.towns import host_town
from opendata import catalogue
from opendata.answers import Body, answer, data_view, seconds, single_words
from opendata.catalogue import Site, Town
from reports.queries import public, public_feeds
from reports.queries.public_facts import FeedState, TownFacts

SYNTAXES = {
    "ttl": ("turtle", "text/turtle; charset=utf-8"),
    "rdf": ("pretty-xml", "application/rdf+xml"),
    "jsonld": ("json-ld", "application/ld+json"),
}


@data_view
def catalog(request: HttpRequest, syntax: str) -> HttpResponseBase:
    """All datasets, their files and services (DCAT-AP.de 3.0)."""
    if syntax not in SYNTAXES:
        raise Http404
    single_words(request, known=())
    here = host_town(request)
    facts = [town for town in public.towns() if here is None or town.slug == here.slug]
    states = {town.slug: public_feeds.feed_state(town.slug) for town in facts}
    form, kind = SYNTAXES[syntax]
    site = _site(request)
    towns = [_town(request, town, states[town.slug]) for town in facts]
    graph = catalogue.graph_of(site, towns)
    # Short names instead of whole addresses, where there is a choice.
    body = graph.serialize(format=form, encoding="utf-8", auto_compact=True)
    last = max(filter(None, (seconds(state) for state in states.values())), default=None)
    return answer(request, Body([body], kind, (site, towns, syntax), last))


def _town(request: HttpRequest, town: TownFacts, state: FeedState) -> Town:
    zone = ZoneInfo(town.time_zone)
    earliest = public_feeds.earliest(town.slug)
    return Town(
        town,
        state.last_change.astimezone(zone) if state.last_change else None,
        earliest.astimezone(zone) if earliest else None,
        request.build_absolute_uri(reverse("opendata:town", args=[town.slug])),
    )


def _site(request: HttpRequest) -> Site:
    def there(path: str) -> str:
        return request.build_absolute_uri(path)

    return Site(
        there(reverse("opendata:index")),
        there(reverse("opendata:ogc")),
        there("/open311/v2/"),
        there(reverse("mobile_api:reference")),
    )
