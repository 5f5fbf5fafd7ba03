"""The documents of the service in the reader's language: landing page, conformance, collections,
features. Pure."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opendata.columns import COLUMNS
from opendata.ogc.collections import DISTRICTS, REPORTS, Collection
from reports.queries.public_feeds import FeaturePage

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
JSON, HTML, GEOJSON = "application/json", "text/html", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CONFORMANCE = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
    for name in ("core", "oas30", "html", "geojson")
]
TITLE = gettext_lazy("Offene Daten: Meldungen")
_WORDS = {
    REPORTS: (
        gettext_lazy("Meldungen"),
        gettext_lazy(
            "Hinweise aus der Bürgerschaft, keine festgestellten Mängel. Der Ort ist die Mitte "
            "einer Rasterzelle (precision_m)."
        ),
    ),
    DISTRICTS: (
        gettext_lazy("Stadtteile"),
        gettext_lazy(
            "Umrisse der Stadtteile, wie sie die Kommune führt; wo keine gezeichnet sind, das "
            "ganze Gebiet."
        ),
    ),
}
Document = dict[str, Any]


def link(href: str, rel: str, kind: str, title: str = "") -> Document:
    """A link as OGC documents write it."""
    return {"href": href, "rel": rel, "type": kind} | ({"title": title} if title else {})


def both(address: str, kind: str, *, as_html: bool) -> list[Document]:
    """This document and its other form."""
    mark = "&" if "?" in address else "?"
    data = link(address, "alternate", kind, _("als Daten"))
    page = link(f"{address}{mark}f=html", "alternate", HTML, _("als Seite"))
    (page if as_html else data)["rel"] = "self"
    return [data, page]


def landing(root: str, *, as_html: bool) -> Document:
    """What this service is and where it leads; `root` is its absolute address."""
    return {
        "title": str(TITLE),
        "description": _("Veröffentlichte Meldungen aus der Bürgerschaft als Geodaten."),
        "links": [
            *both(root, JSON, as_html=as_html),
            link(f"{root}api", "service-desc", OPENAPI, "OpenAPI"),
            link(f"{root}api?f=html", "service-doc", HTML, _("Beschreibung der Schnittstelle")),
            link(f"{root}conformance", "conformance", JSON, _("Konformität")),
            link(f"{root}collections", "data", JSON, _("Datensammlungen")),
        ],
    }


def conformance(root: str, *, as_html: bool) -> Document:
    """Which classes of requirements are met."""
    return {
        "conformsTo": CONFORMANCE,
        "links": both(f"{root}conformance", JSON, as_html=as_html),
    }


def title_of(kind: str) -> str:
    """What the features of a kind are called."""
    return str(_WORDS[kind][0])


def collections(root: str, found: Iterable[Collection], *, as_html: bool) -> Document:
    """All collections."""
    return {
        "links": both(f"{root}collections", JSON, as_html=as_html),
        "collections": [collection(root, each, as_html=as_html) for each in found],
    }


def collection(root: str, found: Collection, *, as_html: bool) -> Document:
    """One collection of a town."""
    town, address = found.town, f"{root}collections/{found.name}"
    description = str(_WORDS[found.kind][1])
    what = title_of(found.kind)
    box = [town.west, town.south, town.east, town.north]
    extent: Document = {"spatial": {"bbox": [box], "crs": CRS84}}
    if found.kind == REPORTS:
        extent["temporal"] = {"interval": [[found.begins, None]], "trs": GREGORIAN}
    return {
        "id": found.name,
        "title": f"{what} – {town.official_name}",
        "description": description,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": extent,
        "links": [
            *both(address, JSON, as_html=as_html),
            link(f"{address}/items", "items", GEOJSON, what),
            link(
                f"{address}/items?f=html", "items", HTML, _("%(what)s als Tabelle") % {"what": what}
            ),
            link(town.licence, "license", HTML, _("Lizenz")),
        ],
    }


def items(page: FeaturePage, *, matched: int, links: list[Document], now: datetime) -> bytes:
    """A page of features; their text comes from the database and is not touched."""
    head = {
        "type": "FeatureCollection",
        "timeStamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": matched,
        "numberReturned": page.count,
        "links": links,
    }
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [{page.features}]}}'.encode()


def item(feature: str, links: list[Document]) -> bytes:
    """One feature with its links."""
    return f'{feature[:-1]}, "links": {json.dumps(links, ensure_ascii=False)}}}'.encode()


def feature_schema() -> Document:
    """The properties of a feature as a schema (OpenAPI 3.0)."""
    types: dict[str, Document] = {
        "time": {"type": "string", "format": "date-time"},
        "number": {"type": "number"},
        "whole": {"type": "integer"},
    }
    return {
        column.name: {
            **types.get(column.kind, {"type": "string"}),
            "description": str(column.meaning),
            "nullable": not column.always,
            **({"enum": list(column.words)} if column.words else {}),
        }
        for column in COLUMNS
        if column.in_features
    }
