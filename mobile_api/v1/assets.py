"""Things of the inventory a report may be about: lamps, trees, bins near a place."""

from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Municipality
from accounts.towns import host_town
from mobile_api.permissions import Everybody
from mobile_api.problems import FIELD_FAULTS, Fault, Problem, Words
from mobile_api.throttling import judge_searches
from mobile_api.v1.base import ApiView, answer, point_of
from mobile_api.v1.describing import (
    ACCEPT_LANGUAGE,
    LANGUAGE,
    LAT,
    LON,
    NO_AUTH,
    documented,
    problems,
    query,
)
from mobile_api.v1.documentation_places import RETRY_AFTER
from mobile_api.v1.output import OutputSerializer
from reports.queries import public_assets
from routing import catalogue, coverage

OWN_CACHE = "private, max-age=300"
LONGEST_NUMBER = 80


class AssetSerializer(OutputSerializer):
    """A thing that may be meant."""

    reference = serializers.CharField(help_text=_("Für `assets` einer Meldung; bleibt gleich."))
    label = serializers.CharField()  # type: ignore[assignment]
    layer = serializers.CharField(source="layer_code")
    layer_name = serializers.CharField()
    icon = serializers.CharField()
    lat = serializers.FloatField()
    lon = serializers.FloatField()
    distance_m = serializers.IntegerField(
        allow_null=True, help_text=_("Entfernung zum Ort; null bei der Suche nach einer Nummer.")
    )
    attributes = serializers.DictField(
        child=serializers.CharField(), help_text=_("Was die Kommune von ihm veröffentlicht.")
    )


class AssetListSerializer(OutputSerializer):
    """Things that may be meant, the nearest first."""

    municipality = serializers.CharField()
    kinds = serializers.ListField(
        child=serializers.CharField(),
        help_text=_("Wie ein Objekt heißt, z. B. Leuchte; leer: zur Art gibt es keine."),
    )
    assets = AssetSerializer(many=True)


SHAPES: dict[str, Words] = {
    "Asset": _("Ein Objekt der Kommune, um das es gehen kann."),
    "AssetList": _("Objekte der Kommune, die nächsten zuerst."),
}

_EXAMPLE = {
    "municipality": "heilbronn",
    "kinds": ["Leuchte"],
    "assets": [
        {
            "reference": "leuchten:4711",
            "label": "Leuchte 4711",
            "layer": "leuchten",
            "layer_name": "Straßenlampen",
            "icon": "lamp",
            "lat": 49.1421,
            "lon": 9.2187,
            "distance_m": 12,
            "attributes": {},
        }
    ],
}

LIST_ASSETS = documented(
    operation_id="listAssets",
    tags=["places"],
    summary=_("Objekte in der Nähe"),
    description=_(
        "Lampen, Bäume, Papierkörbe und andere Objekte, um die es bei einer Anliegenart gehen "
        "kann, um einen Ort, die nächsten zuerst; mit `number` die, auf denen diese Nummer steht, "
        "gleich wie weit weg. Wer meldet, kann eines oder mehrere nennen oder keines."
    ),
    parameters=[
        LAT,
        LON,
        query(
            "category",
            _("Code der Anliegenart; Pflicht."),
            {"type": "string", "maxLength": 60},
            example="licht.strassenlampe",
        ),
        query(
            "number",
            _("Nummer, wie sie auf dem Objekt steht."),
            {"type": "string", "maxLength": LONGEST_NUMBER},
            example="Leuchte 4711",
        ),
        RETRY_AFTER,
        LANGUAGE,
        ACCEPT_LANGUAGE,
    ],
    responses={
        200: AssetListSerializer,
        **problems("invalid_request", "not_covered", "too_many_requests"),
    },
    examples=[OpenApiExample("antwort", value=_EXAMPLE, response_only=True, status_codes=["200"])],
    auth=NO_AUTH,
)


class AssetsView(ApiView):
    """`/assets`."""

    permission_classes = [Everybody]
    parameters = frozenset({"lat", "lon", "category", "number"})
    cache_control = OWN_CACHE

    @LIST_ASSETS
    def get(self, request: Request) -> Response:
        """Things around a place that a report of a category may be about."""
        point = point_of(request)
        if point is None:
            raise _fault("lat", "required")
        code = request.query_params.get("category", "").strip()[:60]
        if not code:
            raise _fault("category", "required")
        number = request.query_params.get("number", "").strip()
        if len(number) > LONGEST_NUMBER:
            raise _fault("number", "max_length")
        judge_searches(request)
        town = _town(request, point)
        if catalogue.find_category(town.pk, code) is None:
            raise _fault("category", "invalid_choice")
        found = (
            public_assets.assets_named(town.slug, code, number)
            if number
            else public_assets.assets_near(town.slug, code, *point)
        )
        kinds = public_assets.kinds_offered(town.slug, code)
        body = {"municipality": town.slug, "kinds": kinds, "assets": found}
        return answer(AssetListSerializer(body).data)


def _town(request: Request, point: tuple[float, float]) -> Municipality:
    here = host_town(request._request)
    found = coverage.town_at(Point(*point, srid=4326), among=[here.pk] if here else None)
    if found is None:
        raise Problem("not_covered")
    return found


def _fault(parameter: str, code: str) -> Problem:
    fault = Fault(code, FIELD_FAULTS[code], parameter=parameter)
    return Problem("invalid_request", errors=[fault])
