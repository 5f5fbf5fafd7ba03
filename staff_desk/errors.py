"""What the desk answers where somebody may not do what was asked."""

from typing import cast

from django.http import HttpRequest, HttpResponse

from staff_desk.access import DeskRequest, never_stored
from staff_desk.navigation import render_desk


def is_ours(request: HttpRequest) -> bool:
    """Whether somebody with a role asked for a page of the desk."""
    return hasattr(request, "desk")


def forbidden(request: HttpRequest) -> HttpResponse:
    """403 with the work lists around it, so that everybody finds back to their own."""
    page = render_desk(cast("DeskRequest", request), "staff_desk/forbidden.html", {}, status=403)
    never_stored(page)
    return page
