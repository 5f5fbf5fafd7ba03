"""One incident as everybody may see it, and the shapes of those that go on."""

import json
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from accounts.towns import town_of
from public_web.kinds import shown_kinds
from public_web.views.map_page import map_settings
from reports.lifecycle import ClosingReason
from reports.queries import public_incidents
from reports.queries.public_incidents import IncidentFacts


@require_safe
def incident_page(request: HttpRequest, incident_id: int) -> HttpResponse:
    """What goes on, what the town says to it, and where."""
    town = town_of(request)
    found = public_incidents.incident(town.slug, incident_id)
    if found is None:
        raise Http404
    kinds = shown_kinds(town)
    context = {
        "incident": found,
        "category_name": kinds.name(found.category_code, found.category_name),
        "category_icon": kinds.icon(found.category_code),
        "news": [_news(each) for each in reversed(found.news)],
        **map_settings(town),
        "reports_url": "",
        "incidents_url": reverse("public_web:incident_shape", args=[found.id]),
    }
    return render(request, "public_web/incident.html", context)


@require_safe
def shape(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The shape of one incident as GeoJSON (RFC 7946)."""
    found = public_incidents.incident(town_of(request).slug, incident_id)
    if found is None:
        raise Http404
    return _shapes([found])


@require_safe
def shapes(request: HttpRequest) -> HttpResponse:
    """The shapes of all incidents that go on, for the map of the first page."""
    return _shapes(public_incidents.running_incidents(town_of(request).slug))


def _shapes(found: list[IncidentFacts]) -> HttpResponse:
    features = [
        {
            "type": "Feature",
            "id": each.id,
            "geometry": json.loads(each.outline),
            "properties": {
                "title": each.title,
                "url": reverse("public_web:incident", args=[each.id]),
            },
        }
        for each in found
        if each.outline
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    response = HttpResponse(content, content_type="application/geo+json")
    response["Cache-Control"] = "public, max-age=60"
    return response


def _news(news: dict[str, Any]) -> dict[str, Any]:
    reason = news["closing_reason"]
    at: datetime | None = parse_datetime(news["at"])
    return {
        "text": news["text"],
        "at": at,
        "reason": ClosingReason(reason).label if reason else "",
    }
