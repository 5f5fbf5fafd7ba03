"""What `var/run.json` remembers of a running stack, so that other commands can find it."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.local.layout import ROOT, VAR, locked
from deploy.local.processes import Identity, identity_of, is_alive, working_folder

FILE = VAR / "run.json"
LOCK = "run"


@contextlib.contextmanager
def held() -> Iterator[list[Identity]]:
    """Be the one stack of this checkout; yields programs an earlier one may have left over.

    Raises BlockingIOError if there is one already."""
    with locked(LOCK):
        left = left_over()
        myself = identity_of(os.getpid())
        _write({"supervisor": _row(myself), "state": "starting", "programs": {}})
        try:
            yield left
        finally:
            FILE.unlink(missing_ok=True)


def is_held() -> bool:
    """Say whether a stack of this checkout runs."""
    try:
        with (VAR / f"{LOCK}.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def read() -> dict[str, Any]:
    """Return what is remembered, or nothing."""
    with contextlib.suppress(OSError, ValueError):
        content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
        return content
    return {}


def update(*, programs: Mapping[str, Identity] | None = None, **values: str) -> None:
    """Remember further facts."""
    content = read() | values
    if programs is not None:
        content["programs"] = {name: _row(who) for name, who in programs.items()}
    _write(content)


def supervisor() -> Identity | None:
    """Return the supervisor's process."""
    return _identity(read().get("supervisor"))


def is_of(pid: int) -> bool:
    """Say whether the process of this number is the supervisor."""
    who = supervisor()
    return who is not None and who.pid == pid


def left_over() -> list[Identity]:
    """Return programs left over by a supervisor that was killed; ask only when none runs.

    They must work in this checkout: the file may have come along with a copied folder."""
    rows = read().get("programs", {}).values()
    found = [who for row in rows if (who := _identity(row))]
    return [who for who in found if is_alive(who) and working_folder(who.pid) == ROOT]


def _row(who: Identity | None) -> list[int]:
    return [who.pid, who.started] if who else []


def _identity(row: object) -> Identity | None:
    if isinstance(row, list) and len(row) == 2:
        return Identity(int(row[0]), int(row[1]))
    return None


def _write(content: Mapping[str, Any]) -> None:
    fresh = FILE.with_suffix(".new")
    fresh.write_text(json.dumps(content, indent=1), encoding="utf-8")
    fresh.replace(FILE)
