"""The public page of one lamp, tree or bin: where it is, what is known, what was reported."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.towns import town_of
from public_web import report_cards
from public_web.kinds import shown_kinds
from public_web.views.map_page import place_map
from reports.queries import public, public_assets
from reports.queries.public_requests import Wanted


@require_safe
def asset_page(request: HttpRequest, layer: str, key: str) -> HttpResponse:
    """Public facts of a thing of a public layer and the published reports about it."""
    town = town_of(request)
    asset = public_assets.get_asset(town.slug, layer, key)
    if asset is None:
        raise Http404
    numbers = public_assets.numbers_about(town.slug, asset.reference)
    wanted = Wanted(numbers=tuple(numbers))
    reports = public.requests(town.slug, wanted, limit=len(numbers)) if numbers else []
    kinds = shown_kinds(town)
    context: dict[str, Any] = {
        "asset": asset,
        "facts": sorted(asset.attributes.items()),
        "reports": [report_cards.list_item(report, kinds) for report in reports],
        **place_map(town, asset.lon, asset.lat, None),
    }
    return render(request, "public_web/asset.html", context)
