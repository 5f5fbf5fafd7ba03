"""The public reader as a process of its own: open data, and for everything else a way to the app.

It has no connection but the public role's and none of our keys (ANLIEGEN_DB_ROLE=public).
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect

SERVED = ("/opendata/", "/static/", "/healthz")


class OpenDataOnlyMiddleware:
    """Serves what the reader may serve; sends people on to the app, and answers 404 where it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path.startswith(SERVED) and path != "/healthz/effects":
            return self.get_response(request)
        here = f"{request.scheme}://{request.get_host()}"
        if request.method not in {"GET", "HEAD"} or here == settings.BASE_URL:
            return HttpResponseNotFound(content_type="text/plain")
        return HttpResponseRedirect(f"{settings.BASE_URL}{request.get_full_path()}")
