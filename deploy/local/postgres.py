"""A private PostgreSQL with PostGIS: Unix socket only, its own data folder.

Whoever can open the socket is trusted; the mode 0700 of its folder is the access control.
"""

import contextlib
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.console import Refusal, note, step
from deploy.local.layout import database_user, fingerprint, require_space
from deploy.local.packages import Server, spatial_servers
from deploy.local.processes import (
    Identity,
    clean_environment,
    identity_of,
    is_alive,
    query,
    rotate,
    send,
    spawn,
    tail,
    wait_until,
    working_folder,
)

DATABASE = "anliegen"
TEMPLATE = "anliegen_template"
OWNER, APP, PUBLIC = "anliegen_owner", "anliegen_app", "anliegen_public"
PORT = "5432"  # only a part of the socket's name; nothing listens on TCP
EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")

COMMON_SETTINGS = {
    "listen_addresses": "''",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "default_text_search_config": "'pg_catalog.german'",
    "shared_buffers": "128MB",
    "jit": "off",  # compiling costs more than these short queries take
    "log_line_prefix": "'%m [%p] %a %u@%d '",
    "cluster_name": "anliegen",
}
# Accepted must mean durable, and statements with citizens' words stay out of the log.
DEMO_SETTINGS = {
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_wal_size": "512MB",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# Test data may be lost with the machine; tests create databases by the dozen.
TEST_SETTINGS = {
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
}
# A stuck client must not hold up the site.
ROLE_SETTINGS = {
    OWNER: {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "5min"},
    APP: {
        "statement_timeout": "30s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
    },
    PUBLIC: {
        "statement_timeout": "2s",
        "lock_timeout": "1s",
        "idle_in_transaction_session_timeout": "10s",
        "default_transaction_read_only": "on",
    },
}


@dataclass
class Cluster:
    """One PostgreSQL of this checkout. `stamps` is a folder beside the data whose content
    stops being true when the data is made anew."""

    data: Path
    sockets: Path
    log: Path
    stamps: Path
    for_tests: bool
    _child: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        """Have the server running and prepared; instant if it is.

        Raises Refusal where that is not possible."""
        if not (self.data / "PG_VERSION").is_file():
            self._create()
        if self.process() is None:
            with step(f"Starting PostgreSQL {self._server().major}"):
                self._launch()
        self._prepare()

    def stop(self) -> None:
        """Shut down: first asking clients to leave (fast), then without (immediate)."""
        for number, seconds in ((signal.SIGINT, 45), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            running = self.process()
            if running is None:
                return
            send(running, number)
            wait_until(lambda who=running: not self._runs(who), seconds)  # type: ignore[misc]

    def process(self) -> Identity | None:
        """Return the running server of this data folder.

        A pid file left by a crash may name a number that belongs to somebody else now, so
        the process must work in our data folder."""
        if self._child is not None:
            self._child.poll()  # so that a dead child does not stay as a zombie
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return identity_of(pid) if working_folder(pid) == self.data.resolve() else None

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run SQL as the superuser and return its bare output; raises Refusal on an error."""
        psql = [str(self._server().binaries / "psql"), "-X", "-A", "-t", "-q"]
        where = ["-h", str(self.sockets), "-p", PORT, "-U", "postgres", "-d", database]
        done = query([*psql, "-v", "ON_ERROR_STOP=1", *where, "-f", "-"], text=text)
        if done.returncode != 0:
            raise Refusal(f"PostgreSQL refused a preparation step:\n{done.stderr}")
        return done.stdout.strip()

    def _runs(self, who: Identity) -> bool:
        if self._child is not None:
            self._child.poll()
        return is_alive(who)

    def _server(self) -> Server:
        """Return the installed server that fits the data, or for new data the newest."""
        found = spatial_servers()
        with contextlib.suppress(OSError):
            major = int((self.data / "PG_VERSION").read_text(encoding="utf-8"))
            found = [server for server in found if server.major == major]
            if not found:
                raise Refusal(
                    f"The data in {self.data} was made by PostgreSQL {major}, which is not\n"
                    f"installed any more. Install postgresql-{major}-postgis-3, or give up the "
                    "demo's data with: make reset"
                )
        if not found:
            raise Refusal("PostgreSQL with PostGIS is not installed; run: make bootstrap")
        return found[0]

    def _create(self) -> None:
        user = database_user()
        self.data.parent.mkdir(parents=True, exist_ok=True)
        require_space(self.data.parent, 1.0)
        unfinished = self.data.with_name(f"{self.data.name}.unfinished")
        for leftover in (unfinished, self.data, self.stamps):
            shutil.rmtree(leftover, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        user.own(unfinished)
        server = self._server()
        options = ["-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        options += ["--locale-provider=icu", "--icu-locale=de-DE", "--data-checksums"]
        options += ["--no-instructions", "--no-sync"] if self.for_tests else ["--no-instructions"]
        with step(f"Creating a private PostgreSQL {server.major} cluster"):
            command = user.command(str(server.binaries / "initdb"), "-D", str(unfinished))
            done = query([*command, *options])
        if done.returncode != 0:
            raise Refusal(f"initdb did not succeed:\n{done.stdout}{done.stderr}")
        unfinished.rename(self.data)

    def _launch(self) -> None:
        self._configure()
        if (self.data / "postmaster.pid").exists():
            note("an earlier run did not end cleanly; PostgreSQL recovers by itself")
            (self.data / "postmaster.pid").unlink()
        rotate(self.log)
        # Back ends of a killed server go within seconds; until then a start is refused.
        wait_until(lambda: self._try_launch() or "still in use" not in tail(self.log), 15, pause=1)
        if not self._answers():
            raise Refusal(f"PostgreSQL does not start:\n{tail(self.log)}")

    def _try_launch(self) -> bool:
        command = database_user().command(
            str(self._server().binaries / "postgres"), "-D", str(self.data)
        )
        environment = clean_environment({"LC_ALL": "C.UTF-8"})
        child = spawn(command, log=self.log, env=environment, cwd=Path("/"))
        self._child = child
        wait_until(lambda: child.poll() is not None or self._answers(), 60)
        return child.poll() is None

    def _answers(self) -> bool:
        ready = [str(self._server().binaries / "pg_isready"), "-q", "-h", str(self.sockets)]
        return query([*ready, "-p", PORT]).returncode == 0

    def _configure(self) -> None:
        """Write the settings; they are ours entirely, so a change here arrives everywhere."""
        user = database_user()
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        self.sockets.chmod(0o700)
        user.own(self.sockets)
        settings = COMMON_SETTINGS | (TEST_SETTINGS if self.for_tests else DEMO_SETTINGS)
        settings["unix_socket_directories"] = f"'{self.sockets}'"
        lines = [f"{name} = {value}" for name, value in settings.items()]
        files = {
            "postgresql.conf": "\n".join(["# written at every start", *lines, ""]),
            "pg_hba.conf": "# the socket folder's mode protects\nlocal all all trust\n",
        }
        for name, text in files.items():
            path = self.data / name
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
            user.own(path)

    def _prepare(self) -> None:
        """Create roles, template and database; a stamp spares it while nothing changed."""
        roles = _roles_sql(for_tests=self.for_tests)
        wanted = fingerprint([Path(__file__)], roles)
        stamp = self.stamps / "roles-and-template"
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            return
        with step("Preparing roles, extensions and the template database"):
            self.sql(roles)
            self._prepare_template()
            self._prepare_database()
        self.stamps.mkdir(parents=True, exist_ok=True)
        stamp.write_text(wanted, encoding="utf-8")

    def _prepare_template(self) -> None:
        """PostGIS needs a superuser to be created, so ordinary roles copy this template."""
        if not self._has_database(TEMPLATE):
            self.sql(f"CREATE DATABASE {TEMPLATE}")
        self.sql(f"ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS true")
        self.sql(_extensions_sql(), TEMPLATE)
        # A single open connection would make every copy fail.
        self.sql(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false")

    def _prepare_database(self) -> None:
        if not self._has_database(DATABASE):
            self.sql(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} OWNER {OWNER}")
        self.sql(_extensions_sql(), DATABASE)
        self.sql(
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;"
            f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APP};"
            f"GRANT CONNECT ON DATABASE {DATABASE} TO {PUBLIC};"
        )

    def _has_database(self, name: str) -> bool:
        return self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == "1"


def _roles_sql(*, for_tests: bool) -> str:
    lines = []
    for role, settings in ROLE_SETTINGS.items():
        createdb = "CREATEDB" if role == OWNER and for_tests else "NOCREATEDB"
        lines.append(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} LOGIN; END IF; END $$;"
        )
        lines.append(f"ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE {createdb};")
        if role == OWNER and for_tests:
            # Databases of ended tests are dropped even while autovacuum looks at them.
            lines.append(f"GRANT pg_signal_backend TO {role};")
            # Rows of a test are deleted past the triggers that forbid it to everybody.
            lines.append(f"GRANT SET ON PARAMETER session_replication_role TO {role};")
        lines.extend(
            f"ALTER ROLE {role} SET {name} = '{value}';" for name, value in settings.items()
        )
    return "\n".join(lines)


def _extensions_sql() -> str:
    return "\n".join(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS)
