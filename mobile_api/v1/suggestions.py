"""Which categories a text may be about, for people who know what they see, not how it is filed."""

from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mobile_api.parsers import StrictJSONParser, check_length
from mobile_api.permissions import Everybody
from mobile_api.problems import Words
from mobile_api.throttling import judge_suggestions
from mobile_api.v1.base import PRIVATE, ApiView, answer, speech_of
from mobile_api.v1.describing import (
    ACCEPT_LANGUAGE,
    LANGUAGE,
    NO_AUTH,
    documented,
    problems,
)
from mobile_api.v1.documentation_places import RETRY_AFTER
from mobile_api.v1.fields import NumberField, StrictSerializer, TextField
from mobile_api.v1.output import OutputSerializer, TextOrNull
from mobile_api.v1.submission import read_unfinished
from reports.draft import TEXT_LIMIT
from reports.queries.suggested import SuggestedKind, suggested_kinds
from routing import catalogue
from routing.offering import Moment
from suggestion.suggest import Basis

BASES = [each.value for each in Basis]


class DescriptionSerializer(StrictSerializer):
    """What somebody sees, in words, and where, as far as it is known."""

    description = TextField(lines=0, max_length=TEXT_LIMIT)
    municipality = TextField(
        max_length=40,
        required=False,
        allow_null=True,
        help_text=_("Kurzname der Kommune; ohne ihn gilt die am Ort."),
    )
    lat = NumberField(at_least=-90, at_most=90, required=False, allow_null=True)
    lon = NumberField(at_least=-180, at_most=180, required=False, allow_null=True)


class SuggestedCategorySerializer(OutputSerializer):
    """A category that may be meant."""

    code = serializers.CharField()
    name = serializers.CharField()
    group = TextOrNull(help_text=_("Name der Gruppe."))
    icon = TextOrNull()
    is_danger = serializers.BooleanField()
    probability = serializers.FloatField(
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text=_("Wie wahrscheinlich sie ist; null bei `words`."),
    )


class SuggestedCategoriesSerializer(OutputSerializer):
    """Up to three categories, the likeliest first; none where nothing can be said."""

    municipality = serializers.CharField()
    basis = serializers.ChoiceField(
        choices=BASES,
        help_text=_("`model`: aus früheren Fällen gelernt; `words`: aus Namen und Suchwörtern."),
    )
    is_sure = serializers.BooleanField(
        help_text=_("Ob schon die erste so oft stimmt, wie die Kommune verlangt.")
    )
    categories = SuggestedCategorySerializer(many=True)


SHAPES: dict[str, Words] = {
    "Description": _("Was jemand sieht, in Worten, und wo, soweit es bekannt ist."),
    "SuggestedCategory": _("Eine Anliegenart, die gemeint sein kann."),
    "SuggestedCategories": _("Bis zu drei Anliegenarten, die wahrscheinlichste zuerst."),
    "SuggestionBasis": _("Worauf Vorschläge beruhen."),
}

_EXAMPLE = {
    "municipality": "heilbronn",
    "basis": "model",
    "is_sure": True,
    "categories": [
        {
            "code": "licht.strassenlampe",
            "name": "Straßenbeleuchtung defekt",
            "group": "Beleuchtung und Verkehr",
            "icon": "lamp",
            "is_danger": False,
            "probability": 0.931,
        }
    ],
}

SUGGEST_CATEGORIES = documented(
    operation_id="suggestCategories",
    tags=["places"],
    summary=_("Anliegenarten vorschlagen"),
    description=_(
        "Bis zu drei Anliegenarten zu einer Beschreibung, die wahrscheinlichste zuerst. Eine leere "
        "Liste heißt: bitte selbst wählen lassen; so ist es auch bei Texten, die nicht deutsch "
        "sind. Beim Tippen 500 ms Pause abwarten. Der Text wird weder gespeichert noch "
        "protokolliert; gefragt wird mit POST, damit er in keiner Adresse steht."
    ),
    parameters=[RETRY_AFTER, LANGUAGE, ACCEPT_LANGUAGE],
    request={"application/json": DescriptionSerializer},
    responses={200: SuggestedCategoriesSerializer}
    | problems(
        "invalid_request",
        "unreadable_body",
        "length_required",
        "payload_too_large",
        "unsupported_media_type",
        "report_refused",
        "too_many_requests",
    ),
    examples=[
        OpenApiExample(
            "frage",
            value={"municipality": "heilbronn", "description": "Laterne brennt nicht"},
            request_only=True,
        ),
        OpenApiExample("antwort", value=_EXAMPLE, response_only=True, status_codes=["200"]),
    ],
    auth=NO_AUTH,
)


class SuggestionsView(ApiView):
    """`/suggestions`."""

    parser_classes = [StrictJSONParser]
    permission_classes = [Everybody]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a long body before it is read."""
        check_length(request._request)
        super().initial(request, *args, **kwargs)

    @SUGGEST_CATEGORIES
    def post(self, request: Request) -> Response:
        """What may be meant; nothing is kept, counted by content or logged."""
        shape = DescriptionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        judge_suggestions(request)
        sent, given = read_unfinished(request, shape.validated_data | {"place_chosen_by": "map"})
        here = (sent.draft.lon, sent.draft.lat) if {"lat", "lon"} <= given else None
        now, language = timezone.now(), speech_of(request)
        point = Point(*here, srid=4326) if here else None
        moment = Moment(sent.town, now, point=point, language=language)
        offered = catalogue.offered_categories(sent.town.pk, language=language, moment=moment)
        lon, lat = here or (None, None)
        found = suggested_kinds(
            sent.town, sent.draft.description, offered, now=now, lon=lon, lat=lat
        )
        body = {
            "municipality": sent.town.slug,
            "basis": found.basis.value,
            "is_sure": found.is_sure,
            "categories": [_as_values(each) for each in found.kinds],
        }
        return answer(SuggestedCategoriesSerializer(body).data, {"Cache-Control": PRIVATE})


def _as_values(each: SuggestedKind) -> dict[str, Any]:
    return {
        "code": each.kind.code,
        "name": each.kind.name,
        "group": each.group.name if each.group else None,
        "icon": each.kind.icon,
        "is_danger": each.kind.is_danger,
        "probability": each.probability,
    }
