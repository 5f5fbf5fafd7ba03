"""Where the files of one checkout lie: `var/`, the state folder, the runtime folder.

The state folder holds the database files. It is `var/` itself, or a folder of the system where
the database user cannot reach `var/`. The runtime folder holds the sockets: a socket's path has
107 bytes at most (unix(7)), so it cannot lie deep in somebody's home. Both are recorded in
`var/`, so that `reset` finds exactly what was made.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.console import Refusal, note
from deploy.local.processes import query

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
LOGS = VAR / "log"
STATE_RECORD = VAR / "state-dir"
RUNTIME_RECORD = VAR / "runtime-dir"
MARKER = ".anliegen-checkout"  # holds the checkout's path; only marked folders are ever removed
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET = "test-redis/.s.PGSQL.5432.lock"
GIB = 1024**3


@dataclass(frozen=True)
class DatabaseUser:
    """Who runs PostgreSQL: the system's `postgres` where we are root, else ourselves."""

    uid: int
    gid: int
    prefix: tuple[str, ...]

    def command(self, *words: str) -> list[str]:
        """Return the command line that runs the words as this user."""
        return [*self.prefix, *words]

    def own(self, path: Path) -> None:
        """Give a file or folder to this user."""
        os.chown(path, self.uid, self.gid)


def database_user() -> DatabaseUser:
    """Return who shall run PostgreSQL, which refuses to run as root.

    Raises Refusal where root has no `postgres` account to turn to."""
    if os.geteuid() != 0:
        return DatabaseUser(os.geteuid(), os.getegid(), ())
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise Refusal(
            "PostgreSQL refuses to run as root and there is no account named postgres."
        ) from None
    prefix = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups")
    return DatabaseUser(entry.pw_uid, entry.pw_gid, prefix)


def checkout_hash() -> str:
    """Return eight characters that differ from checkout to checkout."""
    return hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]


def make_var() -> None:
    """Create `var/` and its log folder; raises Refusal where we may not write."""
    try:
        VAR.mkdir(mode=0o755, exist_ok=True)
        LOGS.mkdir(mode=0o755, exist_ok=True)
        with (VAR / ".probe").open("w"):
            pass
        (VAR / ".probe").unlink()
    except OSError as error:
        owner = VAR.stat().st_uid if VAR.exists() else ROOT.stat().st_uid
        raise Refusal(
            f"No right to write in {VAR} ({error.strerror}; it belongs to user id {owner}).\n"
            "Run as that user, or remove it as that user with: make reset"
        ) from None


def require_space(where: Path, gibibytes: float = 2.0) -> None:
    """Raise Refusal where a disk has too little room for what is about to be written."""
    free = shutil.disk_usage(where).free
    if free < gibibytes * GIB:
        raise Refusal(
            f"No disk space: {free / GIB:.1f} GB free at {where}, "
            f"{gibibytes:g} GB are needed. Make room and try again."
        )


def state_dir() -> Path:
    """Return the folder for database files, created, marked and recorded."""
    recorded = _recorded(STATE_RECORD)
    if recorded is not None:
        return recorded
    state = VAR if _serves(VAR, database_user()) else _system_state_dir()
    _record(STATE_RECORD, state)
    return state


def _system_state_dir() -> Path:
    """Make the folder for checkouts the database user cannot reach (mode 700 above them)."""
    if os.geteuid() == 0:
        base = Path("/var/lib/anliegen")
    else:
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state")
        base = home / "anliegen"
    state = base / checkout_hash()
    _adopt_moved(state)
    state.mkdir(parents=True, exist_ok=True)
    # Others may pass through to reach what they own below, but see no names.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    base.chmod(mode)
    state.chmod(mode)
    (state / MARKER).write_text(f"{ROOT}\n", encoding="utf-8")
    if not _serves(state, database_user()):
        raise Refusal(f"The database user can reach neither {VAR} nor {state}.")
    note(f"the database user cannot reach {VAR}; its files go to {state}")
    return state


def _adopt_moved(state: Path) -> None:
    """Take the old state folder along when the checkout was moved (not copied)."""
    if not STATE_RECORD.exists() or state.exists():
        return
    old = Path(STATE_RECORD.read_text(encoding="utf-8").strip())
    marker = old / MARKER
    if marker.is_file() and not Path(marker.read_text(encoding="utf-8").strip()).exists():
        state.parent.mkdir(parents=True, exist_ok=True)
        old.rename(state)


def runtime_dir() -> Path:
    """Return the short private folder for sockets, created afresh after a reboot."""
    recorded = _recorded(RUNTIME_RECORD)
    candidates = ([recorded] if recorded else []) + _runtime_candidates()
    for folder in candidates:
        if len(os.fsencode(folder / LONGEST_SOCKET)) <= SOCKET_PATH_LIMIT and _make_private(folder):
            _record(RUNTIME_RECORD, folder)
            return folder
    tried = ", ".join(str(folder) for folder in candidates)
    raise Refusal(f"No folder for the sockets; tried {tried}.")


def _runtime_candidates() -> list[Path]:
    name = f"anliegen-{checkout_hash()}"
    temporary = Path(f"/tmp/anliegen-{os.geteuid()}-{checkout_hash()}")
    if os.geteuid() == 0:
        return [Path("/run") / name, temporary]
    session = os.environ.get("XDG_RUNTIME_DIR")
    return [Path(session) / name, temporary] if session else [temporary]


def _make_private(folder: Path) -> bool:
    """Create the folder, or accept it where it is ours alone: in /tmp anybody may have
    made one of that name first."""
    try:
        if not folder.parent.is_dir():
            return False
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        about = folder.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid():
            return False
        # As root the sockets' own folders below carry the protection.
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (folder / MARKER).write_text(f"{ROOT}\n", encoding="utf-8")
    except OSError:
        return False
    return True


def _serves(folder: Path, user: DatabaseUser) -> bool:
    """Try whether the database user can own and use a private folder below this one."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        probe.mkdir(mode=0o700)
        user.own(probe)
        about = probe.stat()
        private = stat.S_IMODE(about.st_mode) == 0o700 and about.st_uid == user.uid
        return private and query(user.command("test", "-w", str(probe))).returncode == 0
    except OSError:
        return False
    finally:
        shutil.rmtree(probe, ignore_errors=True)


def _recorded(record: Path) -> Path | None:
    """Return the recorded folder if it is there and belongs to this very checkout."""
    with contextlib.suppress(OSError):
        folder = Path(record.read_text(encoding="utf-8").strip())
        if folder == VAR or _is_marked(folder):
            return folder
    return None


def _is_marked(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        marker = folder / MARKER
        ours = marker.read_text(encoding="utf-8").strip() == str(ROOT)
        return ours and folder.stat().st_uid == os.geteuid()
    return False


def _record(record: Path, folder: Path) -> None:
    record.write_text(f"{folder}\n", encoding="utf-8")


def outside_folders() -> list[Path]:
    """Return the folders outside `var/` that were made for this checkout."""
    recorded = (_recorded(STATE_RECORD), _recorded(RUNTIME_RECORD))
    return [folder for folder in recorded if folder is not None and folder != VAR]


@contextlib.contextmanager
def locked(name: str, *, waiting: str | None = None) -> Iterator[None]:
    """Hold `var/<name>.lock`; waits for another holder and then says `waiting` once.

    Raises BlockingIOError at once where `waiting` is None."""
    make_var()
    with (VAR / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is None:
                raise
            note(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fingerprint(paths: Sequence[Path], *words: str) -> str:
    """Return a hash over words and over the names and bytes of files."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        total.update(os.fsencode(path) + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
