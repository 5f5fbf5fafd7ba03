"""WSGI entry point."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils import translation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")


def _read_all_addresses() -> None:
    """Load the code and words of all pages now, not while a process's first visitor waits."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for addresses in (settings.ROOT_URLCONF, settings.TOWN_URLCONF):
                get_resolver(addresses).reverse_dict  # noqa: B018 - filled by being asked for


_django = get_wsgi_application()
_read_all_addresses()
_CHARSETS = ("charset=utf-8", 'charset="utf-8"', "charset=iso-8859-1", "charset=latin-1")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django behind a guard: an odd charset would fail before any middleware could answer.

    Python knows "charsets" such as idna or zlib that raise while the query is being decoded; the
    parameter is dropped unless it is one of the usual ones.
    """
    content_type = environ.get("CONTENT_TYPE", "")
    if "charset" in content_type.lower() and not content_type.lower().endswith(_CHARSETS):
        kept = [part for part in content_type.split(";") if "charset" not in part.lower()]
        environ["CONTENT_TYPE"] = ";".join(kept)
    return _django(environ, start_response)
