"""What is already known near a place, to be shown before somebody sends the same again."""

from functools import partial
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.towns import host_town
from mobile_api.permissions import Everybody
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.v1.base import ApiView, absolute, answer, point_of
from mobile_api.v1.documentation_batch import LIST_NEARBY
from mobile_api.v1.incident_shapes import NearbyIncidentSerializer
from mobile_api.v1.serializers import NearbyReportSerializer
from reports.lifecycle import OPEN
from reports.queries import public
from reports.queries.known import incidents_here, weigh
from reports.queries.public_filters import Circle, Filters
from reports.queries.public_services import ReportKind, find_kind

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
        slug = _town(request, point)
        kind = _kind(request, slug)
        radius = _radius(request, kind)
        filters = Filters(
            categories=(kind.code,) if kind else (),
            statuses=tuple(sorted(OPEN)),
            around=Circle(*point, radius),
        )
        found = public.list_reports(slug, filters, page_size=MOST).reports
        weighed = weigh(found, kind, text="", now=timezone.now()) if kind else []
        running = incidents_here(slug, kind, point) if kind else []
        context: dict[str, Any] = {
            "address": partial(absolute, request),
            "likeness": {each.report.number: each for each in weighed},
        }
        return answer(
            {
                "municipality": slug,
                "radius_m": radius,
                "incidents": NearbyIncidentSerializer(running, many=True, context=context).data,
                "reports": NearbyReportSerializer(found, many=True, context=context).data,
            }
        )


def _town(request: Request, point: tuple[float, float]) -> str:
    """The slug of the municipality there; on a city's own host only this one."""
    here = host_town(request._request)
    found = [each.slug for each in public.towns_at(*point)]
    if here is not None:
        found = [slug for slug in found if slug == here.slug]
    if not found:
        raise Problem("not_covered")
    return found[0]


def _kind(request: Request, slug: str) -> ReportKind | None:
    code = request.query_params.get("category", "").strip()
    if not code:
        return None
    kind = find_kind(slug, code[:60])
    if kind is None:
        raise _fault("category", "invalid_choice")
    return kind


def _radius(request: Request, kind: ReportKind | None) -> int:
    """Metres: as asked, else as far as two reports of the kind may mean the same thing.

    Published places are rounded to a grid, so less than a cell of it would find nothing.
    """
    written = request.query_params.get("radius", "").strip()
    if not written:
        return kind.reach_m if kind else RADIUS_M
    if not (written.isascii() and written.isdecimal() and len(written) <= 6):
        raise _fault("radius", "invalid")
    return max(1, min(int(written), LARGEST_RADIUS_M))


def _fault(parameter: str, code: str) -> Problem:
    fault = Fault(code, FIELD_FAULTS[code], parameter=parameter)
    return Problem("invalid_request", errors=[fault])
