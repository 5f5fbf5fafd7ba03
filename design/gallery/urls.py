"""The addresses the shells and patterns lead to, as names of the written files."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def _nowhere(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """The gallery is never served by Django; the addresses only have to exist."""
    return HttpResponse()


def _names(*names: str) -> list[URLPattern]:
    return [path(f"{name}.html", _nowhere, name=name) for name in names]


_public = [
    path("karte.html", _nowhere, name="home"),
    path("anliegenart.html", _nowhere, name="choose_category"),
    path("meine.html", _nowhere, name="mine"),
    path("melden-<code>.html", _nowhere, name="report_form"),
    path("seite-<page>.html", _nowhere, name="page"),
]
_desk = [path("vorgaenge.html", _nowhere, name="queue"), *_names("search", "town", "logout")]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((_public, "public_web"))),
    path("", include((_desk, "staff_desk"))),
    path("", include((_names("index"), "opendata"))),
    path("sprache.html", _nowhere, name="set_language"),
]
