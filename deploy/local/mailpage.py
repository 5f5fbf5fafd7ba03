"""The page of the mail sink: list, search, one mail; and the same as JSON."""

import html
import json
import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

if TYPE_CHECKING:
    from deploy.local.mailsink import Mail, MailSink

OWN_NAMES = {"127.0.0.1", "localhost", "[::1]"}
LIST_LENGTH = 200
POLL_SECONDS = 0.05  # how soon it notices that it shall stop
STYLE = Path(__file__).with_name("mailpage.css")
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"


class Page:
    """Serves the mails of one sink over HTTP on loopback."""

    def __init__(self, sink: "MailSink", port: int) -> None:
        handler = type("Handler", (_Requests,), {"sink": sink})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True
        )

    def start(self) -> int:
        """Begin serving; returns the port."""
        self._thread.start()
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """End serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Requests(BaseHTTPRequestHandler):
    sink: "MailSink"
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """Pages and JSON."""
        if not self._is_local():
            return
        address = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(address.query).items()}
        if address.path == "/":
            self._page("Mails", _list(self.sink.find(to=asked.get("to", "")), asked), asked)
        elif address.path == "/style.css":
            self._send(STYLE.read_bytes(), "text/css; charset=utf-8")
        elif address.path == "/api/messages":
            self._messages(asked)
        elif found := re.fullmatch(r"/(api/messages|mails|raw)/(\d+)", address.path):
            self._one(found[1], int(found[2]))
        else:
            self._json({"error": "not found"}, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Set the mode: {"mode": "451", "count": 3, "delay": 5, "recipient": "…"}."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 10_000))
        if not self._is_local():
            return
        if self.path != "/api/mode":
            self._json({"error": "not found"}, HTTPStatus.NOT_FOUND)
            return
        try:
            wish: dict[str, Any] = json.loads(body)
            self.sink.set_mode(wish.pop("mode"), **wish)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
            return
        self._json({"mode": self.sink.mode.name, "count": self.sink.mode.count})

    def do_DELETE(self) -> None:
        """Forget all mails."""
        if not self._is_local():
            return
        if self.path == "/api/messages":
            self.sink.clear()
            self._json({"deleted": True})
        else:
            self._json({"error": "not found"}, HTTPStatus.NOT_FOUND)

    def _messages(self, asked: dict[str, str]) -> None:
        try:
            found = self.sink.find(to=asked.get("to", ""), since=asked.get("since", ""))
        except ValueError:
            message = "since must be an ISO time or the number of a mail"
            self._json({"error": message}, HTTPStatus.BAD_REQUEST)
            return
        self._json({"count": len(found), "messages": [mail.as_json() for mail in found]})

    def _one(self, kind: str, number: int) -> None:
        found = [mail for mail in self.sink.messages if mail.id == number]
        if not found:
            self._json({"error": "not found"}, HTTPStatus.NOT_FOUND)
        elif kind == "raw":
            self._send(found[0].raw, "message/rfc822")
        elif kind == "mails":
            self._page(found[0].subject, _mail(found[0]), {})
        else:
            self._json(found[0].as_json())

    def _is_local(self) -> bool:
        """Refuse other sites' pages: neither a rebound name nor a foreign origin may ask."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        origin = self.headers.get("Origin")
        own = origin is None or urlsplit(origin).hostname in {"127.0.0.1", "localhost", "::1"}
        if host in OWN_NAMES and own:
            return True
        self._json({"error": "only for this machine"}, HTTPStatus.FORBIDDEN)
        return False

    def _page(self, title: str, content: str, asked: dict[str, str]) -> None:
        wanted = html.escape(asked.get("to", ""), quote=True)
        text = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            '<link rel="stylesheet" href="/style.css">'
            f"<title>{html.escape(title or 'No subject')}</title></head><body>"
            '<header><form action="/" method="get"><a href="/">Mails of the local stack</a>'
            '<label for="to" class="quiet">Recipient</label>'
            f'<input id="to" name="to" type="search" value="{wanted}"><button>Search</button>'
            f"</form></header><main>{content}</main></body></html>"
        )
        self._send(text.encode(), "text/html; charset=utf-8")

    def _json(self, value: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        self._send(body, "application/json; charset=utf-8", status)

    def _send(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: addresses of mails do not belong into a log."""


def _list(mails: "list[Mail]", asked: dict[str, str]) -> str:
    newest = sorted(mails, key=lambda mail: -mail.id)[:LIST_LENGTH]
    rows = "".join(
        f'<li><a href="/mails/{mail.id}"><strong>{html.escape(mail.subject or "No subject")}'
        f'</strong><span class="quiet">{_moment(mail)}</span>'
        f'<span class="quiet">to {html.escape(", ".join(mail.to))}</span></a></li>'
        for mail in newest
    )
    whom = f" to “{html.escape(asked['to'])}”" if asked.get("to") else ""
    shown = f", the newest {LIST_LENGTH} are shown" if len(mails) > LIST_LENGTH else ""
    reload = f"/?to={quote(asked['to'])}" if asked.get("to") else "/"
    return (
        f"<h1>{len(mails)} {'mail' if len(mails) == 1 else 'mails'}{whom}</h1>"
        f'<p class="quiet">Nothing leaves this machine{shown}. <a href="{reload}">Reload</a></p>'
        f"<ul>{rows}</ul>"
    )


def _mail(mail: "Mail") -> str:
    rows = {
        "From": mail.sender,
        "To": ", ".join(mail.to),
        "Date": mail.date,
        "Received": _moment(mail),
        "Message-ID": mail.message_id,
    }
    facts = "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>" for name, text in rows.items())
    source = mail.raw.decode("utf-8", "replace")
    return (
        f"<h1>{html.escape(mail.subject or 'No subject')}</h1><dl>{facts}</dl>"
        f"<pre>{_with_links(mail.body)}</pre>"
        f"<details><summary>Source</summary><pre>{html.escape(source)}</pre></details>"
        f'<p><a href="/raw/{mail.id}" download="{mail.id}.eml">Download</a></p>'
    )


def _with_links(text: str) -> str:
    """Escape a text and make its web addresses clickable."""
    parts = re.split(r"(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]])", text)
    return "".join(
        f'<a href="{html.escape(part, quote=True)}" rel="noreferrer">{html.escape(part)}</a>'
        if number % 2
        else html.escape(part)
        for number, part in enumerate(parts)
    )


def _moment(mail: "Mail") -> str:
    return html.escape(mail.received_at[:19].replace("T", " ")) + " UTC"
