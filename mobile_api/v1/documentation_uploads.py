"""What the OpenAPI description says about uploading photos ahead (tus 1.0.0)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from mobile_api.v1.describing import TOKEN, answered, documented, header, problems

BODY_TYPE = "application/offset+octet-stream"
_WHOLE_NUMBER = {"type": "integer", "minimum": 0}
_VERSION = OpenApiParameter(
    "Tus-Resumable",
    {"type": "string", "enum": ["1.0.0"]},
    OpenApiParameter.HEADER,
    required=True,
    description=_("Fassung des Protokolls."),
)
_TOKEN = OpenApiParameter(
    "token",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description=_("Letzter Teil der Adresse des Uploads; nur wer ihn kennt, kann weitersenden."),
)
_CHECKSUM = header(
    "Upload-Checksum", _("`sha1` oder `sha256`, ein Leerzeichen, die Prüfsumme in Base64.")
)
_OFFSET = answered("Upload-Offset", _("So viele Bytes sind dauerhaft gespeichert."), 201, 204)
_EXPIRES = answered("Upload-Expires", _("Bis dann muss der Upload verwendet sein."), 201, 204)
_COMMON = ("invalid_request", "not_authenticated", "tus_version")
_GOING_ON = ("upload_offset_moved", "payload_too_large", "unsupported_media_type")

CREATE_UPLOAD = documented(
    operation_id="createUpload",
    tags=["uploads"],
    summary=_("Foto vorab hochladen: beginnen"),
    description=_(
        "Beginnt einen Upload nach tus 1.0.0 (Erweiterungen creation, creation-with-upload, "
        "expiration, termination, checksum; jede tus-Bibliothek kann das). Ein Inhalt vom Typ "
        "`application/offset+octet-stream` ist schon der erste Teil des Fotos. `Location` nennt "
        "die Adresse; ihr letzter Teil gehört in `uploads` der Meldung. Ein Upload lässt sich "
        "einmal verwenden, 24 Stunden lang."
    ),
    parameters=[
        _VERSION,
        OpenApiParameter(
            "Upload-Length",
            _WHOLE_NUMBER | {"maximum": 15 * 1024 * 1024},
            OpenApiParameter.HEADER,
            required=True,
            description=_("Größe des Fotos in Bytes, höchstens 15 MB."),
        ),
        header("Upload-Metadata", _("Beliebige Angaben nach tus; sie werden nur zurückgegeben.")),
        _CHECKSUM,
        answered("Location", _("Adresse des Uploads."), 201),
        _OFFSET,
        _EXPIRES,
    ],
    request={BODY_TYPE: OpenApiTypes.BINARY},
    responses={
        201: OpenApiResponse(description=_("Begonnen.")),
        **problems(
            *_COMMON,
            *_GOING_ON,
            "length_required",
            "checksum_wrong",
            "too_many_uploads",
            "storage_full",
        ),
    },
    examples=[
        OpenApiExample(
            "anfang", summary=_("Der Anfang eines JPEG"), value="\xff\xd8\xff", request_only=True
        )
    ],
    auth=TOKEN,
)
CONTINUE_UPLOAD = documented(
    operation_id="continueUpload",
    tags=["uploads"],
    summary=_("Foto vorab hochladen: weitersenden"),
    description=_(
        "Hängt den Inhalt an. `Upload-Offset` muss sagen, wo der Upload steht; sonst 409. Bricht "
        "die Verbindung ab, zählt, was angekommen ist: `HEAD` nennt die Stelle."
    ),
    parameters=[
        _VERSION,
        _TOKEN,
        OpenApiParameter(
            "Upload-Offset",
            _WHOLE_NUMBER,
            OpenApiParameter.HEADER,
            required=True,
            description=_("Ab hier wird weitergesendet."),
        ),
        _CHECKSUM,
        _OFFSET,
        _EXPIRES,
    ],
    request={BODY_TYPE: OpenApiTypes.BINARY},
    responses={
        204: OpenApiResponse(description=_("Angehängt.")),
        **problems(
            *_COMMON, *_GOING_ON, "length_required", "not_found", "upload_gone", "checksum_wrong"
        ),
    },
    examples=[
        OpenApiExample("rest", summary=_("Ein weiteres Stück"), value="\xff\xd9", request_only=True)
    ],
    auth=TOKEN,
)
DELETE_UPLOAD = documented(
    operation_id="deleteUpload",
    tags=["uploads"],
    summary=_("Foto vorab hochladen: abbrechen"),
    description=_("Löscht, was angekommen ist."),
    parameters=[_VERSION, _TOKEN],
    responses={
        204: OpenApiResponse(description=_("Gelöscht.")),
        **problems(*_COMMON, "not_found", "upload_gone"),
    },
    auth=TOKEN,
)


def describe_head(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Add HEAD, which the generator leaves out, from the description of PATCH."""
    path = result["paths"].get("/api/v1/uploads/{token}")
    if path is None:
        return result
    patch = path["patch"]
    unasked = {"Upload-Offset", "Upload-Checksum"}
    schema = {"type": "string"}
    headers = {
        "Upload-Offset": {
            "schema": schema,
            "description": str(_("So viele Bytes sind dauerhaft gespeichert.")),
        },
        "Upload-Length": {"schema": schema, "description": str(_("Größe des Fotos in Bytes."))},
        "Upload-Expires": {
            "schema": schema,
            "description": str(_("Bis dann muss der Upload verwendet sein.")),
        },
        "Upload-Metadata": {"schema": schema, "description": str(_("Wie beim Beginn gesendet."))},
    }
    # An answer to HEAD has no body, so problems are told by their status alone.
    told = {"400", "401", "404", "410", "412", "500", "503"}
    path["head"] = {
        "operationId": "readUpload",
        "summary": str(_("Foto vorab hochladen: wie weit?")),
        "description": str(_("Sagt, wie viel angekommen ist.")),
        "tags": ["uploads"],
        "parameters": [each for each in patch["parameters"] if each["name"] not in unasked],
        "security": patch["security"],
        "responses": {
            "200": {"headers": headers, "description": str(_("Der Stand des Uploads."))},
            **{
                status: {"description": facts["description"]}
                for status, facts in patch["responses"].items()
                if status in told
            },
        },
    }
    return result
