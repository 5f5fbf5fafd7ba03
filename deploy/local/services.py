"""PostgreSQL and Redis of this checkout, once for the demo and once, apart, for the tests;
and the environment file that tells programs where they are."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import shlex
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from deploy.local import packages
from deploy.local.broker import Broker
from deploy.local.layout import LOGS, VAR, locked, make_var, runtime_dir, state_dir
from deploy.local.ports import free_port
from deploy.local.postgres import APP, DATABASE, OWNER, PORT, PUBLIC, Cluster
from deploy.local.processes import query

LOOPBACK = "127.0.0.1"
MARK_OF_TEST_RUN = VAR / "test-services-by-run"  # a test run started them, and may stop them
KEYS = (
    *("ANLIEGEN_SECRET_KEY", "ANLIEGEN_RECEIPT_KEY", "ANLIEGEN_SEAL_KEY"),
    "ANLIEGEN_VAPID_KEY",  # any 32 bytes are a key of P-256, but for one in 2**32
)


@dataclass(frozen=True)
class Web:
    """Where the web server listens."""

    host: str = LOOPBACK
    port: int = 8000

    @property
    def base_url(self) -> str:
        """The address to give to people and to put into mails."""
        name = own_addresses()[0] if self.is_open else self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    @property
    def is_open(self) -> bool:
        """Say whether it listens on every address of the machine."""
        return self.host in {"0.0.0.0", "::", "*"}

    def allowed_hosts(self) -> list[str]:
        """Return the names under which it may be asked (towns have names of their own)."""
        names = ["127.0.0.1", "localhost", ".localhost", "[::1]", self.host]
        if self.is_open:
            names += [socket.gethostname(), *own_addresses()]
        return list(dict.fromkeys(name for name in names if name not in {"0.0.0.0", "::", "*"}))


def own_addresses() -> list[str]:
    """Return this machine's addresses other than loopback, or loopback if there is none."""
    told = query(["hostname", "-I"]).stdout.split()
    return [address for address in told if ":" not in address] or [LOOPBACK]


@dataclass(frozen=True)
class Mail:
    """Ports of the mail sink on loopback."""

    smtp_port: int
    page_port: int

    @property
    def url(self) -> str:
        """The address of the page that shows the mails."""
        return f"http://{LOOPBACK}:{self.page_port}/"


def mail_ports() -> Mail:
    """Return the ports of the last time where they are still free, else free ones."""
    record = VAR / "mail-ports.json"
    before: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError):
        before = json.loads(record.read_text(encoding="utf-8"))
    smtp = free_port(LOOPBACK, before.get("smtp", 2525))
    page = free_port(LOOPBACK, before.get("page", 8025), besides=smtp)
    record.write_text(json.dumps({"smtp": smtp, "page": page}), encoding="utf-8")
    return Mail(smtp, page)


