"""How people outside the town hall get in without an account: a link, exchanged for a cookie.

The cookie is signed, HTTP-only and names what it opens with the version of its key, so that
raising the version shuts it out at once. Nothing behind it is stored by browsers or found by
search engines.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control

from accounts import limits
from accounts.peers import peer_network
from public_web.views.receipt import SECRET_TRIES

P = ParamSpec("P")
SALT = "outside"
LIMIT = 20
Entry = tuple[str, int, int]  # what kind of thing, its id, the version of its key


def unlisted(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A view whose answers are neither stored nor listed anywhere, and tell no other site."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        patch_cache_control(response, no_store=True, private=True)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded


def may_try(request: HttpRequest) -> bool:
    """Count one try of a code from this network."""
    return limits.count_attempt("outside", peer_network(request), **SECRET_TRIES).allowed


def holds(request: HttpRequest, entry: Entry) -> bool:
    """Whether this browser was given the key of a thing in its present version."""
    return entry in _read(request)


def remember(request: HttpRequest, response: HttpResponse, entry: Entry) -> None:
    """Add a thing to the browser's cookie after its code was shown to be right."""
    kept = [each for each in _read(request) if each[:2] != entry[:2]]
    response.set_cookie(
        settings.OUTSIDE_COOKIE_NAME,
        signing.dumps([entry, *kept][:LIMIT], salt=SALT, compress=True),
        max_age=settings.OUTSIDE_COOKIE_SECONDS,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Lax",
    )


def link_ended(request: HttpRequest) -> HttpResponse:
    """The page for a link that opens nothing, whatever the reason: wrong, revoked, ended."""
    return render(request, "public_web/link_ended.html", {}, status=404)


def _read(request: HttpRequest) -> list[Entry]:
    raw = request.COOKIES.get(settings.OUTSIDE_COOKIE_NAME, "")
    if not raw:
        return []
    try:
        entries = signing.loads(raw, salt=SALT, max_age=settings.OUTSIDE_COOKIE_SECONDS)
    except signing.BadSignature:
        return []
    return [(str(kind), int(pk), int(version)) for kind, pk, version in entries]
