"""Searching for places and naming points, from the house's own gazetteer."""

from dataclasses import asdict

from django.contrib.gis.geos import Point
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Municipality
from accounts.towns import host_town
from mobile_api.permissions import Everybody
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.throttling import judge_searches
from mobile_api.v1.base import ApiView, answer, point_of
from mobile_api.v1.documentation_places import DESCRIBE_POINT, SEARCH_PLACES
from mobile_api.v1.place_shapes import PointInWordsSerializer, SuggestionSerializer
from mobile_api.v1.submission import live_towns
from places import lookup
from routing import coverage

# What one person typed belongs in no cache that others share.
OWN_CACHE = "private, max-age=300"
FARTHEST_M = 100_000


class PlacesView(ApiView):
    """`/places`."""

    permission_classes = [Everybody]
    parameters = frozenset({"q", "municipality", "lat", "lon", "limit"})
    cache_control = OWN_CACHE

    @SEARCH_PLACES
    def get(self, request: Request) -> Response:
        """Addresses, streets and named places whose name fits a text, the best first."""
        text = request.query_params.get("q", "").strip()
        if not text:
            raise _fault("q", "required")
        if not lookup.SHORTEST_TEXT <= len(text) <= lookup.LONGEST_TEXT:
            raise _fault("q", "max_length" if len(text) > lookup.LONGEST_TEXT else "invalid")
        limit = _limit(request)
        near = point_of(request)
        judge_searches(request)
        town = _town(request, near)
        found = lookup.search(text, town, near=near, limit=limit)
        places = SuggestionSerializer(found, many=True).data
        return answer({"municipality": town.slug, "places": places})


class PointView(ApiView):
    """`/places/at`."""

    permission_classes = [Everybody]
    parameters = frozenset({"lat", "lon", "accuracy_m"})
    cache_control = OWN_CACHE

    @DESCRIBE_POINT
    def get(self, request: Request) -> Response:
        """The address, street or named place at a point, in words."""
        point = point_of(request)
        if point is None:
            raise _fault("lat", "required")
        accuracy = _accuracy(request)
        judge_searches(request)
        here = host_town(request._request)
        town = coverage.town_at(Point(*point, srid=4326), among=[here.pk] if here else None)
        if town is None:
            raise Problem("not_covered")
        found = lookup.describe(town, *point, accuracy_m=accuracy)
        body = asdict(found) | {"municipality": town.slug, "sentence": found.sentence}
        return answer(PointInWordsSerializer(body).data)


def _town(request: Request, near: tuple[float, float] | None) -> Municipality:
    """The named town, the one whose host was asked, or the one around a point; Problem if none."""
    here = host_town(request._request)
    slug = request.query_params.get("municipality", "").strip().lower()
    if slug:
        named = live_towns().filter(slug=slug[:40]).first()
        if named is None or (here is not None and here.pk != named.pk):
            raise Problem("not_found")
        return named
    if here is not None:
        return here
    if near is None:
        raise _fault("municipality", "required")
    found = coverage.town_at(Point(*near, srid=4326))
    if found is None:
        raise Problem("not_covered")
    return found


def _limit(request: Request) -> int:
    written = request.query_params.get("limit", "").strip() or "8"
    if not (written.isascii() and written.isdecimal() and len(written) <= 3):
        raise _fault("limit", "invalid")
    if not 1 <= int(written) <= lookup.MOST_SUGGESTIONS:
        raise _fault("limit", "max_value" if int(written) else "min_value")
    return int(written)


def _accuracy(request: Request) -> float | None:
    written = request.query_params.get("accuracy_m", "").strip()
    if not written:
        return None
    try:
        metres = float(written) if len(written) <= 20 else -1.0
    except ValueError:
        raise _fault("accuracy_m", "invalid") from None
    if not 0 <= metres <= FARTHEST_M:
        raise _fault("accuracy_m", "invalid")
    return metres


def _fault(parameter: str, code: str) -> Problem:
    fault = Fault(code, FIELD_FAULTS[code], parameter=parameter)
    return Problem("invalid_request", errors=[fault])
