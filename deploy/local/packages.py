"""Find the system packages the stack lacks and have apt-get install them.

No service of the system is started, stopped or changed: while apt-get works, new packages are
kept from starting theirs, and no system-wide PostgreSQL cluster is created.
"""

import contextlib
import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.console import Refusal, note, say, step
from deploy.local.layout import LOGS, ROOT, VAR, require_space
from deploy.local.processes import (
    clean_environment,
    follow,
    interpreter,
    query,
    tail,
    wait_until,
)

OLDEST_SERVER = 15  # the first with ICU as a database's own locale provider
POLICY = Path("/usr/sbin/policy-rc.d")
CLUSTER_RULES = Path("/etc/postgresql-common/createcluster.d")
OUR_MARK = "# anliegen: only while make installs packages"
APT = ("-y", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0")
APT_FETCH = ("-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30")
APT_ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_SUSPEND": "1",  # Ubuntu's helper would restart services of the system
    "LC_ALL": "C.UTF-8",
}
# What playwright's own Chromium links to on Ubuntu 24.04 and later.
UBUNTU_BROWSER_LIBRARIES = [
    "libasound2t64",
    "libatk-bridge2.0-0t64",
    "libatk1.0-0t64",
    "libatspi2.0-0t64",
    "libcairo2",
    "libcups2t64",
    "libdbus-1-3",
    "libdrm2",
    "libgbm1",
    "libglib2.0-0t64",
    "libnspr4",
    "libnss3",
    "libpango-1.0-0",
    "libx11-6",
    "libxcb1",
    "libxcomposite1",
    "libxdamage1",
    "libxext6",
    "libxfixes3",
    "libxkbcommon0",
    "libxrandr2",
]
BROWSERS = [
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
]
# What WeasyPrint loads to set text in PDF; the names are the same in Debian and Ubuntu.
TYPESETTING_PACKAGES = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
TYPESETTING_LIBRARIES = ["libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"]
NAMES = {
    "postgresql": "PostgreSQL with PostGIS",
    "redis": "Redis",
    "venv": "Python's venv module",
    "chromium": "Chromium",
    "browser-libraries": "libraries for Chromium",
    "typesetting": "Pango for PDF",
}


@dataclass(frozen=True)
class Server:
    """One installed PostgreSQL server."""

    major: int
    binaries: Path

    @property
    def has_postgis(self) -> bool:
        """Say whether PostGIS is installed for this server."""
        return (self._share() / "extension/postgis.control").is_file()

    def _share(self) -> Path:
        debian = Path(f"/usr/share/postgresql/{self.major}")
        if debian.is_dir():
            return debian
        told = query([str(self.binaries / "pg_config"), "--sharedir"])
        return Path(told.stdout.strip() or "/nonexistent")


