"""The pages for people: what the data is, what each column means, what may be done with it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.towns import host_town
from opendata.answers import town_or_404
from opendata.columns import COLUMNS
from reports.queries import public
from reports.queries.public_facts import TownFacts

PREVIEW_ROWS = 5


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
    return render(request, "opendata/town.html", _context(facts))


def _context(facts: TownFacts) -> dict[str, Any]:
    return {
        "facts": facts,
        "columns": COLUMNS,
        "counts": public.counts(facts.slug),
        "preview": public.list_reports(facts.slug, page_size=PREVIEW_ROWS).reports,
    }
