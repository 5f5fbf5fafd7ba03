"""What the OpenAPI description says about messages of sensors."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from mobile_api.v1.describing import NO_AUTH, documented, header, problems, query
from mobile_api.v1.output import OutputSerializer

_EUI = "70b3d57ed0001a2b"


class UplinkResultSerializer(OutputSerializer):
    """What became of a message."""

    result = serializers.ChoiceField(
        choices=["taken", "repeated", "unknown_device", "test", "ignored"],
        help_text=_(
            "`taken` verarbeitet, `repeated` schon bekannt, `unknown_device` noch nicht "
            "eingerichtet (das Gerät steht jetzt in der Verwaltung), `test` simuliert, `ignored` "
            "keine Messung."
        ),
    )


TAKE_UPLINK = documented(
    operation_id="takeUplink",
    tags=["sensors"],
    summary=_("Meldung eines Sensors"),
    description=_(
        "Für Netzwerkserver von Sensoren: je Geräteflotte eine Adresse. Das Format (ChirpStack, "
        "The Things Stack oder einfaches JSON) ist bei der Flotte eingestellt. Der Schlüssel der "
        "Flotte steht in `Authorization: Bearer …`, oder `X-Signature` trägt "
        "HMAC-SHA-256(Schlüssel, `X-Timestamp` + `.` + Inhalt) in Hexadezimal, höchstens fünf "
        "Minuten alt. Dieselbe Nachricht noch einmal ändert nichts; 200 heißt, dass sie "
        "gespeichert ist."
    ),
    parameters=[
        OpenApiParameter(
            "fleet", OpenApiTypes.INT, OpenApiParameter.PATH, description=_("Nummer der Flotte.")
        ),
        query(
            "event",
            _("Art der Nachricht, wie ChirpStack sie anhängt; nur `up` wird ausgewertet."),
            {"type": "string", "maxLength": 20},
            example="up",
        ),
        header("Authorization", _("`Bearer` und der Schlüssel der Flotte.")),
        header("X-Signature", _("Signatur statt des Schlüssels, hexadezimal.")),
        header("X-Timestamp", _("Sekunden seit 1970 (UTC), Teil der Signatur.")),
    ],
    request={"application/json": OpenApiTypes.OBJECT},
    responses={
        200: OpenApiResponse(UplinkResultSerializer, description=_("Was daraus wurde.")),
        **problems(
            "invalid_request",
            "unreadable_body",
            "not_authenticated",
            "not_found",
            "length_required",
            "payload_too_large",
            "unsupported_media_type",
        ),
    },
    examples=[
        OpenApiExample(
            "chirpstack",
            summary="ChirpStack v4",
            value={
                "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
                "time": "2026-11-23T09:12:44+00:00",
                "deviceInfo": {"deviceName": "papierkorb-17", "devEui": _EUI},
                "fCnt": 118,
                "fPort": 2,
                "object": {"fill_level": 86, "battery": 3.1},
            },
            request_only=True,
            media_type="application/json",
        ),
        OpenApiExample(
            "ttn",
            summary="The Things Stack v3",
            value={
                "end_device_ids": {"device_id": "papierkorb-17", "dev_eui": _EUI.upper()},
                "received_at": "2026-11-23T09:12:44.512Z",
                "uplink_message": {"f_cnt": 118, "decoded_payload": {"fill_level": 86}},
            },
            request_only=True,
            media_type="application/json",
        ),
        OpenApiExample(
            "plain",
            summary=_("einfaches JSON"),
            value={"device": _EUI, "id": "118", "values": {"fill_level": 86}},
            request_only=True,
            media_type="application/json",
        ),
        OpenApiExample(
            "ergebnis", value={"result": "taken"}, response_only=True, status_codes=["200"]
        ),
    ],
    auth=NO_AUTH,
)
