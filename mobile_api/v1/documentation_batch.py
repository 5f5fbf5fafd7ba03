"""What the OpenAPI description says about looking around before sending, and sending together."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from mobile_api.v1.describing import (
    ACCEPT_LANGUAGE,
    LANGUAGE,
    LAT,
    LON,
    NO_AUTH,
    TOKEN,
    answered,
    documented,
    problems,
    query,
)
from mobile_api.v1.examples import DRAFT, OUTSIDE, PUBLIC_REPORT, RECEIPT_BODY
from mobile_api.v1.serializers import (
    BatchResultsSerializer,
    BatchSerializer,
    NearbySerializer,
)

_KEYS = ("1f0c6a52-6f0e-4d53-9b7d-2a41f2f0a001", "1f0c6a52-6f0e-4d53-9b7d-2a41f2f0a002")

SUBMIT_BATCH = documented(
    operation_id="submitReports",
    tags=["reports"],
    summary=_("Mehrere Meldungen auf einmal"),
    description=_(
        "Für Apps, die ohne Netz waren: bis zu 20 Meldungen, jede mit eigenem Schlüssel und mit "
        "Fotos, die vorab hochgeladen wurden. Jede wird für sich angenommen oder abgelehnt; was an "
        "einer falsch ist, schadet den anderen nicht. Die Antwort ist 200 mit einem Ergebnis je "
        "Meldung, in der gesendeten Reihenfolge. Eine Wiederholung ist gefahrlos: Schlüssel gelten "
        "hier wie bei einzelnen Meldungen. Zeiger in `problem` beziehen sich auf die einzelne "
        "Meldung. Ist der Dienst schon bei der ersten nicht erreichbar, ist die ganze Antwort 503."
    ),
    parameters=[
        LANGUAGE,
        ACCEPT_LANGUAGE,
        answered("Retry-After", _("Sekunden bis zum nächsten Versuch."), 429, 503),
    ],
    request={"application/json": BatchSerializer},
    responses={
        200: OpenApiResponse(BatchResultsSerializer, description=_("Ein Ergebnis je Meldung.")),
        **problems(
            "invalid_request",
            "unreadable_body",
            "not_authenticated",
            "length_required",
            "payload_too_large",
            "unsupported_media_type",
            "too_many_requests",
        ),
    },
    examples=[
        OpenApiExample(
            "zwei",
            summary=_("Zwei Meldungen, eine mit einem Foto"),
            value={
                "reports": [
                    {
                        "key": _KEYS[0],
                        "report": DRAFT | {"uploads": ["pV3yq1xJ0bT7mUuZ9sKfWc2dEo5hRg8L"]},
                    },
                    {"key": _KEYS[1], "report": DRAFT | {"lat": 48.6761, "lon": 10.1527}},
                ]
            },
            request_only=True,
            media_type="application/json",
        ),
        OpenApiExample(
            "ergebnisse",
            summary=_("Eine angenommen, eine außerhalb"),
            value={
                "results": [
                    {
                        "position": 1,
                        "key": _KEYS[0],
                        "status": 201,
                        "replayed": False,
                        "receipt": RECEIPT_BODY | {"photos": RECEIPT_BODY["photos"][:1]},
                        "problem": None,
                        "retry_after": None,
                    },
                    {
                        "position": 2,
                        "key": _KEYS[1],
                        "status": 422,
                        "replayed": False,
                        "receipt": None,
                        "problem": OUTSIDE,
                        "retry_after": None,
                    },
                ]
            },
            response_only=True,
            status_codes=["200"],
        ),
    ],
    auth=TOKEN,
)
LIST_NEARBY = documented(
    operation_id="listNearby",
    tags=["reports"],
    summary=_("Schon gemeldet?"),
    description=_(
        "Offene veröffentlichte Meldungen derselben Art um einen Ort, die nächsten zuerst, "
        "höchstens zehn: vor dem Senden zu zeigen. Ohne `radius` gilt der Umkreis, in dem die "
        "Anliegenart dasselbe meinen kann. `incidents` nennt Ereignisse an dem Ort: viele gleiche "
        "Meldungen, die gemeinsam bearbeitet werden. Nichts gefunden heißt leere Liste; 404 "
        "heißt, dass an dem Ort keine Kommune mitmacht. Entfernungen sind so genau wie der "
        "veröffentlichte Ort."
    ),
    parameters=[
        LAT,
        LON,
        query(
            "category",
            _("Code der Anliegenart; ohne ihn alle Arten."),
            {"type": "string", "maxLength": 60},
            example="strasse.schlagloch",
        ),
        query(
            "radius",
            _("Umkreis in Metern."),
            {"type": "integer", "minimum": 1, "maximum": 1000},
        ),
        LANGUAGE,
        ACCEPT_LANGUAGE,
    ],
    responses={200: NearbySerializer, **problems("invalid_request", "not_covered")},
    examples=[
        OpenApiExample(
            "eine",
            summary=_("Eine offene Meldung"),
            value={
                "municipality": "heilbronn",
                "radius_m": 50,
                "incidents": [
                    {
                        "id": 7,
                        "title": "Umgestürzte Bäume nach dem Sturm",
                        "category": "gruen.baum",
                        "reports": 214,
                        "started_at": "2026-11-21T04:12:00Z",
                        "answer": "Die Hauptstraßen sind bis zum Abend geräumt.",
                        "supports_url": (
                            "https://anliegen.example/api/v1/reports/HN-2026-004711/supports"
                        ),
                    }
                ],
                "reports": [
                    PUBLIC_REPORT
                    | {
                        "distance_m": 12,
                        "score": 71,
                        "reason": "12 m entfernt, gleiche Anliegenart, vor 2 Tagen",
                    }
                ],
            },
            response_only=True,
            status_codes=["200"],
        )
    ],
    auth=NO_AUTH,
)
