"""Fetches addresses of our own inside this process, as a stranger's browser would get them."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler


@dataclass(frozen=True)
class Visitor:
    """Who asks: which host, in which language."""

    host: str
    language: str = "de"


@dataclass(frozen=True)
class Answer:
    """What came back; `chunks` can be read once."""

    status: int
    headers: list[tuple[str, str]]
    chunks: Iterator[bytes]

    @property
    def location(self) -> str:
        """Where a redirection leads, or ""."""
        return next((value for name, value in self.headers if name.lower() == "location"), "")

    @property
    def head(self) -> str:
        """Status and headers as text, cookies among them."""
        return "\n".join([str(self.status), *(f"{name}: {value}" for name, value in self.headers)])


@contextmanager
def fetched(visitor: Visitor, address: str) -> Iterator[Answer]:
    """GET an address of this installation; what it answers is read as it comes."""
    begun: list[Any] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        begun[:] = [int(status.split()[0]), headers]
        return lambda written: None

    body: Iterable[bytes] = _application()(_environ(visitor, address), start_response)
    try:
        yield Answer(begun[0], begun[1], iter(body))
    finally:
        if close := getattr(body, "close", None):
            close()


@lru_cache(maxsize=1)
def _application() -> WSGIHandler:
    return WSGIHandler()


def _environ(visitor: Visitor, address: str) -> dict[str, Any]:
    wanted = urlsplit(address)
    scheme = "https" if settings.HTTPS else "http"
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote(wanted.path, "latin-1") or "/",
        "QUERY_STRING": wanted.query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": visitor.host.partition(":")[0],
        "SERVER_PORT": "443" if settings.HTTPS else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": visitor.host,
        "HTTP_X_FORWARDED_PROTO": scheme,
        "HTTP_ACCEPT_LANGUAGE": visitor.language,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
