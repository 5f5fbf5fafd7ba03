"""The description of the service as OpenAPI 3.0. Pure."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from opendata.ogc.collections import KINDS, collections_of
from opendata.ogc.documents import CRS84, GEOJSON, HTML, JSON, TITLE, Document, feature_schema
from opendata.ogc.parameters import ASKED, DEFAULT_LIMIT, MAX_LIMIT
from reports.queries.public_facts import TownFacts


def openapi(root: str, towns: Iterable[TownFacts]) -> Document:
    """All addresses with their parameters; `root` is the absolute address of the service."""
    names = [each.name for each in collections_of(towns)]
    chosen = _parameter("collectionId", "path", {"type": "string", "enum": names} if names else {})
    paths = {
        "/": _get("landing", _("Einstieg"), JSON),
        "/conformance": _get("conformance", _("Erfüllte Anforderungen"), JSON),
        "/api": _get("api", _("Diese Beschreibung"), JSON),
        "/collections": _get("collections", _("Datensammlungen"), JSON),
        "/collections/{collectionId}": _get("collection", _("Eine Datensammlung"), JSON, [chosen]),
        "/collections/{collectionId}/items": _get(
            "items", _("Meldungen oder Stadtteile"), GEOJSON, [chosen, *_items_parameters()]
        ),
        "/collections/{collectionId}/items/{featureId}": _get(
            "item",
            _("Eine Meldung oder ein Stadtteil"),
            GEOJSON,
            [chosen, _parameter("featureId", "path", {"type": "string"})],
        ),
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": str(TITLE), "version": "1.0.0"},
        "servers": [{"url": root.rstrip("/")}],
        "paths": paths,
        "components": {
            "schemas": {"report": {"type": "object", "properties": feature_schema()}},
        },
    }


def _items_parameters() -> list[Document]:
    asked = sorted(frozenset().union(*(ASKED[kind] for kind in KINDS)))
    corners = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    return [
        _parameter(
            "limit",
            "query",
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        ),
        _parameter("bbox", "query", corners) | {"style": "form", "explode": False},
        _parameter("datetime", "query", {"type": "string"}),
        _parameter("cursor", "query", {"type": "string"}),
        *(_parameter(name, "query", {"enum": [CRS84]}) for name in ("crs", "bbox-crs")),
        *(_parameter(name, "query", {"type": "string"}) for name in asked),
    ]


def _parameter(name: str, where: str, schema: Document) -> Document:
    schema = schema or {"type": "string"}
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _get(
    operation: str, summary: str, kind: str, parameters: Iterable[Document] = ()
) -> dict[str, Any]:
    shown = {"schema": {"type": "object"}}
    form = _parameter("f", "query", {"type": "string", "enum": ["json", "html"]})
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [*parameters, form],
            "responses": {
                "200": {"description": summary, "content": {kind: shown, HTML: shown}},
                "400": {"description": _("Unbekannter oder unsinniger Parameter")},
                "404": {"description": _("Gibt es nicht")},
            },
        }
    }
