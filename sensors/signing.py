"""Whether a message really comes from a fleet's network server.

Two ways, since network servers differ in what they can do: a signature over the time and the body
(HMAC-SHA-256, at most five minutes old), or the fleet's key itself in `Authorization: Bearer …`,
which is what ChirpStack and The Things Stack can send. The key is derived and stored nowhere.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from accounts import derived_codes
from sensors.models import Fleet

PURPOSE = "fleet"
LATE_AFTER = timedelta(minutes=5)


def key_of(fleet: Fleet) -> str:
    """The key of a fleet in its present version."""
    return derived_codes.derive(PURPOSE, fleet.pk, fleet.key_version)


def signature_of(fleet: Fleet, body: bytes, timestamp: str) -> str:
    """The signature a sender puts into `X-Signature`: hexadecimal, over `timestamp.body`."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(key_of(fleet).encode(), signed, hashlib.sha256).hexdigest()


def is_genuine(
    fleet: Fleet,
    body: bytes,
    *,
    authorization: str,
    signature: str,
    timestamp: str,
    now: datetime,
) -> bool:
    """Whether key or signature fit; a signature must not be older (or newer) than five minutes."""
    scheme, _blank, given = authorization.partition(" ")
    if scheme.lower() == "bearer" and given:
        return derived_codes.matches(given, PURPOSE, fleet.pk, fleet.key_version)
    if not signature or not (timestamp.isascii() and timestamp.isdecimal()):
        return False
    if len(timestamp) > 12 or abs(now.timestamp() - int(timestamp)) > LATE_AFTER.total_seconds():
        return False
    wanted = signature_of(fleet, body, timestamp)
    return hmac.compare_digest(signature.lower().removeprefix("sha256=").encode(), wanted.encode())
