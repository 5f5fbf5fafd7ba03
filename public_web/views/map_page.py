"""Map and list of what is public, and the page of one public report."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.models import Municipality
from accounts.towns import town_of
from public_web import list_filters, receipt_cookie, report_cards, wording
from public_web.kinds import Names, shown_kinds
from reports.lifecycle import OPEN, ClosingReason, Status
from reports.queries import public, public_assets, public_incidents
from reports.queries.public_facts import MapPoint, ReportFacts, ReportPage
from reports.queries.public_filters import WORDS, Filters, FiltersInvalid, read_filters

FEATURE_LIMIT = 2_000
TOWN_ZOOM, PLACE_ZOOM = 12, 16


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The town's first page: report something, see what is going on, as map and as list."""
    town = town_of(request)
    asked = list_filters.asked_filters(request.GET, timezone.localdate())
    page = _page(town, asked.filters, request.GET.get(list_filters.PAGE))
    kinds = shown_kinds(town)
    counts = public.counts(town.slug)
    back, onward = list_filters.page_links(request.GET, page.next_cursor)
    context: dict[str, Any] = {
        "reports": [report_cards.list_item(report, kinds) for report in page.reports],
        "total": counts.total,
        "open_total": counts.open,
        "done_total": counts.closed,
        "filters": list_filters.select_fields(kinds.groups, asked.words),
        "filtered": asked.is_filtered,
        "faults": asked.faults,
        "previous_url": back,
        "next_url": onward,
        "report_url": reverse("public_web:choose_category"),
        "incidents": public_incidents.running_incidents(town.slug),
        "incidents_url": reverse("public_web:incident_shapes"),
        **map_settings(town),
    }
    return render(request, "public_web/home.html", context)


@require_safe
def report_page(request: HttpRequest, number: str) -> HttpResponse:
    """One public report; whoever holds its receipt is shown the way to it. 404 to strangers."""
    town = town_of(request)
    report = public.get_report(number, town.slug)
    held = receipt_cookie.held_report(request, number)
    if report is None:
        if held is None:
            raise Http404
        return redirect("public_web:receipt", number=held.number)
    return render(request, "public_web/report.html", _report_context(town, report, held))


@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """Dots for the map as GeoJSON (RFC 7946); unknown or senseless filters answer 400."""
    town = town_of(request)
    words = {key: value for key, value in request.GET.items() if isinstance(value, str) and value}
    try:
        filters = read_filters(list_filters.with_period(words, timezone.localdate()), allowed=WORDS)
    except FiltersInvalid as invalid:
        faults = {name: str(fault.message) for name, fault in invalid.faults.items()}
        return JsonResponse({"errors": faults}, status=400)
    found = public.map_points(town.slug, filters.box, filters, FEATURE_LIMIT)
    kinds = shown_kinds(town)
    features = [_dot(point, kinds) for point in found.points]
    content = {"type": "FeatureCollection", "features": features, "complete": found.is_complete}
    response = _geojson(content, "private, max-age=30")
    patch_vary_headers(response, ["Cookie"])  # the words follow the visitor's language
    return response


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
    return _geojson({"type": "FeatureCollection", "features": features}, "public, max-age=3600")


def map_settings(town: Municipality) -> dict[str, Any]:
    """What the map component needs: middle, outlines, and tiles only if the town chose some."""
    tiles = f"{reverse('public_web:home')}kacheln/{{z}}/{{x}}/{{y}}.png" if town.tile_url else ""
    return {
        "lat": town.center.y,
        "lon": town.center.x,
        "zoom": TOWN_ZOOM,
        "areas_url": reverse("public_web:areas"),
        "reports_url": reverse("public_web:points"),
        "tile_url": tiles,
        "tile_attribution": town.tile_attribution,
    }


def place_map(town: Municipality, lon: float, lat: float, radius_m: float | None) -> dict[str, Any]:
    """The same for one fixed place, with the circle that the real place lies in."""
    return {
        **map_settings(town),
        "reports_url": "",
        "lat": lat,
        "lon": lon,
        "zoom": PLACE_ZOOM if (radius_m or 0) < 200 else TOWN_ZOOM + 1,
        "point": {"lat": lat, "lon": lon, "accuracy": radius_m},
    }


def _dot(point: MapPoint, kinds: Names) -> dict[str, Any]:
    # Of a coarse report only the month is known; a day would be invented.
    only_month = kinds.is_coarse(point.category_code)
    return {
        "type": "Feature",
        "id": point.number,
        "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]},
        "properties": {
            "number": point.number,
            "category": kinds.name(point.category_code, point.category_name),
            "icon": kinds.icon(point.category_code),
            "status": point.status,
            "status_label": str(Status(point.status).label),
            "place": wording.public_moment(point.received_at, "month") if only_month else "",
            "received_at": "" if only_month else point.received_at.isoformat(),
            "url": reverse("public_web:report", args=[point.number]),
        },
    }


def _page(town: Municipality, filters: Filters, cursor: str | None) -> ReportPage:
    try:
        return public.list_reports(town.slug, filters, cursor or None)
    except public.CursorInvalid:
        return public.list_reports(town.slug, filters)


def _report_context(town: Municipality, report: ReportFacts, held: object | None) -> dict[str, Any]:
    kinds = shown_kinds(town)
    reason = report.closing_reason
    return {
        "report": report,
        "category_name": kinds.name(report.category_code, report.category_name),
        "category_icon": kinds.icon(report.category_code),
        "status_label": Status(report.status).label,
        "situation": wording.situation(
            report.status, closing_reason=reason, office=report.office_name
        ),
        "reason_label": ClosingReason(reason).label if reason else "",
        "steps": wording.progress(report.status),
        "received_words": wording.public_moment(report.received_at, report.time_precision),
        "closed_words": wording.public_moment(report.closed_at, report.time_precision)
        if report.closed_at
        else "",
        "precision_words": wording.precision_words(report.precision_m),
        "photos": report_cards.photos_of(report),
        "things": public_assets.named_by([report.number]).get(report.number, []),
        "held": held,
        "can_support": _counts(report) and report.status in OPEN,
        **place_map(town, report.lon, report.lat, report.precision_m),
    }


def _counts(report: ReportFacts) -> bool:
    """Whether people may join in: of coarse reports not even their number is told."""
    return report.supports is not None and report.time_precision != "month"


def _geojson(content: dict[str, Any], cache: str) -> HttpResponse:
    response = HttpResponse(
        json.dumps(content, ensure_ascii=False), content_type="application/geo+json"
    )
    response["Cache-Control"] = cache
    return response
