"""Who would be responsible, and why: for tools of the town's own staff, by a token of their own."""

from collections.abc import Mapping
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Municipality
from accounts.towns import host_town
from mobile_api.authentication import client_of
from mobile_api.errors import escaped
from mobile_api.parsers import StrictJSONParser, check_length
from mobile_api.permissions import MayExplainRouting
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.v1.base import PRIVATE, ApiView, answer
from mobile_api.v1.describing import ACCEPT_LANGUAGE, LANGUAGE, documented, problems
from mobile_api.v1.fields import AnswersField, NumberField, StrictSerializer, TextField
from mobile_api.v1.output import OutputSerializer
from reports.draft import TEXT_LIMIT
from reports.models import Priority, Source
from routing import coverage
from routing.answers import AnswersInvalid, check_answers
from routing.assignment import Assignment, assign
from routing.catalogue import find_category
from routing.models import Category

_TOWN_KEY: list[dict[str, list[str]]] = [{"appToken": []}]


class RoutingQuestionSerializer(StrictSerializer):
    """A case that could come in. Nothing of it is kept."""

    category = TextField(max_length=60)
    lat = NumberField(at_least=-90, at_most=90)
    lon = NumberField(at_least=-180, at_most=180)
    accuracy_m = NumberField(at_least=0, at_most=100_000, required=False, allow_null=True)
    at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text=_("Wann sie käme; auch die Regeln sind die von dann. Ohne Angabe jetzt."),
    )
    text = TextField(lines=0, max_length=TEXT_LIMIT, required=False, allow_blank=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=Source.values, required=False, default=Source.WEB
    )
    answers = AnswersField(required=False)


class ResponsibleOfficeSerializer(OutputSerializer):
    """An office by the id of this installation and the name on pages."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class RoutingExplanationSerializer(OutputSerializer):
    """The decision a report would get, and the way to it in sentences."""

    municipality = serializers.CharField()
    office = ResponsibleOfficeSerializer()
    first_look = serializers.BooleanField(
        help_text=_("Ob zuerst die Dispositionsstelle hineinsieht.")
    )
    district = serializers.CharField(allow_null=True)
    basis = serializers.CharField(help_text=_("Woran es lag, z. B. `rule` oder `category`."))
    rule = serializers.IntegerField(allow_null=True)
    rule_set_version = serializers.IntegerField(allow_null=True)
    is_danger = serializers.BooleanField()
    first_answer_due_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    priority = serializers.ChoiceField(choices=[name or "normal" for name in Priority.values])
    tags = serializers.ListField(child=serializers.CharField())
    sentences = serializers.ListField(
        child=serializers.CharField(), help_text=_("Auf Deutsch, wie im Vorgang.")
    )


_QUESTION: dict[str, Any] = {
    "category": "strasse.schlagloch",
    "lat": 49.1427,
    "lon": 9.2187,
    "at": "2026-12-24T23:10:00+01:00",
    "text": "Tiefes Schlagloch am Radweg",
}
_EXPLANATION: dict[str, Any] = {
    "municipality": "heilbronn",
    "office": {"id": 2, "name": "66 Amt für Straßenwesen"},
    "first_look": False,
    "district": "Innenstadt",
    "basis": "rule",
    "rule": 14,
    "rule_set_version": 3,
    "is_danger": False,
    "first_answer_due_at": "2026-12-29T07:00:00Z",
    "due_at": "2027-01-12T14:00:00Z",
    "priority": "normal",
    "tags": ["Radweg"],
    "sentences": ["Regel 20 „Schlaglöcher“ → 66 Amt für Straßenwesen.", "Regelwerk: Version 3."],
}

EXPLAIN_ROUTING = documented(
    operation_id="explainRouting",
    tags=["staff"],
    summary=_("Zuständigkeit erklären"),
    description=_(
        "Welches Amt für einen Fall zuständig wäre, bis wann, und warum: dieselbe Entscheidung wie "
        "für eine Meldung, ohne dass etwas angenommen oder gespeichert wird. Nur mit einem Token, "
        "dem die Verwaltung das Recht „darf Zuständigkeiten erklären lassen“ gegeben hat; ein "
        "Token einer Kommune fragt nur für diese Kommune."
    ),
    parameters=[LANGUAGE, ACCEPT_LANGUAGE],
    request={"application/json": RoutingQuestionSerializer},
    responses={200: RoutingExplanationSerializer}
    | problems(
        "invalid_request",
        "unreadable_body",
        "not_authenticated",
        "permission_denied",
        "not_covered",
        "length_required",
        "payload_too_large",
        "unsupported_media_type",
    ),
    examples=[
        OpenApiExample("frage", value=_QUESTION, request_only=True),
        OpenApiExample("antwort", value=_EXPLANATION, response_only=True, status_codes=["200"]),
    ],
    auth=_TOWN_KEY,
)


class ExplainRoutingView(ApiView):
    """`/routing/explain`."""

    parser_classes = [StrictJSONParser]
    permission_classes = [MayExplainRouting]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a long body before it is read."""
        check_length(request._request)
        super().initial(request, *args, **kwargs)

    @EXPLAIN_ROUTING
    def post(self, request: Request) -> Response:
        """Decide as for a report; by POST, so that the text stands in no address."""
        shape = RoutingQuestionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        asked = shape.validated_data
        point = Point(asked["lon"], asked["lat"], srid=4326)
        town = _town(request, point)
        category = find_category(town.pk, asked["category"])
        if category is None:
            raise _refused([Fault("invalid_choice", FIELD_FAULTS["invalid_choice"], "#/category")])
        found = assign(
            municipality_id=town.pk,
            category_id=category.pk,
            point=point,
            at=asked.get("at") or timezone.now(),
            answers=_answers(category, asked.get("answers") or {}),
            text=asked.get("text") or "",
            source=asked["source"],
            accuracy_m=asked.get("accuracy_m"),
        )
        body = RoutingExplanationSerializer(_explanation(town, found)).data
        return answer(body, {"Cache-Control": PRIVATE})


def _town(request: Request, point: Point) -> Municipality:
    """The town the place lies in. Raises Problem: none of ours, or not one this token is for."""
    here = host_town(request._request)
    found = coverage.town_at(point, among=[here.pk] if here else None)
    if found is None:
        raise Problem("not_covered")
    client = client_of(request)
    if client is None or client.municipality_id not in {None, found.pk}:
        raise Problem("permission_denied")
    return found


def _answers(category: Category, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Checked answers; what is not answered does not matter here. Raises Problem."""
    try:
        return check_answers(category.pk, given).values
    except AnswersInvalid as invalid:
        faults = [
            Fault("invalid", text, f"#/answers/{escaped(code)}")
            for code, text in invalid.errors.items()
            if code in given
        ]
        if faults:
            raise _refused(faults) from invalid
        return given


def _refused(faults: list[Fault]) -> Problem:
    return Problem("invalid_request", errors=faults)


def _explanation(town: Municipality, found: Assignment) -> dict[str, Any]:
    return {
        "municipality": town.slug,
        "office": {"id": found.office_id, "name": found.office_label},
        "first_look": found.first_look_by is not None,
        "district": found.district_name or None,
        "basis": str(found.basis),
        "rule": found.rule_id,
        "rule_set_version": found.rule_set_version,
        "is_danger": found.is_danger,
        "first_answer_due_at": found.first_answer_due_at,
        "due_at": found.due_at,
        "priority": found.effects.priority or "normal",
        "tags": list(found.effects.tags),
        "sentences": list(found.sentences),
    }
