"""Free TCP ports for the web server and the mail sink."""

import contextlib
import errno
import os
import re
import socket
from pathlib import Path

from deploy.local.console import Refusal


def is_free(host: str, port: int) -> bool:
    """Say whether a server could listen there now."""
    return _obstacle(host, port) == 0


def _obstacle(host: str, port: int) -> int:
    """Return the error number of listening there; 0 if it works."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:  # a name that cannot be resolved has a negative number
            return error.errno if error.errno and error.errno > 0 else errno.EADDRNOTAVAIL
    return 0


def free_port(host: str, wish: int, *, besides: int = 0) -> int:
    """Return the wished port if it is free, else one the system chooses."""
    if wish != besides and is_free(host, wish):
        return wish
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def web_address() -> tuple[str, int]:
    """Return HOST and PORT from the environment; raises Refusal where they make no sense."""
    host = os.environ.get("HOST") or "127.0.0.1"
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise Refusal(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return host, int(text)


def refuse_taken_port(host: str, port: int) -> None:
    """Raise Refusal with the reason and the way out where the web port cannot be used."""
    other = "8001" if port == 8000 else "8000"
    if port < 1024 and os.geteuid() != 0 and port < _first_free_for_all():
        raise Refusal(
            f"No right to listen on port {port}: below 1024 only root may.\n"
            f"Choose another one: make demo PORT={other}"
        )
    obstacle = _obstacle("" if host in {"0.0.0.0", "*"} else host, port)
    if obstacle == errno.EADDRINUSE:
        who = _listener(port)
        raise Refusal(
            f"Port {port} on {host} is in use{f' by {who}' if who else ''}.\n"
            f"Choose another one: make demo PORT={other}"
        )
    if obstacle:
        raise Refusal(f"HOST={host} is no address of this machine ({os.strerror(obstacle)}).")


def _first_free_for_all() -> int:
    with contextlib.suppress(OSError, ValueError):
        setting = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
        return int(setting.read_text(encoding="utf-8"))
    return 1024


def _listener(port: int) -> str:
    """Return name and number of the process that listens on a port, as far as we may see."""
    sockets = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/net/{table}").read_text(encoding="utf-8")
            sockets |= set(re.findall(rf":{port:04X} \S+ 0A (?:\S+ +){{5}}(\d+)", text))
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            inode = re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))
            if inode and inode[1] in sockets:
                pid = link.parts[2]
                name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
                return f"{name} (process {pid})"
    return ""
