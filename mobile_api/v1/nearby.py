"""What is already known near a place, to be shown before somebody sends the same again."""

from functools import partial
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Municipality
from accounts.towns import host_town
from mobile_api.permissions import Everybody
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.v1.base import ApiView, absolute, answer, point_of
from mobile_api.v1.documentation_batch import LIST_NEARBY
from mobile_api.v1.incident_shapes import NearbyIncidentSerializer
from mobile_api.v1.serializers import NearbyReportSerializer
from reports.lifecycle import OPEN
from reports.queries import public
from reports.queries.known import incidents_here, reach_of, weigh
from reports.queries.public_filters import Circle, Filters
from routing import catalogue, coverage
from routing.models import Category

MOST = 10
RADIUS_M, LARGEST_RADIUS_M = 100, 1_000


class NearbyView(ApiView):
    """`/reports/nearby`."""

    permission_classes = [Everybody]
    parameters = frozenset({"lat", "lon", "category", "radius"})

    @LIST_NEARBY
    def get(self, request: Request) -> Response:
        """Open published cases of the same kind around a place, the nearest first."""
        point = point_of(request)
        if point is None:
            raise _fault("lat", "required")
        town = _town(request, point)
        category = _category(request, town)
        radius = _radius(request, category)
        filters = Filters(
            categories=(category.code,) if category else (),
            statuses=tuple(sorted(OPEN)),
            around=Circle(*point, radius),
        )
        found = public.list_reports(town.slug, filters, page_size=MOST).reports
        weighed = weigh(found, category, text="", now=timezone.now()) if category else []
        running = incidents_here(town.slug, category, point) if category else []
        context: dict[str, Any] = {
            "address": partial(absolute, request),
            "likeness": {each.report.number: each for each in weighed},
        }
        return answer(
            {
                "municipality": town.slug,
                "radius_m": radius,
                "incidents": NearbyIncidentSerializer(running, many=True, context=context).data,
                "reports": NearbyReportSerializer(found, many=True, context=context).data,
            }
        )


def _town(request: Request, point: tuple[float, float]) -> Municipality:
    here = host_town(request._request)
    found = coverage.town_at(Point(*point, srid=4326), among=[here.pk] if here else None)
    if found is None:
        raise Problem("not_covered")
    return found


def _category(request: Request, town: Municipality) -> Category | None:
    code = request.query_params.get("category", "").strip()
    if not code:
        return None
    category = catalogue.find_category(town.pk, code[:60])
    if category is None:
        raise _fault("category", "invalid_choice")
    return category


def _radius(request: Request, category: Category | None) -> int:
    """Metres: as asked, else as far as two reports of the kind may mean the same thing.

    Published places are rounded to a grid, so less than a cell of it would find nothing.
    """
    written = request.query_params.get("radius", "").strip()
    if not written:
        return reach_of(category) if category else RADIUS_M
    if not (written.isascii() and written.isdecimal() and len(written) <= 6):
        raise _fault("radius", "invalid")
    return max(1, min(int(written), LARGEST_RADIUS_M))


def _fault(parameter: str, code: str) -> Problem:
    fault = Fault(code, FIELD_FAULTS[code], parameter=parameter)
    return Problem("invalid_request", errors=[fault])
