"""Map and list of what is public, and the page of one public report."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Municipality
from accounts.towns import town_of
from public_web import receipt_cookie
from reports.lifecycle import Status
from reports.queries import public
from reports.queries.public_filters import Filters, FiltersInvalid, read_filters

FEATURE_LIMIT = 2_000
SHORT_CACHE = "public, max-age=30"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The town's first page: report something, see what is going on, as map and as list."""
    town = town_of(request)
    filters, faults = _filters(request)
    try:
        page = public.list_reports(town.slug, filters, request.GET.get("seite") or None)
    except public.CursorInvalid:
        page = public.list_reports(town.slug, filters)
    context: dict[str, Any] = {
        "page": page,
        "counts": public.counts(town.slug),
        "categories": public.categories(town.slug),
        "statuses": [status for status in Status if status != Status.WITHDRAWN],
        "filters": filters,
        "faults": faults,
        "query": _query_without_page(request),
        "map": map_settings(town),
    }
    return render(request, "public_web/home.html", context)


@require_safe
def report_page(request: HttpRequest, number: str) -> HttpResponse:
    """One public report; whoever holds its receipt is shown the way to it. 404 to strangers."""
    town = town_of(request)
    report = public.get_report(number, town.slug)
    held = receipt_cookie.held_report(request, number)
    if report is None and held is None:
        raise Http404
    context = {"report": report, "number": number, "held": held, "map": map_settings(town)}
    return render(request, "public_web/report.html", context)


@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """Dots for the map as GeoJSON (RFC 7946); unknown or senseless filters answer 400."""
    town = town_of(request)
    try:
        filters = read_filters({key: value for key, value in request.GET.items() if value})
    except FiltersInvalid as invalid:
        faults = {name: str(fault.message) for name, fault in invalid.faults.items()}
        return JsonResponse({"errors": faults}, status=400)
    found = public.map_points(town.slug, filters.box, filters, FEATURE_LIMIT)
    labels = dict(Status.choices)
    icons = {category.code: category.icon for category in public.categories(town.slug)}
    features = [
        {
            "type": "Feature",
            "id": point.number,
            "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]},
            "properties": {
                "number": point.number,
                "category": point.category_name,
                "icon": icons.get(point.category_code, ""),
                "status": point.status,
                "status_label": str(labels[point.status]),
                "received_at": point.received_at.isoformat(),
                "url": reverse("public_web:report", args=[point.number]),
            },
        }
        for point in found.points
    ]
    content = {
        "type": "FeatureCollection",
        "features": features,
        "complete": found.is_complete,
    }
    return _geojson(content)


@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """Outlines of the town's districts: the map, where no tiles can be had."""
    town = town_of(request)
    features = [
        {
            "type": "Feature",
            "id": outline.key,
            "geometry": json.loads(outline.geometry),
            "properties": {"name": outline.name, "level": outline.level},
        }
        for outline in public.districts(town.slug)
    ]
    response = _geojson({"type": "FeatureCollection", "features": features})
    response["Cache-Control"] = "public, max-age=3600"
    return response


def map_settings(town: Municipality) -> dict[str, Any]:
    """What the map component needs: middle, outlines, and tiles only if the town chose some."""
    return {
        "lat": town.center.y,
        "lon": town.center.x,
        "zoom": 12,
        "areas_url": reverse("public_web:areas"),
        "reports_url": reverse("public_web:points"),
        "tile_url": f"{reverse('public_web:home')}kacheln/{{z}}/{{x}}/{{y}}.png"
        if town.tile_url
        else "",
        "tile_attribution": town.tile_attribution,
        "language": settings.LANGUAGE_CODE,
    }


def _filters(request: HttpRequest) -> tuple[Filters, dict[str, str]]:
    """Filters of the list from the query; a senseless one is named and left out."""
    words = {key: value for key, value in request.GET.items() if value and key != "seite"}
    known = {key: value for key, value in words.items() if key in {"category", "status", "since"}}
    try:
        return read_filters(known), {}
    except FiltersInvalid as invalid:
        return Filters(), {name: str(fault.message) for name, fault in invalid.faults.items()}


def _query_without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("seite", None)
    return query.urlencode()


def _geojson(content: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(
        json.dumps(content, ensure_ascii=False), content_type="application/geo+json"
    )
    response["Cache-Control"] = SHORT_CACHE
    return response
