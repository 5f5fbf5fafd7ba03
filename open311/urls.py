"""Addresses of GeoReport v2 below /open311/: discovery, the production and the test endpoint."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, re_path

from open311 import bulk, reading, sandbox, submission, tokens, updates
from open311.coverage import coverage
from open311.discovery import discovery
from open311.endpoint import endpoint, nowhere
from open311.services import definition, services

View = Callable[..., HttpResponseBase]


def _endpoint(
    *, requests: View, request: View, token: View, request_updates: View
) -> list[URLPattern]:
    """The addresses of one endpoint; all but reports and what becomes of them is shared."""
    return [
        path("discovery.<str:suffix>", endpoint(get=discovery), name="discovery"),
        path("services.<str:suffix>", endpoint(get=services), name="services"),
        path("services/<str:code>.<str:suffix>", endpoint(get=definition), name="service"),
        path("requests.<str:suffix>", requests, name="requests"),
        path("requests/<str:number>.<str:suffix>", request, name="request"),
        path("bulk.<str:suffix>", endpoint(post=bulk.post_bulk), name="bulk"),
        path("tokens/<str:token>.<str:suffix>", token, name="token"),
        path("servicerequestupdates.<str:suffix>", request_updates, name="updates"),
        path("coverage.<str:suffix>", endpoint(get=coverage), name="coverage"),
    ]


production = _endpoint(
    requests=endpoint(get=reading.requests, post=submission.post_request),
    request=endpoint(get=reading.request),
    token=endpoint(get=tokens.resolve),
    request_updates=endpoint(get=updates.updates, post=updates.post_update),
)
test = _endpoint(
    requests=endpoint(get=sandbox.requests, post=sandbox.post_request),
    request=endpoint(get=sandbox.request),
    token=endpoint(get=sandbox.resolve),
    request_updates=endpoint(get=sandbox.updates, post=sandbox.post_update),
)
urlpatterns: list[URLPattern | URLResolver] = [
    path("discovery.<str:suffix>", endpoint(get=discovery), name="open311_discovery"),
    path("v2/", include((production, "open311"))),
    path("test/v2/", include((test, "open311_test")), {"is_test": True}),
    re_path(r"^", nowhere, name="open311_nowhere"),
]
