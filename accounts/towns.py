"""Which municipality a request is for: by host name, else by the first word of the path.

A town's pages are written as if they lay at the root. For `/heilbronn/karte/` the middleware takes
the first word off the path and sets it as script prefix, so that reverse() puts it back.
"""

import json
from collections.abc import Callable
from typing import Any, Protocol

from django.conf import settings
from django.db import connections
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import get_script_prefix, set_script_prefix

from accounts.models import RESERVED_SLUGS, Municipality
from accounts.short_memory import remembered

# Answered without asking the database which town it is: it may be what is away.
TOWNLESS = frozenset({"healthz", "readyz", "static"})
# Parts of the installation, which a town's prefix must not offer a second time.
INSTALLATION = frozenset({"desk", "admin", "api", "opendata", "healthz", "readyz", "static"})
# Interfaces that answer an impossible address in words of their own.
OWN_WORDS = frozenset({"api", "open311"})
# What the public reader knows of a town; it has no row of the app's table, so no key of one.
PUBLIC_FACTS = (
    *("slug", "name", "official_name", "state", "host_name", "center", "contact_email"),
    *("contact_phone", "website", "emergency_contact", "time_zone", "tile_url"),
    *("tile_attribution", "licence", "attribution", "contributor", "pages"),
)


class TownMiddleware:
    """Sets `request.town` (or None) and `request.town_by_host`; town pages use TOWN_URLCONF."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        first, _slash, rest = request.path_info.lstrip("/").partition("/")
        if "\x00" in request.path_info and first not in OWN_WORDS:
            raise Http404  # no column holds it, so the database could not even be asked
        by_host = None if first in TOWNLESS else _town_of_host(request)
        request.town = by_host  # type: ignore[attr-defined]
        request.town_by_host = by_host is not None  # type: ignore[attr-defined]
        if by_host is not None:
            request.urlconf = settings.TOWN_URLCONF
        if by_host is not None or first in RESERVED_SLUGS:
            return self.get_response(request)
        town = live_town(first)
        if town is None:
            return self.get_response(request)
        if request.path_info == f"/{first}":
            return HttpResponsePermanentRedirect(f"/{first}/")
        return self._in_town(request, town, rest)

    def _in_town(self, request: HttpRequest, town: Municipality, rest: str) -> HttpResponse:
        if rest.partition("/")[0] in INSTALLATION:
            raise Http404
        request.town = town  # type: ignore[attr-defined]
        request.urlconf = settings.TOWN_URLCONF
        request.path_info = f"/{rest}"
        # The prefix belongs to the thread, which goes on to serve other requests.
        before = get_script_prefix()
        set_script_prefix(f"/{town.slug}/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(before)


def _town_of_host(request: HttpRequest) -> Municipality | None:
    return _town_named(host=request.get_host().partition(":")[0].lower())


def live_town(slug: str) -> Municipality | None:
    """The municipality open to the public with this slug, without its large outline."""
    return _town_named(slug=slug)


@remembered
def _town_named(*, host: str = "", slug: str = "") -> Municipality | None:
    if settings.READER:
        return _town_seen_by_all(host, slug)
    if host:
        return _towns().filter(host_name__iexact=host).first()
    return _towns().filter(slug=slug).first() if slug else None


def _town_seen_by_all(host: str, slug: str) -> Municipality | None:
    """The same from the view that the public role reads, with what everybody may know."""
    where = "(%(host)s <> '' AND lower(host_name) = %(host)s) OR slug = %(slug)s"
    return next(iter(_seen_by_all(where, {"host": host, "slug": slug})), None)


def _seen_by_all(where: str, values: dict[str, str]) -> list[Municipality]:
    with connections["public"].cursor() as cursor:
        names = ", ".join(PUBLIC_FACTS)
        sql = f"SELECT {names} FROM open_data.municipalities WHERE {where} ORDER BY name, slug"  # noqa: S608 - our words
        cursor.execute(sql, values)
        rows = [dict(zip(PUBLIC_FACTS, row, strict=True)) for row in cursor.fetchall()]
    return [Municipality(**row | {"pages": json.loads(row["pages"])}) for row in rows]


def live_towns() -> list[Municipality]:
    """All municipalities open to the public, by name, without their large outlines."""
    if settings.READER:
        return _seen_by_all("true", {})
    return list(_towns().order_by("name", "slug"))


def _towns() -> QuerySet[Municipality]:
    # The outline of a town is large and few pages need it.
    return Municipality.objects.filter(is_live=True).defer("coverage")


def town_of(request: HttpRequest) -> Municipality:
    """The municipality a page is for; raises Http404 where there is none."""
    town: Municipality | None = getattr(request, "town", None)
    if town is None:
        raise Http404
    return town


def host_town(request: HttpRequest) -> Municipality | None:
    """The municipality whose own host name was asked, or None on the shared host.

    On a city's own host nothing of others may be visible: every door filters by this.
    """
    return getattr(request, "town", None) if getattr(request, "town_by_host", False) else None


class Addressed(Protocol):
    """Whatever knows where a town's pages lie."""

    @property
    def slug(self) -> str: ...

    @property
    def host_name(self) -> str | None: ...


def public_url(town: Addressed, path: str) -> str:
    """Absolute address of a page of a town; `path` without leading slash (for mails and feeds)."""
    if town.host_name:
        scheme = "https" if settings.HTTPS else "http"
        return f"{scheme}://{town.host_name}/{path}"
    return f"{settings.BASE_URL}/{town.slug}/{path}"


def town_context(request: HttpRequest) -> dict[str, Any]:
    """Template context: `town` on pages of a municipality."""
    return {"town": getattr(request, "town", None)}
