"""A bare Django view that writes the rows of a report by raw SQL; served beside the product.

No middleware, no validation, no rules. `/photo` reads the whole request and writes the same rows,
so that what the transfer alone costs can be told apart.
"""

import json
import os
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from bench.bare_rows import write_report

TOWN = int(os.environ.get("BENCH_TOWN", "0"))
CATEGORY = int(os.environ.get("BENCH_CATEGORY", "0"))


def report(request: HttpRequest) -> HttpResponse:
    """Write the rows of one text report in one transaction."""
    return _written(json.loads(request.body))


def photo(request: HttpRequest) -> HttpResponse:
    """Take a multipart request with a photo and write the rows of its text."""
    return _written(json.loads(request.POST["report"]) | {"size": len(request.FILES)})


def _written(body: dict[str, Any]) -> HttpResponse:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        number = write_report(cursor, body, TOWN, CATEGORY)
    return JsonResponse({"number": number}, status=201)


urlpatterns = [path("report", report), path("photo", photo)]


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """The WSGI entry point; settings are the product's but for addresses and middleware."""
    return _handler(environ, start_response)


def _bare_handler() -> WSGIHandler:
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    settings.ROOT_URLCONF = "bench.bare_site"
    settings.MIDDLEWARE = []
    django.setup(set_prefix=False)
    return WSGIHandler()


_handler = _bare_handler()
