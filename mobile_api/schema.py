"""Builds the OpenAPI 3.1 description of v1 from the code, in German or English; no database."""

import functools
import json
import re
import threading
from typing import Any

from django.urls import include, path
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

from mobile_api.v1.assets import SHAPES as ASSET_SHAPES
from mobile_api.v1.documentation import SHAPES
from mobile_api.v1.documentation_additions import SHAPES as ADDITION_SHAPES
from mobile_api.v1.documentation_devices import SHAPES as DEVICE_SHAPES
from mobile_api.v1.documentation_places import SHAPES as PLACE_SHAPES
from mobile_api.v1.suggestions import SHAPES as SUGGESTION_SHAPES

DESCRIPTION = _(
    "Mängel und Anliegen an eine Kommune melden, den Stand verfolgen, Veröffentlichtes lesen.\n\n"
    "Alle Adressen beginnen mit `/api/v1/`. Anfragen und Antworten sind JSON in UTF-8, Zeiten "
    "ISO 8601 mit Zeitzone, Orte WGS84 in Grad. Fehler sind *problem details* (RFC 9457) mit "
    "stabilem `code` und Texten auf Deutsch und Englisch. Die API braucht keine Cookies und darf "
    "von Seiten anderer Herkunft benutzt werden (CORS).\n\n"
    "Felder können dazukommen; bitte unbekannte überlesen. Was hier steht, wird in v1 nicht "
    "entfernt und nicht umgedeutet. Ein Ende von v1 wird ein Jahr vorher mit den Kopfzeilen "
    "`Deprecation` und `Sunset` angekündigt."
)

LANGUAGES = ("de", "en")
_building = threading.Lock()
_WORDS = SHAPES | ADDITION_SHAPES | DEVICE_SHAPES | PLACE_SHAPES | SUGGESTION_SHAPES | ASSET_SHAPES
_EMPTY_EXPLANATION = re.compile(r"\* `(\w*)` - \1")


def _settings() -> dict[str, Any]:
    return {
        "TITLE": str(_("Anliegen – API v1")),
        "DESCRIPTION": str(DESCRIPTION),
        "VERSION": "1.0.0",
        "OAS_VERSION": "3.1.0",
        "LICENSE": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        "SERVERS": [{"url": "/", "description": str(_("Diese Installation"))}],
        "TAGS": [
            {"name": "places", "description": str(_("Wo und was gemeldet werden kann"))},
            {"name": "reports", "description": str(_("Melden, verfolgen, nachlesen"))},
            {"name": "receipt", "description": str(_("Mit der Quittung"))},
            {"name": "supports", "description": str(_("Betrifft mich auch"))},
            {"name": "devices", "description": str(_("Mitteilungen aufs Gerät"))},
            {"name": "uploads", "description": str(_("Fotos vor der Meldung hochladen"))},
            {"name": "staff", "description": str(_("Werkzeuge der Verwaltung, mit eigenem Token"))},
        ],
        "APPEND_COMPONENTS": {"securitySchemes": _security()},
        "COMPONENT_SPLIT_REQUEST": False,
        "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
        "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
        "ENUM_NAME_OVERRIDES": {
            "SuggestionBasis": "mobile_api.v1.suggestions.BASES",
            "PlaceKind": "mobile_api.v1.place_shapes.PLACE_KINDS",
            "PlaceMatch": "mobile_api.v1.place_shapes.MATCHES",
            "PlacePosition": "mobile_api.v1.place_shapes.POSITIONS",
            "Status": "reports.lifecycle.Status",
            "ClosingReason": "reports.lifecycle.ClosingReason",
            "WaitingFor": "reports.lifecycle.WaitingFor",
            "Publication": "reports.models.Publication",
            "PlaceChosenBy": "reports.models.PlaceChosenBy",
            "PlaceChoice": "mobile_api.v1.serializers.SENDABLE_PLACES",
            "PhotoState": "reports.models.PhotoState",
            "PhotoVerdictState": "mobile_api.v1.serializers.VERDICTS",
            "MessageWish": "reports.participation.Wish",
            "ObjectionPart": "reports.participation.ObjectionPart",
            "ReceiptAction": "mobile_api.v1.additions_shapes.RECEIPT_ACTIONS",
            "SupportOutcome": "mobile_api.v1.additions_shapes.SUPPORT_STATES",
            "AddressConfirmation": "mobile_api.v1.serializers.ADDRESS_STATES",
            "TimePrecision": "mobile_api.v1.serializers.TIME_PRECISIONS",
            "PhotoFormat": "mobile_api.v1.serializers.PHOTO_FORMATS",
            "ProblemCode": "mobile_api.v1.serializers.PROBLEM_CODES",
            "Datatype": "routing.models.Datatype",
            "PublicationPolicy": "routing.models.PublicationPolicy",
        },
        "AUTHENTICATION_WHITELIST": [],
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "mobile_api.schema.describe_shapes",
            "mobile_api.v1.documentation_uploads.describe_head",
        ],
        "SORT_OPERATIONS": False,
        "SCHEMA_PATH_PREFIX": "/api/v1",
    }


def _security() -> dict[str, Any]:
    return {
        "appToken": {
            "type": "http",
            "scheme": "bearer",
            "description": str(_("Token einer App oder eines Partnersystems (`anl_…`).")),
        },
        "receipt": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": str(_("`Receipt` und das Geheimnis der Quittung.")),
        },
        "receiptSecret": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Receipt-Secret",
            "description": str(_("Das Geheimnis der Quittung.")),
        },
    }


def describe_shapes(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Say what each shape is in the reader's language; a word is not explained by itself."""
    for name, shape in result["components"]["schemas"].items():
        if name in _WORDS:
            shape["description"] = str(_WORDS[name])
        _drop_empty_explanations(shape)
        for field in shape.get("properties", {}).values():
            _drop_empty_explanations(field)
    return result


def _drop_empty_explanations(facts: dict[str, Any]) -> None:
    lines = facts.get("description", "").split("\n")
    told = "\n".join(line for line in lines if not _EMPTY_EXPLANATION.fullmatch(line)).strip()
    facts.pop("description", None)
    if told:
        facts["description"] = told


def build(language: str = "de") -> dict[str, Any]:
    """The description as a plain value; `language` is one of LANGUAGES."""
    with _building:  # the generator's settings are shared by all threads
        return _build(language)


@functools.cache
def _build(language: str) -> dict[str, Any]:
    with translation.override(language), patched_settings(_settings()):
        generator = SchemaGenerator(  # type: ignore[no-untyped-call]
            patterns=[path("api/v1/", include("mobile_api.urls"))]
        )
        described = generator.get_schema(  # type: ignore[no-untyped-call]
            request=None, public=True
        )
        plain: dict[str, Any] = json.loads(json.dumps(described, default=str))
    return plain


def as_text(language: str = "de") -> str:
    """The description as it is committed and served: indented, in stable order."""
    return json.dumps(build(language), ensure_ascii=False, indent=2) + "\n"
