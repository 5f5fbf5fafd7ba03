"""Hands a text to the gateway that turns it into an SMS or a call: one signed JSON request.

Any gateway will do that speaks docs/operators/gateway.md; what the operator's telephone provider
wants is the gateway's own affair. The address and the key come from the settings alone.
"""

import hashlib
import hmac
import json
import re
import time
from typing import Protocol

from django.conf import settings

from notifications.faults import Fault, OutcomeUnknown, PermanentFailure, TemporaryFailure
from outgoing.client import OutgoingClient, Unanswered, Unreachable

TEXT_LIMIT = 480  # three parts of an SMS
_TAKEN = frozenset({200, 201, 202, 204, 409})  # 409: it has had this message already
_NUMBER = re.compile(r"\+[1-9][0-9]{5,14}")  # E.164
_COUNTRY = "+49"

_client = OutgoingClient("Anliegen", max_bytes=0, step_seconds=settings.ALARM_GATEWAY_SECONDS)


class Gateway(Protocol):
    """Whatever can bring a short text to a telephone."""

    def hand_over(self, *, message_id: str, number: str, text: str, language: str) -> None:
        """Give a text away; raises the faults of notifications.faults."""


class HttpGateway:
    """The gateway named in the settings; the same message may come twice with the same id."""

    def hand_over(self, *, message_id: str, number: str, text: str, language: str) -> None:
        """POST the text, signed; raises TemporaryFailure, PermanentFailure, OutcomeUnknown."""
        body = json.dumps(
            {"id": message_id, "to": number, "text": text[:TEXT_LIMIT], "language": language}
        ).encode()
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": stamp,
            "X-Signature": signature(body, stamp),
        }
        try:
            reply = _client.post(
                settings.ALARM_GATEWAY_URL, body, headers=headers, allow_private=True
            )
        except Unreachable as problem:
            raise TemporaryFailure(Fault.DEFERRED, f"gateway {problem}".strip()) from None
        except Unanswered as problem:
            raise OutcomeUnknown(Fault.UNANSWERED, f"gateway {problem}") from None
        if reply.status in _TAKEN:
            return
        if reply.status in {408, 425, 429} or reply.status >= 500:
            raise TemporaryFailure(Fault.DEFERRED, f"gateway {reply.status}")
        raise PermanentFailure(Fault.REFUSED, f"gateway {reply.status}")


def is_offered() -> bool:
    """Whether this installation has a gateway at all."""
    return bool(settings.ALARM_GATEWAY_URL and settings.ALARM_GATEWAY_KEY)


def signature(body: bytes, stamp: str) -> str:
    """What stands in `X-Signature`: HMAC-SHA-256 over `stamp.body`, hexadecimal."""
    key = settings.ALARM_GATEWAY_KEY.encode()
    return hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def dialled(number: str) -> str:
    """A telephone number as people write it in E.164 (`+497131560`), empty where it is none.

    Without a country it is a German one.
    """
    digits = re.sub(r"[^0-9+]", "", number.replace("(0)", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"{_COUNTRY}{digits[1:]}"
    return digits if _NUMBER.fullmatch(digits) else ""
