"""Start, follow, recognise and end processes."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.console import Refusal, note, say

TICK_SECONDS = 5.0
# Settings of the caller's shell that would reach into our interpreters and database clients.
FOREIGN_PREFIXES = ("PYTHON", "PG", "DJANGO_", "CELERY_", "GUNICORN_")
FOREIGN_NAMES = ("VIRTUAL_ENV", "PIP_REQUIRE_VIRTUALENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")


@dataclass(frozen=True)
class Identity:
    """One process for certain: a number alone may have been given to another one since."""

    pid: int
    started: int  # clock ticks after boot


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the caller's environment without what would change how our programs behave."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(FOREIGN_PREFIXES) and name not in FOREIGN_NAMES
    }
    return kept | {"PYTHONUNBUFFERED": "1"} | dict(extra or {})


def query(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    text: str | None = None,
    cwd: Path = Path("/"),
) -> subprocess.CompletedProcess[str]:
    """Run something short and return its output; a missing program counts as status 127."""
    try:
        return subprocess.run(
            list(command),
            env=dict(env) if env is not None else clean_environment({"LC_ALL": "C.UTF-8"}),
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=cwd,
            check=False,
        )
    except OSError as error:
        return subprocess.CompletedProcess(list(command), 127, "", str(error))


class Followed:
    """Reads a process's output into a log; says every few seconds what it is at."""

    def __init__(self, log: Path, *, echo: bool) -> None:
        self.log = log
        self.echo = echo
        self.last = ""
        self.begun = time.monotonic()
        self.over = threading.Event()

    def read(self, process: "subprocess.Popen[str]") -> None:
        """Copy every line to the log until the output ends."""
        assert process.stdout is not None
        ticker = threading.Thread(target=self._tick, daemon=True)
        ticker.start()
        try:
            with self.log.open("a", encoding="utf-8") as log:
                for line in process.stdout:
                    log.write(line)
                    self._take(line)
        finally:
            self.over.set()
            ticker.join()

    def _take(self, line: str) -> None:
        self.last = line.strip() or self.last
        if self.echo:
            say(line.rstrip("\n"))

    def _tick(self) -> None:
        while not self.over.wait(TICK_SECONDS):
            if not self.echo:
                note(f"{time.monotonic() - self.begun:4.0f} s  {self.last[:100]}")


def follow(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    echo: bool = False,
    finish: bool = False,
) -> int:
    """Run something long: output into the log, with `echo` also to the screen, else its
    last line every five seconds. Returns the exit status. Ctrl-C ends the process, or with
    `finish` waits for its end first (half an installation is worse than a late answer)."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(command)}\n")
    process = subprocess.Popen(
        list(command),
        env=dict(env) if env is not None else clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=cwd,
        process_group=0,  # not a new session: sudo remembers the password by terminal
    )
    try:
        Followed(log, echo=echo).read(process)
        return process.wait()
    except BaseException:
        if finish:
            note("stopping as soon as this step is complete")
            Followed(log, echo=echo).read(process)
        end_group(process, grace=300 if finish else 10)
        raise


def end_group(process: "subprocess.Popen[str]", grace: float = 10.0) -> None:
    """End a process that leads its own group, and its children."""
    if process.poll() is not None:
        return
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def spawn(
    command: Sequence[str], *, log: Path, env: Mapping[str, str], cwd: Path
) -> "subprocess.Popen[bytes]":
    """Start something that stays, in a session of its own (the terminal's Ctrl-C must not
    reach it: it is ended in order), with its output appended to the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            start_new_session=True,
        )


def dying_with_parent(command: Sequence[str]) -> list[str]:
    """Have the kernel send TERM to the command when the process that started it is gone."""
    setpriv = shutil.which("setpriv", path="/usr/bin:/bin:/usr/sbin:/sbin")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)


def identity_of(pid: int) -> Identity | None:
    """Return who runs under this number now; None for nobody and for a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name in parentheses may hold spaces; what follows it has fixed positions (proc(5)).
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else Identity(pid, int(fields[19]))


def is_alive(who: Identity) -> bool:
    """Say whether exactly this process still runs."""
    return identity_of(who.pid) == who


def working_folder(pid: int) -> Path | None:
    """Return the folder a process works in; None where it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def send(who: Identity, number: signal.Signals) -> None:
    """Send a signal to exactly this process, if it still runs."""
    if is_alive(who):
        with contextlib.suppress(ProcessLookupError):
            os.kill(who.pid, number)


def kill_group(leader: int) -> None:
    """Kill what is left of a group of processes; its leader may be gone already. (As long as
    a group has members, the system gives its number to nobody else.)"""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Wait for a condition; False when the time is over first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, indented, for a message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def rotate(log: Path, keep: int = 3) -> None:
    """Move log to log.1 and so on, so that every start begins a fresh file."""
    for number in range(keep, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log if number == 1 else log.with_name(f"{log.name}.{number - 1}")
        if newer.exists():
            newer.replace(older)


@contextlib.contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Let TERM and HUP end the block the way Ctrl-C does: by KeyboardInterrupt."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interpreter() -> str:
    """Return the running interpreter by its real name, not a version manager's wrapper."""
    if not sys.executable:
        raise Refusal("This Python does not know its own path; call it by its full name.")
    return sys.executable
