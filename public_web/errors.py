"""Error pages: what happened, what to do next, nothing internal."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(request, 403)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 where a form was sent without the token of the page it stood on."""
    return render(request, "public_web/errors/form_expired.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; the same page for what does not exist and what is not public."""
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; without session, messages, user or town, because the database may be what failed."""
    return HttpResponse(render_to_string("public_web/errors/500.html"), status=500)


def _page(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"public_web/errors/{status}.html", status=status)
