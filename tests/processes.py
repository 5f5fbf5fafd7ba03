"""Real processes for the stories: Celery workers, the web server, the mail sink."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from django.conf import settings

from deploy.local.mailsink import MailSink
from leases.models import Heartbeat

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
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
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, env=os.environ, start_new_session=True
            )

    def wait_until_alive(self) -> None:
        """Wait for its first sign of life in the database."""
        name = f"worker:{self.name}@test"
        eventually(
            lambda: Heartbeat.objects.filter(name=name).exists(),
            within=40,
            saying=f"heartbeat of {name}; log: {self.log.read_text()[-2000:]}",
        )

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


@pytest.fixture
def web_log(tmp_path: Path) -> Path:
    """Where the web server of this test writes; shown with the test's output at its end."""
    return tmp_path / "web.log"


@pytest.fixture
def web(
    db: None, mail_sink: MailSink, monkeypatch: pytest.MonkeyPatch, web_log: Path
) -> Iterator[str]:
    """The real web server (gunicorn) on a free loopback port; yields its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("ANLIEGEN_BASE_URL", base)
    monkeypatch.setenv("ANLIEGEN_LIMIT_FACTOR", "10000")  # all stories come from one address
    monkeypatch.setattr(settings, "BASE_URL", base)
    command = [
        *(sys.executable, "-m", "gunicorn", "backend.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "2", "--log-level", "warning", "--forwarder-headers", ""),
    ]
    with web_log.open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ, stdout=log, stderr=log, start_new_session=True
        )
    try:
        eventually(lambda: _answers(port), within=40, saying="web server")
        yield base
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        sys.stderr.write(web_log.read_text())


def _answers(port: int) -> bool:
    """Whether a worker of the server has loaded everything and answers, not only its socket."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
