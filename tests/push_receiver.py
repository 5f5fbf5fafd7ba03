"""A push service on loopback and the device behind it: verifies, decrypts, remembers.

Written from the RFCs and not with the library that sends, so that both must be right: RFC 8291
(keys), RFC 8188 (content), RFC 8292 (signature).
"""

import base64
import json
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Device:
    """A browser's half of a subscription."""

    def __init__(self, service: "PushService", name: str = "geraet") -> None:
        self.endpoint = f"{service.origin}/send/{name}"
        self._private = ec.generate_private_key(ec.SECP256R1())
        self.point, self.auth = _point(self._private.public_key()), os.urandom(16)

    def as_json(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        keys = {"p256dh": b64(self.point), "auth": b64(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def read(self, body: bytes) -> dict[str, str]:
        """Decrypt one message; raises InvalidTag."""
        salt, (_size, id_length) = body[:16], struct.unpack("!IB", body[16:21])
        sender_point, sealed = body[21 : 21 + id_length], body[21 + id_length :]
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender_point)
        shared = self._private.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\0" + self.point + sender_point
        secret = HKDF(SHA256(), 32, self.auth, info).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        read: dict[str, str] = json.loads(plain.rstrip(b"\0").removesuffix(b"\x02"))
        return read


@dataclass
class PushService:
    """What came in: paths, headers and bodies; `status` is what it answers."""

    origin: str = ""
    status: int = 201
    silent: bool = False
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def signed_by(self, headers: dict[str, str]) -> tuple[str, dict[str, Any]]:
        """Check the signature of a request; returns the public key and the claims."""
        scheme, _blank, words = headers["Authorization"].partition(" ")
        assert scheme.lower() == "vapid"
        parts = dict(word.strip().split("=", 1) for word in words.split(","))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
        signed, _dot, signature = parts["t"].rpartition(".")
        raw = unb64(signature)
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        key.verify(utils.encode_dss_signature(r, s), signed.encode(), ec.ECDSA(SHA256()))
        return parts["k"], json.loads(unb64(signed.partition(".")[2]))


@contextmanager
def push_service() -> Iterator[PushService]:
    """A running push service."""
    service = PushService()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.received.append((self.path, dict(self.headers), body))
            if service.silent:
                self.close_connection = True
                return
            self.send_response(service.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    service.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
