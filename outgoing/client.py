"""The one way out to servers of others: judged addresses, no redirects, bounded in size and time.

Whoever names a server may name anything: our own database, the metadata service of a cloud. The
name is therefore resolved here, every address it has is judged, and the connection goes to a
judged address and to no other (DNS rebinding).
"""

import http.client
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

logger = logging.getLogger(__name__)

REST_SECONDS = 60
_CHUNK = 16 * 1024
# Addresses that carry another one inside: it is the inner one that would be reached.
_CARRIERS = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16", "2001::/32")]


class Unreachable(Exception):
    """The server may not or cannot be asked, or did not answer 200 within the limits."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, whatever way it is written."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif any(parsed in carrier for carrier in _CARRIERS):
            return False
    return parsed.is_global and not parsed.is_multicast


class Unanswered(Exception):
    """Everything was sent, and no answer came: perhaps it was taken, perhaps not."""


@dataclass(frozen=True)
class Reply:
    """What a server said to something we sent it; its words are not read."""

    status: int
    retry_after: str = ""


@dataclass(frozen=True)
class OutgoingClient:
    """Fetches from servers of one purpose; a server that failed rests for a minute.

    `step_seconds` bounds connecting and each read, `whole_seconds` the whole answer.
    `rests_after_errors` also lets a server rest that answers 429 or 5xx.
    """

    agent: str
    max_bytes: int
    step_seconds: float = 4
    whole_seconds: float = 8
    rests_after_errors: bool = False
    # Until when (monotonic clock), so that a dead server does not keep our processes waiting.
    resting: dict[str, float] = field(default_factory=dict)

    def get(
        self, url: str, *, allow_private: bool = False, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The bytes behind an http(s) address, at most `max_bytes`. Raises Unreachable.

        `allow_private` lets the name lead into a private network: only for servers that the
        operator of the installation has named.
        """
        parts = _checked(url)
        server = f"{parts.scheme}://{parts.netloc}"
        if self.resting.get(server, 0.0) > time.monotonic():
            raise Unreachable
        try:
            return self._ask(parts, _address_of(parts, allow_private), dict(headers or {}))
        except (OSError, http.client.HTTPException, UnicodeError) as problem:
            self._rest(server)
            # The address may hold what somebody searched for: only the kind of fault is noted.
            logger.info("%s: server unreachable: %s", self.agent, type(problem).__name__)
            raise Unreachable from None

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str], allow_private: bool = False
    ) -> Reply:
        """Send something small to an http(s) address. Raises Unreachable, Unanswered."""
        return self._send("POST", url, body, headers, allow_private)

    def put(
        self, url: str, body: bytes, *, headers: Mapping[str, str], allow_private: bool = False
    ) -> Reply:
        """Store a file at an http(s) address (WebDAV). Raises Unreachable, Unanswered."""
        return self._send("PUT", url, body, headers, allow_private)

    def _send(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], allow_private: bool
    ) -> Reply:
        parts = _checked(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection = _connection(parts, _address_of(parts, allow_private), self.step_seconds)
        except (OSError, UnicodeError) as problem:
            raise Unreachable(type(problem).__name__) from None
        try:
            connection.request(method, path, body, {"User-Agent": self.agent} | dict(headers))
        except (OSError, http.client.HTTPException) as problem:
            connection.close()
            raise Unreachable(type(problem).__name__) from None
        try:
            answer = connection.getresponse()
            return Reply(answer.status, answer.getheader("Retry-After") or "")
        except (OSError, http.client.HTTPException) as problem:
            raise Unanswered(type(problem).__name__) from None
        finally:
            connection.close()

    def _ask(self, parts: SplitResult, address: str, headers: dict[str, str]) -> bytes:
        deadline = time.monotonic() + self.whole_seconds
        connection = _connection(parts, address, self.step_seconds)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"User-Agent": self.agent} | headers)
            answer = connection.getresponse()
            if answer.status != 200:  # a redirect would lead past the check of the address
                if self.rests_after_errors and (answer.status == 429 or answer.status >= 500):
                    self._rest(f"{parts.scheme}://{parts.netloc}")
                raise Unreachable
            return self._read(answer, deadline)
        finally:
            connection.close()

    def _read(self, answer: http.client.HTTPResponse, deadline: float) -> bytes:
        data = bytearray()
        while chunk := answer.read1(_CHUNK):
            data += chunk
            if len(data) > self.max_bytes:
                raise Unreachable
            if time.monotonic() > deadline:
                raise TimeoutError
        return bytes(data)

    def _rest(self, server: str) -> None:
        self.resting[server] = time.monotonic() + REST_SECONDS


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise Unreachable from None
    if not usable or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise Unreachable
    return parts


def _address_of(parts: SplitResult, allow_private: bool) -> str:
    found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not (allow_private or all(map(is_public, addresses))):
        logger.warning("a server lies in a private network and is not asked")
        raise Unreachable
    return addresses[0]


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _connection(parts: SplitResult, address: str, timeout: float) -> http.client.HTTPConnection:
    assert parts.hostname is not None  # noqa: S101 - checked before
    reached = socket.create_connection((address, _port(parts)), timeout=timeout)
    connection = http.client.HTTPConnection(parts.hostname, _port(parts))
    if parts.scheme == "https":
        reached = ssl.create_default_context().wrap_socket(reached, server_hostname=parts.hostname)
    connection.sock = reached  # already connected: the name is not resolved a second time
    return connection
