"""The list of what was erased on request, kept twice: as rows, and as lines of a file.

A backup that is restored knows nothing of later erasures, so the file belongs on another volume
(ANLIEGEN_ERASURE_LIST) and `manage.py replay_erasures` plays it again. It holds keyed hashes.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from reports.rights import ErasedKey


def hash_of_address(address: str) -> str:
    """What tells an address again, ignoring case; keyed, so that none can be tried."""
    words = f"person:{address.strip().casefold()}".encode()
    return hmac.new(settings.RECEIPT_KEY, words, hashlib.sha256).hexdigest()


def hash_of_number(number: str) -> str:
    """What tells a case's number again to whoever knows it."""
    return hmac.new(settings.RECEIPT_KEY, f"case:{number}".encode(), hashlib.sha256).hexdigest()


def remember(kind: ErasedKey.Kind, key: str, *, now: datetime) -> None:
    """Add to both lists; the file first, for it must know at least as much as any backup."""
    _append({"kind": kind.value, "key": key, "at": now.isoformat()})
    ErasedKey.objects.update_or_create(kind=kind, key=key, defaults={"at": now})


def listed(path: Path | None = None) -> dict[tuple[str, str], datetime]:
    """When each (kind, key) of the rows and of the file (or of another one) was last erased."""
    entries = [*ErasedKey.objects.values_list("kind", "key", "at"), *_lines(path or _path())]
    latest: dict[tuple[str, str], datetime] = {}
    for kind, key, at in entries:
        latest[kind, key] = max(at, latest.get((kind, key), at))
    return latest


def _path() -> Path:
    return Path(settings.ERASURE_LIST)


def _append(line: dict[str, str]) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _lines(path: Path) -> Iterator[tuple[str, str, datetime]]:
    if not path.exists():
        return
    with path.open(encoding="ascii") as file:
        for line in file:
            if line.strip():
                entry = json.loads(line)
                yield entry["kind"], entry["key"], datetime.fromisoformat(entry["at"])
