"""Where a hand-over is put: a folder, a WebDAV collection, an S3 bucket; by address.

    folder:/srv/eakte            file by file, complete or not at all
    https://dav.example/eakte/   WebDAV, PUT with basic authentication
    s3:bucket/prefix             credentials from the environment, as boto3 reads them

The same name put twice is the same file, so a second try after a lost answer does no harm.
"""

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from outgoing.client import OutgoingClient, Unanswered, Unreachable

_CLIENT = OutgoingClient(agent="Anliegen", max_bytes=0, step_seconds=30)
_STORED = {200, 201, 204}


class NotDelivered(OSError):
    """The target did not take it; says which kind of fault, never an address."""


class UnknownTarget(ValueError):
    """No such kind of target."""


@dataclass(frozen=True)
class Target:
    """An address and, for WebDAV, who logs in."""

    address: str
    user: str = ""
    password: str = ""


def deliver(target: Target, name: str, content: bytes) -> None:
    """Put a file. Raises NotDelivered, UnknownTarget."""
    kind = target.address.partition(":")[0]
    put = _KINDS.get(kind)
    if put is None:
        raise UnknownTarget(kind)
    put(target, name, content)


def _to_folder(target: Target, name: str, content: bytes) -> None:
    folder = Path(target.address.partition(":")[2])
    unfinished = folder / f".{secrets.token_hex(8)}"
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
    except OSError as fault:
        unfinished.unlink(missing_ok=True)
        raise NotDelivered(type(fault).__name__) from None


def _to_webdav(target: Target, name: str, content: bytes) -> None:
    headers = {"Content-Type": "application/zip"}
    if target.user:
        pair = base64.b64encode(f"{target.user}:{target.password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    address = f"{target.address.rstrip('/')}/{name}"
    try:
        reply = _CLIENT.put(address, content, headers=headers, allow_private=True)
    except (Unreachable, Unanswered) as fault:
        raise NotDelivered(type(fault).__name__) from None
    if reply.status not in _STORED:
        raise NotDelivered(str(reply.status))


def _to_s3(target: Target, name: str, content: bytes) -> None:
    bucket, _slash, prefix = target.address.partition(":")[2].partition("/")
    try:
        client = import_module("boto3").client("s3")
        key = f"{prefix.rstrip('/')}/{name}" if prefix else name
        client.put_object(Bucket=bucket, Key=key, Body=content)
    except Exception as fault:
        raise NotDelivered(type(fault).__name__) from None


_KINDS: dict[str, Callable[[Target, str, bytes], None]] = {
    "folder": _to_folder,
    "https": _to_webdav,
    "http": _to_webdav,
    "s3": _to_s3,
}