def servers() -> list[Server]:
    """Return the installed PostgreSQL servers that are new enough, newest first."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found = {}
    for folder in folders:
        if all((folder / name).is_file() for name in ("postgres", "initdb", "psql")):
            told = query([str(folder / "postgres"), "--version"]).stdout
            version = re.search(r"\) (\d+)", told)
            if version and int(version[1]) >= OLDEST_SERVER:
                found[folder.resolve()] = Server(int(version[1]), folder.resolve())
    return sorted(found.values(), key=lambda server: -server.major)


def spatial_servers() -> list[Server]:
    """Return those of `servers()` that have PostGIS."""
    return [server for server in servers() if server.has_postgis]


def redis_server() -> str | None:
    """Return the path of redis-server (or of valkey-server, which is the same to us)."""
    where = f"{os.environ.get('PATH', '')}:/usr/bin:/usr/local/bin:/usr/sbin"
    return shutil.which("redis-server", path=where) or shutil.which("valkey-server", path=where)


def chromium() -> str | None:
    """Return the path of a Chromium for the browser tests, if there is one.

    Preferably the one without a window: it has no picture to compose for a screen, which is half
    of what the whole browser computes."""
    own = sorted((VAR / "browsers").glob("chromium_headless_shell-*/chrome-*/*headless*shell"))
    if own:
        return str(own[-1])
    for name in BROWSERS:
        path = shutil.which(name)
        # Ubuntu's package of that name is a script that installs a snap.
        if path and "snap" not in Path(path).resolve().parts and not _is_snap_stub(path):
            return path
    return None


def _is_snap_stub(path: str) -> bool:
    with contextlib.suppress(OSError), Path(path).open("rb") as file:
        return b"/snap/" in file.read(4096)
    return False


def missing(*, browser: bool) -> list[str]:
    """Return what is lacking, as keys of NAMES."""
    lacking = [] if spatial_servers() else ["postgresql"]
    if redis_server() is None:
        lacking.append("redis")
    have_venv = (VAR / "venv/bin/python").exists() or importlib.util.find_spec("ensurepip")
    if not have_venv:
        lacking.append("venv")
    if not all(_loads(name) for name in TYPESETTING_LIBRARIES):
        lacking.append("typesetting")
    if browser and chromium() is None:
        lacking.append("browser-libraries" if _is_ubuntu() else "chromium")
    return lacking


def _loads(library: str) -> bool:
    with contextlib.suppress(OSError):
        ctypes.CDLL(library)
        return True
    return False


def _is_ubuntu() -> bool:
    with contextlib.suppress(OSError):
        return "\nID=ubuntu\n" in "\n" + Path("/etc/os-release").read_text(encoding="utf-8")
    return False


def ensure(*, browser: bool = False) -> None:
    """Install what is missing; raises Refusal (exit 2) where only an administrator can.

    The demo runs without PDF too, so nobody is stopped for want of that alone.
    """
    lacking = missing(browser=browser)
    if not lacking:
        return
    try:
        _install_as_root(lacking, browser=browser)
    except Refusal as refusal:
        if browser or lacking != ["typesetting"]:
            raise
        note(f"No PDF for now. {refusal}")


def _install_as_root(lacking: Sequence[str], *, browser: bool) -> None:
    what = ", ".join(NAMES[need] for need in lacking)
    if shutil.which("apt-get") is None:
        raise Refusal(
            f"Missing: {what}. This is no Debian or Ubuntu; install them by hand.", code=2
        )
    require_space(Path("/var"))
    command = [*_as_root(lacking), interpreter(), str(ROOT / "deploy/local/main.py")]
    log = LOGS / "packages.log"
    size = "about 130 MB, " if "postgresql" in lacking else ""
    with step(f"Installing {what} ({size}no service is started)"):
        status = follow([*command, "install-packages", *lacking], log=log, cwd=ROOT, finish=True)
    left = [need for need in missing(browser=browser) if need != "browser-libraries"]
    if status != 0 or left:
        raise Refusal(_explain(log, left or lacking), code=2)


def _as_root(lacking: Sequence[str]) -> list[str]:
    """Return the words that run the rest as root: none, or sudo with the proxy settings."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None or not _sudo_allows(sudo):
        raise Refusal(
            f"Missing: {', '.join(NAMES[need] for need in lacking)}.\n"
            "You are not root and sudo does not let you install packages. Ask an "
            "administrator to run this one line, then try again:\n\n"
            f"    {_one_line(lacking)}\n",
            code=2,
        )
    proxies = [
        f"{name}={value}" for name, value in os.environ.items() if name.lower().endswith("_proxy")
    ]
    return [sudo, "-n", "env", *proxies]


def _sudo_allows(sudo: str) -> bool:
    if query([sudo, "-n", "true"]).returncode == 0:
        return True
    if not sys.stdin.isatty():
        return False
    say("Packages are missing; sudo may ask for your password.")
    return subprocess.run([sudo, "-v"], check=False).returncode == 0


def _one_line(lacking: Sequence[str]) -> str:
    names = " ".join(package_names(lacking))
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}"


def package_names(lacking: Sequence[str]) -> list[str]:
    """Return the packages that bring what is lacking."""
    present = servers()
    names = {
        # With a server already there only its PostGIS is missing.
        "postgresql": [f"postgresql-{present[0].major}-postgis-3"]
        if present
        else ["postgresql", "postgresql-postgis"],
        "redis": ["redis-server"],
        "typesetting": TYPESETTING_PACKAGES,
        "venv": [f"python3.{sys.version_info.minor}-venv"],
        "chromium": [_browser_package(), "fonts-liberation"],
        "browser-libraries": ["fonts-liberation", *UBUNTU_BROWSER_LIBRARIES],
    }
    return [name for need in lacking for name in names[need]]


