"""Which municipality is here, and what can be reported to it."""

from functools import partial

from django.contrib.gis.geos import Point
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Municipality
from accounts.towns import host_town
from mobile_api.permissions import Everybody
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.v1 import documentation
from mobile_api.v1.base import ApiView, absolute, answer, point_of, speech_of
from mobile_api.v1.serializers import CatalogueSerializer, MunicipalitySerializer
from mobile_api.v1.submission import live_towns
from reports.queries import public
from routing import catalogue, coverage
from routing.offering import Moment


class MunicipalitiesView(ApiView):
    """`/municipalities`."""

    permission_classes = [Everybody]
    parameters = frozenset({"lat", "lon"})

    @documentation.LIST_MUNICIPALITIES
    def get(self, request: Request) -> Response:
        """All municipalities, or those that cover a place; on a city's own host only that one."""
        point = point_of(request)
        found = public.towns() if point is None else public.towns_at(*point)
        here = host_town(request._request)
        shown = [town for town in found if here is None or town.slug == here.slug]
        context = {"address": partial(absolute, request)}
        listed = MunicipalitySerializer(shown, many=True, context=context)
        return answer({"municipalities": listed.data})


class CategoriesView(ApiView):
    """`/categories`."""

    permission_classes = [Everybody]
    parameters = frozenset({"lat", "lon", "municipality"})

    @documentation.LIST_CATEGORIES
    def get(self, request: Request) -> Response:
        """The catalogue of a municipality, found by its slug or by a place."""
        town = _town(request)
        language = speech_of(request)
        point = point_of(request)
        moment = Moment(
            town,
            timezone.now(),
            point=Point(*point, srid=4326) if point else None,
            language=language,
        )
        offered = catalogue.offered_categories(town.pk, language=language, moment=moment)
        body = {
            "municipality": town.slug,
            "language": language,
            "emergency_contact": town.emergency_contact,
            "groups": [each for each in offered if each.is_group],
            "categories": [each for each in offered if not each.is_group],
        }
        return answer(CatalogueSerializer(body).data)


def _town(request: Request) -> Municipality:
    """Raises Problem where the municipality is unknown, missing, or does not cover the place."""
    here = host_town(request._request)
    slug = request.query_params.get("municipality", "").strip().lower()
    point = point_of(request)
    if slug:
        named = live_towns().filter(slug=slug[:40]).first()
        if named is None or (here is not None and here.pk != named.pk):
            raise Problem("not_found")
        here = named
    if point is None:
        if here is None:
            fault = Fault("required", FIELD_FAULTS["required"], parameter="municipality")
            raise Problem("invalid_request", errors=[fault])
        return here
    among = [here.pk] if here else None
    found = coverage.town_at(Point(*point, srid=4326), among=among)
    if found is None:
        raise Problem("not_covered")
    return found
