"""A random name for this browser, set only where somebody joins in without an address."""

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_NAME = re.compile(r"[A-Za-z0-9_-]{22,64}")


def device_of(request: HttpRequest) -> str:
    """The name this browser was given, or an empty text."""
    name = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    return name if _NAME.fullmatch(name) else ""


def new_device() -> str:
    """A name nobody can guess (128 bits)."""
    return secrets.token_urlsafe(16)


def remember(response: HttpResponse, device: str) -> None:
    """Keep the name in the browser; it is read by us only and says nothing about anybody."""
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        device,
        max_age=settings.DEVICE_COOKIE_SECONDS,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )
