"""Try a report before sending it: what is wrong, what to tell the person, what would follow."""

from dataclasses import replace
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mobile_api.parsers import StrictJSONParser, check_length
from mobile_api.permissions import Everybody
from mobile_api.v1.base import PRIVATE, ApiView, answer
from mobile_api.v1.describing import (
    ACCEPT_LANGUAGE,
    LANGUAGE,
    NO_AUTH,
    documented,
    problems,
)
from mobile_api.v1.fields import NumberField, TextField
from mobile_api.v1.output import OutputSerializer, TextOrNull
from mobile_api.v1.serializers import (
    ElsewhereSerializer,
    FaultSerializer,
    ReportDraftSerializer,
)
from mobile_api.v1.submission import Sent, elsewhere_of, faults_of, read_unfinished
from reports.draft import Draft
from reports.notices import Asks, Notice, NoticeKind
from reports.outlook import outlook
from textguard.spans import Confidence, Kind

PERSONAL_DATA_KINDS = [kind.value for kind in Kind]
CONFIDENCES = [confidence.value for confidence in Confidence]
NOTICE_KINDS = [kind.value for kind in NoticeKind]
QUESTIONS = [asks.value for asks in Asks if asks]


class UnfinishedReportSerializer(ReportDraftSerializer):
    """A report as far as it is known; whatever is missing is not complained about."""

    category = TextField(max_length=60, required=False, allow_null=True)
    lat = NumberField(at_least=-90, at_most=90, required=False, allow_null=True)
    lon = NumberField(at_least=-180, at_most=180, required=False, allow_null=True)
    photo_count = serializers.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("Wie viele Fotos mitgesendet werden sollen."),
    )


class NumberToCallSerializer(OutputSerializer):
    """A number to call; `dialled` belongs behind `tel:`."""

    label = TextOrNull()  # type: ignore[assignment]
    shown = serializers.CharField()
    dialled = serializers.CharField()


class SpanSerializer(OutputSerializer):
    """A place in `description`; offsets in code points (Unicode), the end excluded."""

    start = serializers.IntegerField(min_value=0)
    end = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(choices=PERSONAL_DATA_KINDS)
    confidence = serializers.ChoiceField(choices=CONFIDENCES)


class NoticeSerializer(OutputSerializer):
    """Something to tell the person before sending, most urgent first."""

    kind = serializers.ChoiceField(choices=NOTICE_KINDS)
    code = serializers.CharField(help_text=_("Stabiler Code, z. B. `gas` oder `parking`."))
    text = serializers.CharField()
    asks = serializers.ChoiceField(
        choices=QUESTIONS,
        allow_null=True,
        help_text=_("Was vor dem Senden zu fragen ist; gesendet wird auch ohne Antwort."),
    )
    may_send = serializers.BooleanField(
        help_text=_("Ob die Kommune danach noch „trotzdem melden“ anbietet.")
    )
    numbers = NumberToCallSerializer(many=True)
    contact = TextOrNull(help_text=_("Zuständige Stelle."))
    url = TextOrNull()
    foreign = TextOrNull(help_text=_("Kurz in der Sprache des gefundenen Wortes."))
    foreign_language = TextOrNull()
    spans = SpanSerializer(
        many=True,
        help_text=_(
            "Bei `personal_data`: wo im Text; sonst leer. Nichts davon verhindert das Senden."
        ),
    )


class OutlookSerializer(OutputSerializer):
    """What would happen to the report if it were sent now."""

    municipality = serializers.CharField()
    can_be_sent = serializers.BooleanField(help_text=_("Ob `POST reports` sie annähme."))
    is_danger = serializers.BooleanField(help_text=_("Ob die Bereitschaft alarmiert würde."))
    is_restricted = serializers.BooleanField(
        help_text=_("Ob nur die zuständige Stelle sie läse und sie nie öffentlich würde.")
    )
    errors = FaultSerializer(many=True)  # type: ignore[assignment]
    elsewhere = ElsewhereSerializer(allow_null=True)
    notices = NoticeSerializer(many=True)