@dataclass(frozen=True)
class Services:
    """One pair of PostgreSQL and Redis with its files."""

    for_tests: bool = False

    @property
    def name(self) -> str:
        """`demo` or `test`."""
        return "test" if self.for_tests else "demo"

    @property
    def env_file(self) -> Path:
        """Where the programs' environment is written."""
        return VAR / f"{self.name}.env"

    @property
    def state(self) -> Path:
        """The folder for database files."""
        return state_dir() / "test" if self.for_tests else state_dir()

    @property
    def files(self) -> Path:
        """The folder for photos and the like."""
        return VAR / "test" if self.for_tests else VAR

    @property
    def stamps(self) -> Path:
        """Notes on what was done to the database; removed with it."""
        return self.state / "stamps"

    @cached_property
    def cluster(self) -> Cluster:
        """The PostgreSQL server."""
        sockets = runtime_dir() / ("test-pg" if self.for_tests else "pg")
        log = LOGS / f"{self.name}-postgres.log"
        return Cluster(self.state / "pg", sockets, log, self.stamps, self.for_tests)

    @cached_property
    def broker(self) -> Broker:
        """The Redis server."""
        sockets = runtime_dir() / ("test-redis" if self.for_tests else "redis")
        log = LOGS / f"{self.name}-redis.log"
        return Broker(self.state / "redis", sockets, log, self.for_tests)

    def up(self) -> None:
        """Have both running; instant if they are."""
        with self._alone():
            packages.ensure()
            self._make_state()
            self.cluster.start()
            self.broker.start()

    def down(self) -> None:
        """Stop both; nothing happens where they do not run."""
        if not (VAR / "state-dir").exists():
            return
        with self._alone():
            self.broker.stop()
            self.cluster.stop()

    def running(self) -> bool:
        """Say whether either of the two runs."""
        return self.cluster.process() is not None or self.broker.process() is not None

    def write_env(self, web: Web, mail: Mail | None) -> dict[str, str]:
        """Write the environment file and return its values."""
        values = self._addresses(web, mail) | self._keys() | self._folders()
        text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
        _write_private(self.env_file, f"# written at every start; holds keys\n{text}")
        return values

    def _addresses(self, web: Web, mail: Mail | None) -> dict[str, str]:
        return {
            "ANLIEGEN_ENVIRONMENT": self.name,
            "ANLIEGEN_DEBUG": "0",
            "ANLIEGEN_DB_HOST": str(self.cluster.sockets),
            "ANLIEGEN_DB_PORT": PORT,
            "ANLIEGEN_DB_NAME": DATABASE,
            "ANLIEGEN_DB_OWNER_USER": OWNER,
            "ANLIEGEN_DB_APP_USER": APP,
            "ANLIEGEN_DB_PUBLIC_USER": PUBLIC,
            "ANLIEGEN_REDIS_SOCKET": str(self.broker.socket_path),
            "ANLIEGEN_BASE_URL": web.base_url,
            "ANLIEGEN_ALLOWED_HOSTS": ",".join(web.allowed_hosts()),
            "ANLIEGEN_SMTP_HOST": LOOPBACK,
            # Nothing listens on port 1: a test that forgets its own sink reaches nobody.
            "ANLIEGEN_SMTP_PORT": str(mail.smtp_port if mail else 1),
            "ANLIEGEN_MAIL_URL": mail.url if mail else "",
        }

    def _keys(self) -> dict[str, str]:
        """Return the server keys, made once: with new ones old receipts would not open."""
        kept = self.state / "keys.json"
        keys: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            keys = json.loads(kept.read_text(encoding="utf-8"))
        fresh = {name: _new_key() for name in KEYS if name not in keys}
        if fresh:
            _write_private(kept, json.dumps(keys | fresh, indent=1))
        return keys | fresh

    def _folders(self) -> dict[str, str]:
        folders = {
            "ANLIEGEN_MEDIA_ROOT": self.files / "media",
            "ANLIEGEN_SEALED_ROOT": self.files / "sealed",
            "ANLIEGEN_STATIC_ROOT": self.files / "static",
        }
        efile = self.files / "eakte"
        for folder in (*folders.values(), efile):
            folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        return {name: str(folder) for name, folder in folders.items()} | {
            "ANLIEGEN_EFILE_TARGET": f"folder:{efile}",
            "ANLIEGEN_ERASURE_LIST": str(self.files / "erasures.jsonl"),
        }

    def _make_state(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and self.state != VAR:
            self.state.chmod(0o711)  # PostgreSQL's account must pass through

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with locked(f"{self.name}-services", waiting="waiting for another start or stop"):
            yield


@dataclass(frozen=True)
class Site:
    """One start of the product: its services, its addresses, its programs' environment."""

    services: Services
    web: Web
    mail: Mail
    values: dict[str, str]


@contextlib.contextmanager
def services_for_tests() -> Iterator[dict[str, str]]:
    """Have the test services up for the block; yields their environment.

    Stops them afterwards only if they did not run before and nobody else uses them."""
    make_var()
    services = Services(for_tests=True)
    with (VAR / "test-users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        ours = not services.running() or _left_over()
        services.up()
        if ours:
            MARK_OF_TEST_RUN.touch()
        try:
            yield services.write_env(Web(), None)
        finally:
            if _only_user(users) and _left_over():
                services.down()
                MARK_OF_TEST_RUN.unlink(missing_ok=True)


def _left_over() -> bool:
    """Say whether a test run, and not a person by `services-up`, started the services."""
    return MARK_OF_TEST_RUN.exists()


def _only_user(users: IO[str]) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, in one step."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
