"""The programs of the running product, in the order in which they are started."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.layout import LOGS, VAR, runtime_dir
from deploy.local.processes import clean_environment
from deploy.local.services import Mail, Site, Web
from deploy.local.virtualenv import PYTHON

WEB_WORKERS = 3
MAIN_QUEUES = "citizen,staff,periodic"


@dataclass(frozen=True)
class Program:
    """One program the supervisor keeps running. Those with a lower `stop_rank` end first."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    stop_rank: int

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return LOGS / f"{self.name}.log"


def programs(site: Site) -> list[Program]:
    """Return all programs of a site."""
    values = site.values
    return [
        _program("mail", _mail_sink(site.mail), values, stop_rank=4),
        _program("web", _gunicorn(site.web), values, stop_rank=1),
        _program("main", _worker("main", MAIN_QUEUES, 2), values, stop_rank=3),
        _program("media", _worker("media", "media", 1), values, stop_rank=3),
        # Apart, so that an import of 60,000 cases delays nobody.
        _program("bulk", _worker("bulk", "bulk", 1), values, stop_rank=3),
        _program("beat", _beat(), values, stop_rank=2),
    ]


def application_environment(values: Mapping[str, str], *, role: str = "app") -> dict[str, str]:
    """Return the environment for anything that loads the Django settings."""
    return clean_environment(dict(values) | {"ANLIEGEN_DB_ROLE": role})


def manage(*words: str) -> list[str]:
    """Return the command line of a management command."""
    return [str(PYTHON), "manage.py", *words]


def _program(
    name: str, command: list[str], values: Mapping[str, str], *, stop_rank: int
) -> Program:
    environment = application_environment(values) | {"PGAPPNAME": f"anliegen-{name}"}
    return Program(name, tuple(command), environment, stop_rank)


def _gunicorn(web: Web) -> list[str]:
    host = f"[{web.host}]" if ":" in web.host else web.host
    # The workers' heartbeat files must lie in memory: a slow disk would look like a hung worker.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(runtime_dir())
    options = ["--workers", str(WEB_WORKERS), "--worker-class", "sync", "--timeout", "60"]
    options += ["--graceful-timeout", "30", "--worker-tmp-dir", memory, "--no-control-socket"]
    options += ["--forwarder-headers", ""]  # no visitor says where our addresses begin
    bind = f"{host}:{web.port}"
    return [str(PYTHON), "-m", "gunicorn", "backend.wsgi", "--bind", bind, *options]


def _worker(name: str, queues: str, concurrency: int) -> list[str]:
    options = ["-Q", queues, "--concurrency", str(concurrency), "--hostname", f"{name}@%h"]
    return [*_celery("worker"), *options, "--without-gossip", "--without-mingle"]


def _beat() -> list[str]:
    folder = VAR / "beat"
    folder.mkdir(exist_ok=True)
    # An empty --pidfile: the supervisor sees to it that there is one beat.
    return [*_celery("beat"), "--schedule", str(folder / "schedule"), "--pidfile="]


def _celery(part: str) -> list[str]:
    return [str(PYTHON), "-m", "celery", "-A", "backend", part, "--loglevel", "INFO"]


def _mail_sink(mail: Mail) -> list[str]:
    ports = ["--smtp-port", str(mail.smtp_port), "--page-port", str(mail.page_port)]
    return [str(PYTHON), "-m", "deploy.local.mailsink", *ports, "--store", str(VAR / "mail")]
