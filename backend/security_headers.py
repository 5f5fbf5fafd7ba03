"""Headers every answer carries beyond those Django and django-csp set."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PERMISSIONS = "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()"
PRIVATE_PREFIXES = ("/desk/", "/admin/")


class SecurityHeadersMiddleware:
    """Adds Permissions-Policy, Cross-Origin-Resource-Policy, and no-store on staff pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(PRIVATE_PREFIXES):
            response.headers["Cache-Control"] = "no-store"
        return response
