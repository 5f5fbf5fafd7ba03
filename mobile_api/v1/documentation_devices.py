"""What the OpenAPI description says about devices that want to be told."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from mobile_api.problems import Words
from mobile_api.v1.describing import (
    ACCEPT_LANGUAGE,
    LANGUAGE,
    NO_AUTH,
    NUMBER,
    RECEIPT,
    documented,
    problems,
)
from mobile_api.v1.devices_shapes import DeviceSerializer, PushKeySerializer, RegisteredSerializer

_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"

READ_PUSH_KEY = documented(
    operation_id="readPushKey",
    tags=["devices"],
    summary=_("Mitteilungen aufs Gerät"),
    description=_(
        "Was ein Browser oder eine App braucht, um sich für Mitteilungen anzumelden (RFC 8030, "
        "RFC 8292). Ohne Schlüssel bietet die Installation keine an: `public_key` ist null."
    ),
    parameters=[LANGUAGE, ACCEPT_LANGUAGE],
    responses={200: PushKeySerializer, **problems("invalid_request")},
    examples=[
        OpenApiExample(
            "schluessel", value={"public_key": _KEY}, response_only=True, status_codes=["200"]
        )
    ],
    auth=NO_AUTH,
)
REGISTER_DEVICE = documented(
    operation_id="registerDevice",
    tags=["devices"],
    summary=_("Gerät anmelden"),
    description=_(
        "Meldet ein Gerät an, das von Neuem zu einer Meldung hören will: mit der Quittung für die "
        "eigene, mit `device` für eine Meldung, der dieses Gerät beigetreten ist. Der Inhalt ist "
        "`PushSubscription.toJSON()` des Browsers. Gesendet werden, verschlüsselt nach RFC 8291, "
        "nur `number` und `status`. Höchstens fünf Geräte; ein sechstes ersetzt das älteste. "
        "Dasselbe noch einmal zu senden erneuert die Schlüssel."
    ),
    parameters=[NUMBER, LANGUAGE, ACCEPT_LANGUAGE],
    request={"application/json": DeviceSerializer},
    responses={
        201: OpenApiResponse(RegisteredSerializer, description=_("Angemeldet.")),
        **problems(
            "invalid_request",
            "unreadable_body",
            "not_authenticated",
            "not_found",
            "push_not_offered",
            "length_required",
            "payload_too_large",
            "unsupported_media_type",
            "too_many_requests",
        ),
    },
    examples=[
        OpenApiExample(
            "chromium",
            summary=_("Ein Gerät mit Chromium"),
            value={
                "endpoint": "https://fcm.googleapis.com/fcm/send/dA1bC2:APA91bH-beispiel",
                "keys": {"p256dh": _KEY, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
                "expirationTime": None,
            },
            request_only=True,
            media_type="application/json",
        ),
        OpenApiExample(
            "angemeldet",
            value={"id": "5a0d5b0e-58f5-4c43-9a2e-6a1a4f1c2a77"},
            response_only=True,
            status_codes=["201"],
        ),
    ],
    auth=RECEIPT,
)
FORGET_DEVICE = documented(
    operation_id="forgetDevice",
    tags=["devices"],
    summary=_("Gerät abmelden"),
    description=_("Das Gerät hört nichts mehr. Die Kennung genügt; nur das Gerät kennt sie."),
    parameters=[
        OpenApiParameter(
            "device_id",
            OpenApiTypes.UUID,
            OpenApiParameter.PATH,
            description=_("Kennung aus der Anmeldung."),
        )
    ],
    responses={
        204: OpenApiResponse(description=_("Abgemeldet.")),
        **problems("invalid_request", "not_found"),
    },
    auth=NO_AUTH,
)

SHAPES: dict[str, Words] = {
    "Device": _("Ein Gerät, das von Neuem hören will."),
    "DeviceKeys": _("Schlüssel eines Geräts."),
    "PushKey": _("Was ein Gerät zum Anmelden braucht."),
    "Registered": _("Ein angemeldetes Gerät."),
}
