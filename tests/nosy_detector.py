"""A detector that tries what no detector may; what it finds tells how often it succeeded."""

import os
import socket
from collections.abc import Callable
from typing import Any

from detection.proposals import Found, Kind


class Nosy:
    """Reads files, the environment, the network, starts a process."""

    name = "nosy 1"
    kinds: tuple[Kind, ...] = ("face",)

    def find(self, picture: Any) -> list[Found]:
        """One area for each attempt that was not stopped."""
        attempts: list[Callable[[], object]] = [
            lambda: os.open("/etc/passwd", os.O_RDONLY),
            lambda: os.open("/tmp/anliegen-escape", os.O_WRONLY | os.O_CREAT),
            lambda: socket.socket(socket.AF_INET),
            lambda: socket.socket(socket.AF_UNIX),
            os.fork,
        ]
        secrets = [name for name in os.environ if name.startswith("ANLIEGEN")]
        return [_AREA for attempt in attempts if _succeeds(attempt)] + [_AREA for _name in secrets]


class Greedy:
    """Takes more memory than there is for it."""

    name = "greedy 1"
    kinds: tuple[Kind, ...] = ("face",)

    def find(self, picture: Any) -> list[Found]:
        """Never comes back."""
        return [_AREA] * len(bytearray(64 * 1024**3))


_AREA = Found("face", "ellipse", 1, 1, 20, 20, 0.9)


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True
