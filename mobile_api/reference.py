"""The description of the API: as OpenAPI for machines, as a page for people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import View
from rest_framework.request import Request

from mobile_api import schema
from mobile_api.errors import problem_answer
from mobile_api.permissions import Everybody
from mobile_api.problems import KINDS, Problem
from mobile_api.v1.base import ApiView

JSONSchema = dict[str, Any]


class SchemaView(ApiView):
    """`/openapi.json`."""

    permission_classes = [Everybody]
    schema = None

    def get(self, request: Request) -> HttpResponse:
        """The OpenAPI 3.1 description."""
        return HttpResponse(schema.as_text(_language()), content_type="application/json")


class ReferenceView(View):
    """`/api/v1/`: every endpoint with its parameters, fields, answers and examples."""

    http_method_names = ["get", "head", "options"]

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """405 in the shape of every other error of the API."""
        allowed = {"Allow": ", ".join(self.http_method_names).upper()}
        return problem_answer(request, Problem("method_not_allowed", headers=allowed))

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, drawn from the same description."""
        described = schema.build(_language())
        context = {
            "api": described,
            "operations": list(_operations(described)),
            "shapes": list(_shapes(described)),
            "problems": KINDS.items(),
            "keys": described["components"]["securitySchemes"],
        }
        return render(request, "mobile_api/reference.html", context)


@dataclass(frozen=True)
class Row:
    """A parameter or a field: where it stands, what it may be, what it means."""

    name: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class Reply:
    """A possible answer; `shape` is the name of its shape or empty."""

    status: str
    media_type: str
    shape: str
    description: str


@dataclass(frozen=True)
class Operation:
    """An endpoint with one method."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    bodies: list[Reply]
    replies: list[Reply]
    examples: list[tuple[str, str]]


@dataclass(frozen=True)
class Shape:
    """A JSON object that goes in or out."""

    name: str
    description: str
    rows: list[Row]


def _language() -> str:
    return "en" if (translation.get_language() or "").startswith("en") else "de"


def _operations(described: JSONSchema) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        for method, facts in methods.items():
            yield Operation(
                id=facts["operationId"],
                method=method.upper(),
                path=path,
                summary=facts.get("summary", ""),
                description=facts.get("description", ""),
                parameters=[_parameter(each) for each in facts.get("parameters", [])],
                bodies=list(_replies({"": facts.get("requestBody", {})})),
                replies=list(_replies(facts["responses"])),
                examples=list(_examples(facts)),
            )


def _parameter(facts: JSONSchema) -> Row:
    place = {"query": _("Parameter"), "header": _("Kopfzeile"), "path": _("Adresse")}[facts["in"]]
    return Row(
        facts["name"],
        f"{place}, {_kind(facts['schema'])}",
        facts.get("required", False),
        facts.get("description", ""),
    )


def _replies(answers: JSONSchema) -> Iterator[Reply]:
    for status, facts in answers.items():
        for media_type, content in facts.get("content", {}).items():
            shape = _shape_name(content.get("schema", {}))
            yield Reply(status, media_type, shape, facts.get("description", ""))


def _examples(facts: JSONSchema) -> Iterator[tuple[str, str]]:
    for part in (facts.get("requestBody", {}), *facts["responses"].values()):
        for content in part.get("content", {}).values():
            for example in content.get("examples", {}).values():
                text = json.dumps(example["value"], ensure_ascii=False, indent=2)
                yield example.get("summary", ""), text


def _shapes(described: JSONSchema) -> Iterator[Shape]:
    for name, facts in described["components"]["schemas"].items():
        if "properties" in facts:
            required = facts.get("required", [])
            rows = [
                Row(field, _kind(inner), field in required, inner.get("description", ""))
                for field, inner in facts["properties"].items()
            ]
            yield Shape(name, facts.get("description", ""), rows)
        elif "enum" in facts:
            words = [Row(str(word), "", True, "") for word in facts["enum"]]
            yield Shape(name, facts.get("description", ""), words)


def _shape_name(facts: JSONSchema) -> str:
    reference: str = facts.get("$ref", "")
    return reference.rpartition("/")[2]


def _kind(facts: JSONSchema) -> str:
    """The type of a value in a few words."""
    inner = [facts, *facts.get("allOf", []), *facts.get("oneOf", [])]
    names = [_shape_name(each) for each in inner if "$ref" in each]
    if names:
        return " | ".join(names)
    if facts.get("type") == "array":
        return f"[{_kind(facts['items'])}]"
    types = facts.get("type", "")
    written = types if isinstance(types, str) else " | ".join(types)
    return written + (f" ({facts['format']})" if "format" in facts else "")