_EXAMPLE: dict[str, Any] = {
    "municipality": "heilbronn",
    "can_be_sent": True,
    "is_danger": True,
    "is_restricted": False,
    "errors": [],
    "elsewhere": None,
    "notices": [
        {
            "kind": "danger",
            "code": "gas",
            "text": "Gasgeruch: Gehen Sie weg, machen Sie kein Feuer und kein Licht an, klingeln "
            "Sie nicht. Rufen Sie von draußen 112.",
            "asks": "called_emergency",
            "may_send": True,
            "numbers": [{"label": None, "shown": "112", "dialled": "112"}],
            "contact": None,
            "url": None,
            "foreign": None,
            "foreign_language": None,
            "spans": [],
        },
        {
            "kind": "personal_data",
            "code": "personal_data",
            "text": "Ihr Text enthält vielleicht Angaben über Personen (Name). Bitte lassen Sie "
            "weg, was nicht nötig ist. Öffentlich wird der Text erst, wenn jemand ihn geprüft hat.",
            "asks": None,
            "may_send": True,
            "numbers": [],
            "contact": None,
            "url": None,
            "foreign": None,
            "foreign_language": None,
            "spans": [{"start": 29, "end": 35, "kind": "name", "confidence": "high"}],
        },
    ],
}

CHECK_REPORT = documented(
    operation_id="checkReport",
    tags=["reports"],
    summary=_("Vor dem Melden prüfen"),
    description=_(
        "Prüft eine Meldung, auch eine halb ausgefüllte, ohne sie anzunehmen, zu speichern oder "
        "zu zählen. `errors` nennt, was `POST reports` an den gemachten Angaben ablehnen würde; "
        "`notices`, was der Person vor dem Senden zu zeigen ist: Notruf bei Gefahrenwörtern in "
        "fünfzehn Sprachen, den Weg zur zuständigen Stelle, Pausen, Dienstzeiten, und Namen, "
        "Nummern oder Kennzeichen im Text (`personal_data`, mit Stellen).\n\n"
        "Nach einem Hinweis mit `asks` fragt die App nach („schon angerufen“, „trotzdem melden“) "
        "und sendet dann; die Meldung wird in jedem Fall angenommen. Bei schon erfolgtem Anruf "
        "gehört `called_emergency: true` in die Meldung."
    ),
    parameters=[LANGUAGE, ACCEPT_LANGUAGE],
    request={"application/json": UnfinishedReportSerializer},
    responses={200: OutlookSerializer}
    | problems(
        "invalid_request",
        "unreadable_body",
        "length_required",
        "payload_too_large",
        "unsupported_media_type",
        "report_refused",
    ),
    examples=[
        OpenApiExample(
            "frage",
            value={
                "municipality": "heilbronn",
                "description": "Gasgeruch in der Allee, Herr Müller weiß mehr",
            },
            request_only=True,
        ),
        OpenApiExample("antwort", value=_EXAMPLE, response_only=True, status_codes=["200"]),
    ],
    auth=NO_AUTH,
)


class CheckView(ApiView):
    """`/reports/check`."""

    parser_classes = [StrictJSONParser]
    permission_classes = [Everybody]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a long body before it is read."""
        check_length(request._request)
        super().initial(request, *args, **kwargs)

    @CHECK_REPORT
    def post(self, request: Request) -> Response:
        """What would happen; nothing is kept, counted or logged."""
        shape = UnfinishedReportSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        sent, given = read_unfinished(request, shape.validated_data)
        body = _outlook(request, sent, given, shape.validated_data.get("photo_count", 0))
        return answer(OutlookSerializer(body).data, {"Cache-Control": PRIVATE})


def _outlook(request: Request, sent: Sent, given: frozenset[str], photos: int) -> dict[str, Any]:
    count = photos + sent.photo_count
    found = outlook(sent.town, sent.draft, photo_count=count, now=timezone.now())
    texts = {
        language: _errors_in(language, sent, count) if found.errors else {}
        for language in ("de", "en")
    }
    faults = faults_of(texts["de"], texts["en"])
    known = [fault for fault in faults if fault.pointer.split("/")[1] in given]
    return {
        "municipality": sent.town.slug,
        "can_be_sent": not found.errors,
        "is_danger": found.is_danger,
        "is_restricted": found.is_restricted,
        "errors": [fault.as_json() for fault in known],
        "elsewhere": elsewhere_of(request, found.elsewhere) if "lat" in given else None,
        "notices": [_notice(notice) for notice in found.notices],
    }


def _errors_in(language: str, sent: Sent, count: int) -> dict[str, tuple[str, str]]:
    spoken: Draft = replace(sent.draft, language=language)
    with translation.override(language):
        return outlook(sent.town, spoken, photo_count=count, now=timezone.now()).errors


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind.value,
        "code": notice.code,
        "text": notice.text,
        "asks": notice.asks.value or None,
        "may_send": notice.may_send,
        "numbers": notice.numbers,
        "contact": notice.contact,
        "url": notice.url,
        "foreign": notice.foreign,
        "foreign_language": notice.foreign_language,
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "kind": span.kind.value,
                "confidence": span.confidence.value,
            }
            for span in notice.spans
        ],
    }
