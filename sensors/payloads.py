"""What network servers send, brought into one form.

ChirpStack: the JSON of its HTTP integration, v4 (`deviceInfo.devEui`, `object`) and v3 (`devEUI`,
`objectJSON`). The Things Stack v3: the uplink message of its webhooks (`end_device_ids.dev_eui`,
`uplink_message.decoded_payload`). Both decode the device's bytes themselves; where no decoder is
set up there, there is nothing to read here, and the answer says so.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sensors.models import PayloadFormat

_DEEPEST, _MOST_VALUES = 4, 60


class PayloadUnreadable(Exception):
    """What was sent is no message of this format; `code` says what is missing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Uplink:
    """One message of a device: its EUI (lower case), its own key, and the numbers it measured."""

    eui: str
    message_key: str
    values: Mapping[str, float]
    is_test: bool = False


def read_payload(payload_format: str, body: Mapping[str, Any], *, event: str = "") -> Uplink | None:
    """The uplink in a message, or None for a message that carries no measurement (a join, an ack).

    Raises PayloadUnreadable.
    """
    match payload_format:
        case PayloadFormat.TTN:
            return _from_ttn(body)
        case PayloadFormat.CHIRPSTACK:
            return _from_chirpstack(body, event)
        case _:
            return _from_plain(body)


def _from_chirpstack(body: Mapping[str, Any], event: str) -> Uplink | None:
    if event not in {"", "up"}:
        return None
    info = body.get("deviceInfo")
    eui = info.get("devEui") if isinstance(info, Mapping) else body.get("devEUI")
    decoded = body.get("object")
    if decoded is None and isinstance(body.get("objectJSON"), str):
        decoded = _json(body["objectJSON"])
    own = body.get("deduplicationId") or [body.get("fCnt"), body.get("time"), body.get("data")]
    return _uplink(eui, own, decoded)


def _from_ttn(body: Mapping[str, Any]) -> Uplink | None:
    ids, message = body.get("end_device_ids"), body.get("uplink_message")
    if not isinstance(ids, Mapping):
        raise PayloadUnreadable("device_missing")
    if not isinstance(message, Mapping):
        return None
    own = [message.get("f_cnt"), message.get("received_at"), message.get("frm_payload")]
    eui = ids.get("dev_eui") or ids.get("device_id")
    return _uplink(eui, own, message.get("decoded_payload"), is_test=bool(body.get("simulated")))


def _from_plain(body: Mapping[str, Any]) -> Uplink:
    return _uplink(body.get("device"), body.get("id") or body, body.get("values"))


def _uplink(eui: object, own: object, decoded: object, *, is_test: bool = False) -> Uplink:
    if not isinstance(eui, str) or not 4 <= len(eui) <= 32 or not _is_plain(eui):
        raise PayloadUnreadable("device_missing")
    if not isinstance(decoded, Mapping):
        raise PayloadUnreadable("not_decoded")
    key = hashlib.sha256(json.dumps(own, sort_keys=True, default=str).encode()).hexdigest()
    return Uplink(eui.lower(), key, dict(_numbers(decoded)), is_test)


def _is_plain(eui: str) -> bool:
    return eui.isascii() and eui.replace("-", "").replace("_", "").isalnum()


def _numbers(decoded: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, float]:
    """Numbers of a decoded payload by their path; truth values count as 0 and 1."""
    found: dict[str, float] = {}
    for name, value in list(decoded.items())[:_MOST_VALUES]:
        path = f"{prefix}{name}"[:80]
        if isinstance(value, Mapping) and depth < _DEEPEST:
            found |= _numbers(value, f"{path}.", depth + 1)
        elif isinstance(value, bool | int | float) and _is_finite(value):
            found[path] = float(value)
    return dict(list(found.items())[:_MOST_VALUES])


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
