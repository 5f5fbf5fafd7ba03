"""The inventory at the desk: find a lamp by its number, see what it went through."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.towns import host_town
from reports.policies import may_enter
from reports.queries import assets as queries
from routing.asset import Asset
from routing.assets import FoundAsset, asset_of, assets_near
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain, point_in


@desk_page()
def assets(request: DeskRequest) -> HttpResponse:
    """Search by number, the layers of the town, and what failed conspicuously often."""
    staff = request.desk.staff
    words = plain(request.GET.get("q", "")).strip()[:80]
    found = queries.found_things(staff, words) if words else []
    if len(found) == 1:
        return redirect("staff_desk:asset", found[0].layer_code, _key_of(found[0]))
    context: dict[str, Any] = {
        "words": words,
        "found": [(thing, _key_of(thing)) for thing in found],
        "layers": queries.layers_of(staff),
        "conspicuous": queries.conspicuous(staff),
    }
    return render_desk(request, "staff_desk/assets.html", context, current="assets")


@desk_page()
def asset(request: DeskRequest, layer: str, key: str) -> HttpResponse:
    """One thing with all its cases, as far as the person may see them, and the time between."""
    thing = asset_of(request.desk.town.pk, layer, key)
    if thing is None:
        raise Http404
    history = queries.history_of(request.desk.staff, thing, now=timezone.now())
    context = {
        "thing": thing,
        "facts": sorted(thing.attributes.items()),
        "history": history,
        **_map(request, thing),
    }
    return render_desk(request, "staff_desk/asset.html", context, current="assets")


@desk_page(needs=may_enter)
def near(request: DeskRequest) -> HttpResponse:
    """Things near a place, for the form that takes reports down; also those that are not public."""
    point = point_in(request.GET)
    code = plain(request.GET.get("category", ""))[:60]
    found = assets_near(request.desk.town.pk, code, point) if point is not None and code else []
    rows = [
        {"reference": each.reference, "label": each.label, "distance_m": each.distance_m}
        for each in found
    ]
    return JsonResponse({"assets": rows})


def _key_of(thing: FoundAsset) -> str:
    return thing.reference.partition(":")[2]


def _map(request: DeskRequest, thing: Asset) -> dict[str, Any]:
    town = request.desk.town
    root = "/" if host_town(request) else f"/{town.slug}/"
    return {
        "lat": thing.place.y,
        "lon": thing.place.x,
        "point": {"lat": thing.place.y, "lon": thing.place.x, "accuracy": None},
        "areas_url": f"{root}gebiete.geojson",
        "tile_url": f"{root}kacheln/{{z}}/{{x}}/{{y}}.png" if town.tile_url else "",
        "tile_attribution": town.tile_attribution,
    }
