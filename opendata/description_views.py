"""The descriptions beside the table."""

import json
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from opendata import descriptions
from opendata.answers import Body, answer, data_view, single_words, town_or_404

CSV_NAME = "reports.csv"


@data_view
def data_package(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Frictionless datapackage.json."""
    town = town_or_404(request, slug)
    return _json(request, descriptions.data_package(town, csv_name=CSV_NAME), "application/json")


@data_view
def csvw(request: HttpRequest, slug: str) -> HttpResponseBase:
    """CSVW metadata."""
    town = town_or_404(request, slug)
    return _json(request, descriptions.csvw(town, csv_name=CSV_NAME), "application/csvm+json")


def _json(request: HttpRequest, document: dict[str, Any], kind: str) -> HttpResponseBase:
    single_words(request, known=())
    content = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return answer(request, Body([content], kind, (content,)))
