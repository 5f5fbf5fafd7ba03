"""Open reports near a place that may be what somebody is about to send, for the form's script."""

import math
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.towns import town_of
from public_web.kinds import shown_kinds
from public_web.report_cards import incident_card, list_item
from reports.queries.known import incidents_here, known_nearby
from reports.queries.public_services import find_kind


@require_safe
def known(request: HttpRequest, code: str) -> HttpResponse:
    """`{"features": [{"properties": …}]}` with the reason in words; nothing for no place."""
    town = town_of(request)
    kind = find_kind(town.slug, code)
    if kind is None:
        raise Http404
    place = _place(request)
    found = known_nearby(town.slug, kind, place, text="", now=timezone.now()) if place else []
    running = incidents_here(town.slug, kind, place) if place else []
    kinds = shown_kinds(town)
    cards = [incident_card(each, kinds) for each in running]
    cards += [list_item(each.report, kinds) | {"reason": each.reason} for each in found]
    response = JsonResponse({"features": [{"properties": _properties(card)} for card in cards]})
    response["Cache-Control"] = "private, max-age=30"
    return response


def _properties(card: dict[str, Any]) -> dict[str, str]:
    return {
        "number": card["number"],
        "url": card["url"],
        "category": card["category_name"],
        "icon": card["category_icon"],
        "status_label": str(card["status_label"]),
        "reason": card["reason"],
    }


def _place(request: HttpRequest) -> tuple[float, float] | None:
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        return None
    fits = math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
    return (lon, lat) if fits else None
