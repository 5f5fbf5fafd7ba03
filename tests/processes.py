"""Real processes for the stories: Celery workers, the web server, the mail sink."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, TypeVar

import pytest
from django.conf import settings
from django.core.management import call_command

from deploy.local.mailsink import MailSink
from leases.models import Heartbeat

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
QUEUES = "citizen,staff,bulk,media,periodic"


def eventually(look: Callable[[], T], *, within: float = 20.0, saying: str = "") -> T:
    """Look again and again until the answer is truthy; fails with the last answer."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (answer := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within} s: {saying or look} (last: {answer!r})")
        pause.wait(0.05)
    return answer


@pytest.fixture(scope="session")
def _sink() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


@pytest.fixture
def mail_sink(_sink: MailSink, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    """An SMTP server that keeps what it gets; this process and its children send there."""
    _sink.clear()
    _sink.set_mode("normal")
    monkeypatch.setattr(settings, "EMAIL_PORT", _sink.smtp_port)
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setenv("ANLIEGEN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("ANLIEGEN_SMTP_PORT", str(_sink.smtp_port))
    yield _sink
    _sink.set_mode("normal")


def _begun(
    command: list[str], environment: Mapping[str, str], log: BinaryIO
) -> subprocess.Popen[bytes]:
    """A process in a group of its own that does not outlive this one, however this one ends."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_end_with_the_parent,
    )


def _end_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Worker:
    """A Celery worker in its own process group, as a supervisor would run it."""

    def __init__(self, name: str = "w1", *, queues: str = QUEUES, concurrency: int = 2) -> None:
        self.name, self.queues, self.concurrency = name, queues, concurrency
        self.log = Path(tempfile.mkstemp(prefix=f"worker-{name}-", suffix=".log")[1])
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        command = [
            *(sys.executable, "-m", "celery", "-A", "backend", "worker", "-n", f"{self.name}@test"),
            *("-Q", self.queues, "-c", str(self.concurrency), "--without-gossip"),
            *("--without-mingle", "--loglevel", "INFO"),
        ]
        with self.log.open("ab") as log:
            self.process = _begun(command, os.environ, log)

    def wait_until_alive(self) -> None:
        """Wait for its first sign of life in the database."""
        name = f"worker:{self.name}@test"
        eventually(
            lambda: Heartbeat.objects.filter(name=name).exists(),
            within=40,
            saying=f"heartbeat of {name}; log: {self.log.read_text()[-2000:]}",
        )

    def keep_up(self) -> None:
        """Start it again if it has ended, as its supervisor does; looks once."""
        if self.process is None or self.process.poll() is not None:
            self.start()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to parent and children alike."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            self.process.wait(30)

    def children(self) -> list[int]:
        """Process ids of the pool's children."""
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in found.split()]


@pytest.fixture
def start_worker(db: None, mail_sink: MailSink) -> Iterator[Callable[[str], Worker]]:
    """Starts named workers for all queues; whatever the test does, none outlives it."""
    started: list[Worker] = []

    def start(name: str) -> Worker:
        started.append(Worker(name))
        started[-1].start()
        return started[-1]

    yield start
    for running in started:
        running.kill()
        running.log.unlink(missing_ok=True)


@pytest.fixture
def worker(db: None, mail_sink: MailSink) -> Iterator[Worker]:
    """One real worker for all queues, alive before the test begins."""
    running = Worker()
    running.start()
    running.wait_until_alive()
    yield running
    running.kill()
    running.log.unlink()


class WebServer:
    """The real web server (gunicorn) on a free loopback port, in its own process group."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = Path(tempfile.mkstemp(prefix="web-", suffix=".log")[1])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            *(sys.executable, "-m", "gunicorn", "backend.wsgi", "--preload"),
            *("--bind", f"127.0.0.1:{self.port}", "--workers", "2"),
            *("--log-level", "warning", "--forwarder-headers", ""),
        ]
        environment = os.environ | {
            "ANLIEGEN_BASE_URL": self.base,
            "ANLIEGEN_LIMIT_FACTOR": "10000",  # all stories come from one address
        }
        with self.log.open("ab") as log:
            self._process = _begun(command, environment, log)
        eventually(lambda: _answers(self.port), within=40, saying="web server")

    def kill(self) -> None:
        """End it on the spot, whatever it is doing; it may be started again on the same port."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def stop(self) -> None:
        """End it for good."""
        self.kill()
        self.log.unlink()


@pytest.fixture(scope="session")
def _static_files(django_db_setup: None) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def _web_servers(_static_files: None) -> Iterator[dict[frozenset[tuple[str, str]], WebServer]]:
    """Running web servers by the settings they were started with; most stories share one."""
    running: dict[frozenset[tuple[str, str]], WebServer] = {}
    yield running
    for server in running.values():
        server.stop()


@pytest.fixture
def _web_server(
    db: None, mail_sink: MailSink, _web_servers: dict[frozenset[tuple[str, str]], WebServer]
) -> WebServer:
    ours = (item for item in os.environ.items() if item[0].startswith("ANLIEGEN_"))
    wanted = frozenset(ours)
    if wanted not in _web_servers:
        server = WebServer()
        server.start()
        _web_servers[wanted] = server
    return _web_servers[wanted]


@pytest.fixture
def web_log(_web_server: WebServer) -> Iterator[Callable[[], str]]:
    """What the web server has written during this test; shown with the test's output at its end."""
    before = len(_web_server.log.read_text())

    def written() -> str:
        return _web_server.log.read_text()[before:]

    yield written
    sys.stderr.write(written())


@pytest.fixture
def web(_web_server: WebServer, web_log: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The base URL of a running web server; this process and its children lead there as well."""
    monkeypatch.setenv("ANLIEGEN_BASE_URL", _web_server.base)
    monkeypatch.setattr(settings, "BASE_URL", _web_server.base)
    return _web_server.base


def _answers(port: int) -> bool:
    """Whether a worker of the server has loaded everything and answers, not only its socket."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
