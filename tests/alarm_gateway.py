"""A gateway for SMS and calls on loopback that keeps what it gets and checks who sent it."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "ein Schlüssel nur für diesen Test"


@dataclass
class AlarmGateway:
    """What came in, signed rightly; `status` is what it answers, `refused` how many it did not
    believe."""

    url: str = ""
    status: int = 202
    refused: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, body: bytes, stamp: str, signature: str) -> int:
        """Judge one request as docs/operators/gateway.md describes it."""
        signed = stamp.encode() + b"." + body
        wanted = hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, signature):
            self.refused += 1
            return 401
        if self.status < 300:
            self.taken.append(json.loads(body))
        return self.status


@contextmanager
def alarm_gateway() -> Iterator[AlarmGateway]:
    """A running gateway."""
    gateway = AlarmGateway()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = gateway.answer(body, self.headers["X-Timestamp"], self.headers["X-Signature"])
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}/alarm"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
