"""The words the OpenAPI description is written with: parameters, headers, problems, keys."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)

from mobile_api.errors import CONTENT_TYPE
from mobile_api.problems import KINDS, Words
from mobile_api.v1.serializers import ProblemSerializer

View = TypeVar("View", bound=Callable[..., Any])

NO_AUTH: list[dict[str, list[str]]] = [{}]
TOKEN: list[dict[str, list[str]]] = [{}, {"appToken": []}]
RECEIPT: list[dict[str, list[str]]] = [
    {},
    {"receipt": []},
    {"receiptSecret": []},
    {"appToken": []},
]


def query(
    name: str, description: Words, kind: Any = OpenApiTypes.STR, *, example: Any = None
) -> OpenApiParameter:
    """A parameter of the address."""
    examples = [] if example is None else [OpenApiExample("beispiel", value=example)]
    return OpenApiParameter(name, kind, description=description, examples=examples)


def header(name: str, description: Words, kind: Any = OpenApiTypes.STR) -> OpenApiParameter:
    """A header of the request."""
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description)


def answered(name: str, description: Words, *statuses: int) -> OpenApiParameter:
    """A header of some answers."""
    return OpenApiParameter(
        name,
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description=description,
        response=list(statuses),
    )


LANGUAGE_PATTERN = "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"
LANGUAGE = query(
    "language",
    _("Sprache der Texte, z. B. `en`; geht der Kopfzeile vor."),
    {"type": "string", "pattern": f"^({LANGUAGE_PATTERN})?$", "maxLength": 20},
)
ACCEPT_LANGUAGE = header("Accept-Language", _("Sprache der Texte, z. B. `en`."))
LAT = query(
    "lat",
    _("Breite in Grad, WGS84."),
    {"type": "number", "minimum": -90, "maximum": 90},
    example=49.1427,
)
LON = query(
    "lon",
    _("Länge in Grad, WGS84."),
    {"type": "number", "minimum": -180, "maximum": 180},
    example=9.2187,
)
MUNICIPALITY = query(
    "municipality",
    _("Kurzname der Kommune, z. B. `heilbronn`."),
    {"type": "string", "maxLength": 40},
    example="heilbronn",
)
NUMBER = OpenApiParameter(
    "number",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description=_("Vorgangsnummer, z. B. HN-2026-004711."),
)


def problems(*codes: str) -> dict[Any, Any]:
    """Answers for problems, by status; several codes of one status share an answer."""
    by_status: dict[int, list[str]] = {}
    for code in sorted({*codes, "internal_error", "unavailable", "method_not_allowed"}):
        by_status.setdefault(KINDS[code].status, []).append(code)
    return {
        (status, CONTENT_TYPE): OpenApiResponse(
            ProblemSerializer, description=", ".join(f"`{code}`" for code in by_status[status])
        )
        for status in sorted(by_status)
    }


def documented(**facts: Any) -> Callable[[View], View]:
    """What the description says of an endpoint."""
    return extend_schema(**facts)


def answer_example(summary: Words, value: Any, status: int = 200) -> OpenApiExample:
    """What an answer looks like."""
    return OpenApiExample(
        "antwort", summary=summary, value=value, response_only=True, status_codes=[str(status)]
    )