def install(lacking: Sequence[str]) -> int:
    """Install packages; the part that runs as root. Returns apt-get's exit status."""
    had_redis = redis_server() is not None
    environment = clean_environment(APT_ENVIRONMENT)
    with _no_service_started(), _no_cluster_created():
        _update(environment)
        names = package_names(lacking)
        if shutil.which("apt-cache") and not _is_known(names[0]) and "postgresql" in lacking:
            names = [name for name in names if name != names[0]] + ["postgresql-postgis"]
        command = ["apt-get", "install", *APT, *APT_FETCH, "--no-install-recommends", *names]
        status = subprocess.run(command, env=environment, check=False).returncode
    if status == 0 and not had_redis and "redis" in lacking:
        _keep_redis_off_after_reboot()
    return status


def _browser_package() -> str:
    """Debian has the browser without a window since 12; the whole one works as well."""
    return BROWSERS[0] if shutil.which("apt-cache") and _is_known(BROWSERS[0]) else BROWSERS[1]


def _is_known(package: str) -> bool:
    return bool(query(["apt-cache", "show", package]).stdout)


def _update(environment: dict[str, str]) -> None:
    """Fetch the package lists, waiting for another apt-get. A failing foreign source is no
    reason to stop: the installation shows whether what is needed can be had."""
    begun = time.monotonic()

    def tried() -> bool:
        done = subprocess.run(
            ["apt-get", "update", *APT, *APT_FETCH],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        say(done.stdout)
        busy = "Could not get lock" in done.stdout
        if busy:
            say(f"waiting for another apt-get, {time.monotonic() - begun:.0f} s")
        return not busy

    wait_until(tried, 120, pause=3)


def _keep_redis_off_after_reboot() -> None:
    """The package enables a Redis of the system for the next boot; nobody asked for one."""
    if Path("/run/systemd/system").is_dir():
        query(["systemctl", "disable", "redis-server.service"])


@contextlib.contextmanager
def _no_service_started() -> Iterator[None]:
    """Put a policy-rc.d in place that forbids starting services, unless there is one."""
    with _temporary(POLICY, f"#!/bin/sh\n{OUR_MARK}\nexit 101\n", mode=0o755):
        yield


@contextlib.contextmanager
def _no_cluster_created() -> Iterator[None]:
    """Have postgresql-common not create its `main` cluster for a new server."""
    made = [folder for folder in (CLUSTER_RULES.parent, CLUSTER_RULES) if not folder.is_dir()]
    for folder in made:
        folder.mkdir()
    rule = CLUSTER_RULES / "anliegen.conf"
    try:
        with _temporary(rule, f"{OUR_MARK}\ncreate_main_cluster = false\n", mode=0o644):
            yield
    finally:
        for folder in reversed(made):
            with contextlib.suppress(OSError):  # by now the package's own files lie in it
                folder.rmdir()


@contextlib.contextmanager
def _temporary(path: Path, text: str, *, mode: int) -> Iterator[None]:
    """Write a file for the length of the block; never touches one of somebody else's."""
    if path.exists() and OUR_MARK not in path.read_text(encoding="utf-8", errors="replace"):
        yield
        return
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _explain(log: Path, lacking: Sequence[str]) -> str:
    """Say in words what stands at the end of apt-get's output."""
    text = log.read_text(encoding="utf-8", errors="replace").rpartition("\n$ ")[2]
    reasons = {
        r"Temporary failure resolving|Could not resolve|Unable to connect|Network is unreachable"
        r"|Could not connect": "No network: the package server cannot be reached.",
        r"No space left|enough free space": "No disk space for the packages.",
        r"Could not get lock|Unable to acquire the dpkg": "Another apt-get has been running for"
        " more than two minutes. Wait for it to end.",
        r"dpkg was interrupted": "An earlier installation was interrupted. An administrator must"
        " run: sudo dpkg --configure -a",
        r"Unable to locate package|has no installation candidate": "A package is not known here."
        " On Ubuntu the section universe must be on: sudo add-apt-repository universe",
    }
    found = [reason for pattern, reason in reasons.items() if re.search(pattern, text)]
    reason = found[0] if found else "apt-get did not succeed."
    note(f"full output: {log}")
    return f"{reason}\n{tail(log, 8)}\n\nBy hand it would be:\n\n    {_one_line(lacking)}\n"
