"""The pages for people: what the data is, what each column means, what may be done with it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.towns import host_town
from opendata.answers import town_or_404
from opendata.columns import COLUMNS
from opendata.licences import attribution, licence_name
from reports.queries import public, public_feeds
from reports.queries.public_facts import TownFacts

PREVIEW_ROWS, MAP_ZOOM = 5, 12


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The towns that publish data; on a city's own host that city's page."""
    here = host_town(request)
    if here is not None:
        return town(request, here.slug)
    context = {"towns": public.towns(), "columns": COLUMNS}
    return render(request, "opendata/index.html", context)


@require_safe
def town(request: HttpRequest, slug: str) -> HttpResponse:
    """The data of one town: links, licence, method, a small preview."""
    facts = town_or_404(request, slug)
    return render(request, "opendata/town.html", _context(request, facts))


def _context(request: HttpRequest, facts: TownFacts) -> dict[str, Any]:
    return {
        "facts": facts,
        "columns": COLUMNS,
        "counts": public.counts(facts.slug),
        "preview": public.list_reports(facts.slug, page_size=PREVIEW_ROWS).reports,
        "changed_at": public_feeds.feed_state(facts.slug).last_change,
        "licence_name": licence_name(facts),
        "attribution": attribution(facts),
        "data": request.build_absolute_uri(reverse("opendata:town", args=[facts.slug])),
        "ogc": request.build_absolute_uri(reverse("opendata:ogc")),
        "lat": facts.lat,
        "lon": facts.lon,
        "zoom": MAP_ZOOM,
        "areas_url": f"{_pages(request, facts)}gebiete.geojson",
        "reports_url": f"{_pages(request, facts)}meldungen.geojson",
    }


def _pages(request: HttpRequest, facts: TownFacts) -> str:
    """Where the town's pages begin, seen from here: on its own host they lie at the root."""
    return "/" if host_town(request) else f"/{facts.slug}/"
