"""Mails that say that one of ours could not be delivered (RFC 3464, RFC 5321)."""

import re
from email.message import Message

_MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")
_ORIGINAL = re.compile(rb"^Message-ID:\s*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
_FAILED = re.compile(rb"^Action:\s*failed", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(rb"^Action:", re.IGNORECASE | re.MULTILINE)
_LOOKED_AT = 100_000


def is_bounce(message: Message) -> bool:
    """Whether a mail server wrote it because of one of our mails."""
    report = message.get_content_type() == "multipart/report"
    if report and str(message.get_param("report-type", "")).lower() == "delivery-status":
        return True
    return str(message.get("Return-Path", "")).strip() == "<>"


def bounced_ids(message: Message, parts: list[Message]) -> tuple[str, ...]:
    """Message-IDs of mails that failed for good; none for one that is only late."""
    said = b"\n".join(_bytes(part) for part in [message, *parts])[:_LOOKED_AT]
    if _ACTION.search(said) and not _FAILED.search(said):
        return ()
    found = [each.decode("ascii", "replace") for each in _ORIGINAL.findall(said)]
    answered = f"{message.get('In-Reply-To', '')} {message.get('References', '')}"
    own = str(message.get("Message-ID", "")).strip()
    ids = dict.fromkeys([*found, *_MESSAGE_ID.findall(answered)])
    return tuple(each for each in ids if each != own)[:10]


def _bytes(part: Message) -> bytes:
    try:
        return part.as_bytes()[:_LOOKED_AT]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return b""
