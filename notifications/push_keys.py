"""The key this installation signs push messages with (VAPID, RFC 8292); none means no push."""

import base64
import functools

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


def public_key() -> str | None:
    """The key browsers ask for when they subscribe (`applicationServerKey`), or None."""
    return _public_key_of(settings.VAPID_KEY) if settings.VAPID_KEY else None


@functools.cache
def _public_key_of(private_key: str) -> str:
    number = int.from_bytes(from_base64url(private_key), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return to_base64url(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def is_curve_point(point: bytes) -> bool:
    """Whether bytes are an uncompressed point of the curve P-256."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == 65


def from_base64url(text: str) -> bytes:
    """Bytes of base64url, with padding or without; raises ValueError."""
    bare = text.rstrip("=")
    padded = bare + "=" * (-len(bare) % 4)
    return base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)


def to_base64url(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
