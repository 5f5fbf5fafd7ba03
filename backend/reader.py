"""The public reader as a process of its own: everything that is public to read, and nothing else.

It has no connection but the public role's and none of our keys (ANLIEGEN_DB_ROLE=public). Forms,
receipts, the desk and all that writes stay with the app; so does whoever shows a key, for keys are
known there. Who asks for that here is sent
on; where both share a name, 421 (RFC 9110, section 15.5.20) tells the proxy to ask the app.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.towns import host_town

# Addresses by the names they have in the URL configuration; what is not named here is not served.
_PAGES = (
    *("home", "points", "areas", "incident_shapes", "incident", "incident_shape", "asset"),
    *("report", "photo", "known", "tile", "statistics", "statistics_cells", "page"),
    *("manifest", "sitemap"),
)
_INSTALLATION = (
    *("installation", "robots", "favicon", "manifest", "security_txt", "sitemap_index"),
    *("healthz", "readyz"),
)
_API = ("municipalities", "reports", "report", "nearby", "photo")
_GEOREPORT = ("discovery", "services", "service", "requests", "request", "updates", "coverage")
_GEOREPORT_TEST = ("discovery", "services", "service", "coverage")
SERVED = frozenset(
    [
        *_INSTALLATION,
        *(f"public_web:{name}" for name in _PAGES),
        *("open311_discovery", "open311_nowhere"),
        *(f"mobile_api:{name}" for name in _API),
        *(f"open311:{name}" for name in _GEOREPORT),
        *(f"open311_test:{name}" for name in _GEOREPORT_TEST),
    ]
)
OPEN_DATA = "opendata:"
# Whoever shows one of these is somebody, and only the app knows whom it sees.
KEYS = frozenset({"Authorization", "X-Receipt-Secret"})
MISDIRECTED = 421


class PublicReadingMiddleware:
    """Serves what the reader may serve, and shows the way to the app for everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """None lets the view answer."""
        reads = request.method in {"GET", "HEAD"} and KEYS.isdisjoint(request.headers)
        if reads and is_served(request.resolver_match.view_name if request.resolver_match else ""):
            return None
        if not reads or _shares_its_name(request):
            return _misdirected()
        return HttpResponseRedirect(f"{settings.BASE_URL}{request.get_full_path()}")


def _misdirected() -> HttpResponse:
    answer = HttpResponse(status=MISDIRECTED, content_type="text/plain")
    # Every form and every sign-in begins with it: nothing an operator should be warned of.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _shares_its_name(request: HttpRequest) -> bool:
    """Whether the app answers under the same host, so that sending people on would never end."""
    host = request.get_host()
    return host == urlsplit(settings.BASE_URL).netloc or host_town(request) is not None


def is_served(view_name: str) -> bool:
    """Whether the reader answers an address, by its name in the URL configuration."""
    return view_name in SERVED or view_name.startswith(OPEN_DATA)
