"""Turns a flood away before a byte of it is read, also where the framework would read it first.

A view that takes reports from strangers is marked with `gated`; what it answers to somebody who
sent far too much is its own affair. The CSRF check reads the body, so this stands before it.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

from accounts.arrivals import TooMany, knock

Refusal = Callable[[HttpRequest, int], HttpResponse]
_View = TypeVar("_View", bound=Callable[..., HttpResponse])


def gated(refusal: Refusal) -> Callable[[_View], _View]:
    """Mark a view: each POST to it counts as a report; `refusal` gets the seconds to wait."""

    def mark(view: _View) -> _View:
        view.flood_refusal = refusal  # type: ignore[attr-defined]
        return view

    return mark


class FloodGateMiddleware:
    """Counts what is sent to gated views and answers above the hard limit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Called in the order of the middleware, so before the CSRF check reads the body."""
        refusal: Refusal | None = getattr(view, "flood_refusal", None)
        if refusal is None or request.method != "POST":
            return None
        try:
            knock(request, town=getattr(request, "town", None))
        except TooMany as refused:
            response = refusal(request, refused.retry_after)
            response.status_code = 429
            response["Retry-After"] = str(refused.retry_after)
            return response
        return None
