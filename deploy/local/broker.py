"""A private Redis: Unix socket only. It carries wake-ups; nothing in it is the truth."""

import contextlib
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.console import Refusal, note, step
from deploy.local.packages import redis_server
from deploy.local.processes import (
    Identity,
    clean_environment,
    identity_of,
    is_alive,
    rotate,
    send,
    spawn,
    tail,
    wait_until,
    working_folder,
)

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "protected-mode": "yes",
    "databases": "64",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",  # evicted keys break the queues (Celery on Redis)
    "save": '""',
    "daemonize": "no",
    "loglevel": "notice",
}


@dataclass
class Broker:
    """One Redis of this checkout."""

    data: Path
    sockets: Path
    log: Path
    for_tests: bool
    _child: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def socket_path(self) -> Path:
        """The socket clients connect to."""
        return self.sockets / "redis.sock"

    def start(self) -> None:
        """Have it running; instant if it is. Raises Refusal where that is not possible."""
        if self.process() is not None and self._answers():
            return
        self.stop()  # one that runs but does not answer
        with step("Starting Redis"):
            self._configure()
            rotate(self.log)
            if not self._launch():
                self._forget()
                if not self._launch():
                    raise Refusal(f"Redis does not start:\n{tail(self.log)}")

    def stop(self) -> None:
        """Shut down."""
        for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            running = self.process()
            if running is None:
                return
            send(running, number)
            wait_until(lambda who=running: not self._runs(who), seconds)  # type: ignore[misc]

    def process(self) -> Identity | None:
        """Return the running Redis of this data folder (a left pid file may deceive)."""
        if self._child is not None:
            self._child.poll()
        try:
            pid = int((self.data / "redis.pid").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return identity_of(pid) if working_folder(pid) == self.data.resolve() else None

    def _runs(self, who: Identity) -> bool:
        if self._child is not None:
            self._child.poll()
        return is_alive(who)

    def _configure(self) -> None:
        for folder in (self.data, self.sockets):
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            folder.chmod(0o700)
        settings = SETTINGS | {
            "unixsocket": f'"{self.socket_path}"',
            "dir": f'"{self.data}"',
            "pidfile": f'"{self.data / "redis.pid"}"',
            # Only speeds up recovery; the sweepers would re-create every wake-up.
            "appendonly": "no" if self.for_tests else "yes",
            "appendfsync": "everysec",
        }
        lines = [f"{name} {value}" for name, value in settings.items()]
        config = self.data / "redis.conf"
        config.write_text("\n".join(["# written at every start", *lines, ""]), encoding="utf-8")

    def _launch(self) -> bool:
        program = redis_server()
        if program is None:
            raise Refusal("Redis is not installed; run: make bootstrap")
        (self.data / "redis.pid").unlink(missing_ok=True)
        command = [program, str(self.data / "redis.conf")]
        environment = clean_environment({"LC_ALL": "C.UTF-8"})
        child = spawn(command, log=self.log, env=environment, cwd=self.data)
        self._child = child
        wait_until(lambda: child.poll() is not None or self._answers(), 30, pause=0.02)
        return child.poll() is None

    def _forget(self) -> None:
        """Drop an append-only file that does not load: it holds nothing that counts."""
        kept = self.data / "appendonlydir"
        if kept.is_dir():
            note("its file is damaged; starting empty, the sweepers restore the wake-ups")
            shutil.rmtree(kept)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(self.socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        return False
