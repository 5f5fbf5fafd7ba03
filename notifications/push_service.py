"""Hands an encrypted message to the push service of a device (RFC 8030, RFC 8291, RFC 8292).

A push service is a server of a browser's maker. Which ones we speak to is a list of the operator:
a subscription comes from outside and could name any address.
"""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from notifications.faults import (
    Fault,
    OutcomeUnknown,
    PermanentFailure,
    RecipientGone,
    TemporaryFailure,
)
from notifications.models import PushSubscription
from outgoing.client import OutgoingClient, Unanswered, Unreachable

KEEP_SECONDS = 3 * 24 * 3600  # how long a service keeps a message for a device that is switched off
SIGNED_FOR_SECONDS = 3600
_TAKEN = {200, 201, 202, 204}
_GONE = {404, 410}

_client = OutgoingClient("Anliegen", max_bytes=0, step_seconds=settings.PUSH_TIMEOUT_SECONDS)


def is_allowed(endpoint: str) -> bool:
    """Whether an endpoint lies on a push service we speak to."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or parts.fragment or not parts.hostname:
        return False
    if _origin(parts) in settings.PUSH_HOSTS:  # named in full, for instance by tests
        return True
    is_plain = parts.scheme == "https" and port in {None, 443}
    return is_plain and any(fnmatchcase(parts.hostname, host) for host in settings.PUSH_HOSTS)


def hand_over(subscription: PushSubscription, payload: Mapping[str, str]) -> None:
    """Encrypt and send; raises RecipientGone and the faults of notifications.faults."""
    if not is_allowed(subscription.endpoint):
        raise PermanentFailure(Fault.REFUSED, "host")
    origin = _origin(urlsplit(subscription.endpoint))
    headers = {
        **_signature(origin),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEEP_SECONDS),
        "Urgency": "normal",
        # A device that was switched off hears of the newest state of a report only (5.4).
        "Topic": _topic(subscription.subject_ref),
    }
    body = _encrypted(subscription, payload)
    try:
        reply = _client.post(
            subscription.endpoint,
            body,
            headers=headers,
            allow_private=origin in settings.PUSH_HOSTS,
        )
    except Unreachable as problem:
        raise TemporaryFailure(Fault.DEFERRED, f"push {problem}".strip()) from None
    except Unanswered as problem:
        raise OutcomeUnknown(Fault.UNANSWERED, f"push {problem}") from None
    _judge(reply.status)


def _judge(status: int) -> None:
    if status in _TAKEN:
        return
    if status in _GONE:
        raise RecipientGone(Fault.GONE, f"push {status}")
    if status == 429 or status >= 500:
        raise TemporaryFailure(Fault.DEFERRED, f"push {status}")
    raise PermanentFailure(Fault.REFUSED, f"push {status}")


def _encrypted(subscription: PushSubscription, payload: Mapping[str, str]) -> bytes:
    from pywebpush import WebPusher  # noqa: PLC0415 - loads two HTTP clients, in workers only

    keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
    pusher = WebPusher({"endpoint": subscription.endpoint, "keys": keys})
    body: bytes = pusher.encode(json.dumps(payload).encode(), "aes128gcm")["body"]
    return body


def _signature(origin: str) -> dict[str, str]:
    from py_vapid import Vapid02  # noqa: PLC0415 - see above

    claims = {
        "sub": f"mailto:{settings.PUSH_CONTACT}",
        "aud": origin,
        "exp": int(time.time()) + SIGNED_FOR_SECONDS,
    }
    signed: dict[str, str] = Vapid02.from_string(settings.VAPID_KEY).sign(claims)
    return signed


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _topic(subject_ref: str) -> str:
    """At most 32 characters of base64url, the same for every message of a subject."""
    digest = hashlib.sha256(subject_ref.encode()).digest()[:24]
    return base64.urlsafe_b64encode(digest).decode()
