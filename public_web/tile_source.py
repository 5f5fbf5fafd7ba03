"""The one way out to a tile server: public addresses only, no redirects, bounded in size and time.

A town's administration chooses the server, so its name may lead anywhere: to our own database, to
the metadata service of a cloud. The name is therefore resolved here, every address it has is
judged, and the connection goes to a judged address and to no other (DNS rebinding).
"""

import http.client
import ipaddress
import logging
import socket
import ssl
import time
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

logger = logging.getLogger(__name__)

MAX_BYTES = 512 * 1024
STEP_SECONDS, WHOLE_SECONDS = 4, 8
REST_SECONDS = 60
_AGENT = "Anliegen tile cache"
_CHUNK = 16 * 1024
# Addresses that carry another one inside: it is the inner one that would be reached.
_CARRIERS = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16", "2001::/32")]
# Servers that failed rest for a while, so that a dead one does not keep our processes waiting.
_resting: dict[str, float] = {}


class TileUnavailable(Exception):
    """The tile server may not or cannot be asked, or did not answer with a picture's bytes."""


def fetch(url: str) -> bytes:
    """The bytes behind an http(s) address, at most MAX_BYTES. Raises TileUnavailable."""
    parts = _checked(url)
    server = f"{parts.scheme}://{parts.netloc}"
    if _resting.get(server, 0.0) > time.monotonic():
        raise TileUnavailable
    try:
        return _ask(parts, _address_of(parts))
    except (OSError, http.client.HTTPException, UnicodeError) as problem:
        _resting[server] = time.monotonic() + REST_SECONDS
        logger.info("tile server unreachable: %s", type(problem).__name__)
        raise TileUnavailable from None


def may_be_asked(address: str) -> bool:
    """Whether an IP address is public, or private ones are allowed by the installation."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if settings.TILES_FROM_PRIVATE_NETWORK:
        return True
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif any(parsed in carrier for carrier in _CARRIERS):
            return False
    return parsed.is_global and not parsed.is_multicast


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise TileUnavailable from None
    if not usable or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise TileUnavailable
    return parts


def _address_of(parts: SplitResult) -> str:
    found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(map(may_be_asked, addresses)):
        logger.warning("tile server lies in a private network and is not asked")
        raise TileUnavailable
    return addresses[0]


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _ask(parts: SplitResult, address: str) -> bytes:
    connection = _connection(parts, address)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"User-Agent": _AGENT})
        answer = connection.getresponse()
        if answer.status != 200:  # a redirect would lead past the check of the address
            raise TileUnavailable
        return _read(answer)
    finally:
        connection.close()


def _connection(parts: SplitResult, address: str) -> http.client.HTTPConnection:
    assert parts.hostname is not None  # noqa: S101 - checked before
    reached = socket.create_connection((address, _port(parts)), timeout=STEP_SECONDS)
    connection = http.client.HTTPConnection(parts.hostname, _port(parts))
    if parts.scheme == "https":
        reached = ssl.create_default_context().wrap_socket(reached, server_hostname=parts.hostname)
    connection.sock = reached  # already connected: the name is not resolved a second time
    return connection


def _read(answer: http.client.HTTPResponse) -> bytes:
    deadline = time.monotonic() + WHOLE_SECONDS
    data = bytearray()
    while chunk := answer.read1(_CHUNK):
        data += chunk
        if len(data) > MAX_BYTES or time.monotonic() > deadline:
            raise TileUnavailable
    return bytes(data)
