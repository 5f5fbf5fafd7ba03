"""Headers every answer carries beyond those Django and django-csp set."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PERMISSIONS = "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()"
PRIVATE_PREFIXES = ("/desk/", "/admin/")


class SecurityHeadersMiddleware:
    """Adds Permissions-Policy, Cross-Origin-Resource-Policy, and no-store on staff pages.

    Errors are not kept either: a 404 is cacheable by default (RFC 9110, section 15.1), and what is
    not public today may be public tomorrow.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(PRIVATE_PREFIXES):
            response.headers["Cache-Control"] = "no-store"
        elif response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
