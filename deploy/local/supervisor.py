"""Keeps programs and services running, restarts what ends or hangs, ends all in order."""

import http.client
import json
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deploy.local import record
from deploy.local.console import Refusal, note, say
from deploy.local.layout import ROOT
from deploy.local.processes import (
    Identity,
    dying_with_parent,
    identity_of,
    is_alive,
    kill_group,
    rotate,
    send,
    spawn,
    tail,
    wait_until,
)
from deploy.local.programs import Program
from deploy.local.services import Services, Web

GRACE_SECONDS = 45.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # a program that ran this long begins again with the shortest pause
HEARTBEAT_LIMIT = 60.0
LOOK_SECONDS = 15.0
WORKER_START_SECONDS = 20.0


@dataclass
class Kept:
    """One program with its running process."""

    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause: float = 1.0
    not_before: float = 0.0
    exits: int = 0

    @property
    def identity(self) -> Identity | None:
        """The process, if it runs."""
        if self.process is None or self.process.poll() is not None:
            return None
        return identity_of(self.process.pid)

    def start(self) -> None:
        """Start the program; it is told to end should the supervisor die."""
        self.process = spawn(
            dying_with_parent(self.program.command),
            log=self.program.log,
            env=self.program.env,
            cwd=ROOT,
        )
        self.started_at = time.monotonic()

    def look(self) -> bool:
        """Restart the program if it ended; True if it was started."""
        if self.process is None:
            return False
        status = self.process.poll()
        if status is None:
            return False
        if not self.not_before:
            self._ended(status)
        if time.monotonic() < self.not_before:
            return False
        self.not_before = 0.0
        self.start()
        return True

    def _ended(self, status: int) -> None:
        if self.process is not None:
            kill_group(self.process.pid)  # children of a killed parent hold its port
        self.exits += 1
        steady = time.monotonic() - self.started_at > STEADY_SECONDS
        self.pause = 1.0 if steady else min(self.pause * 2, LONGEST_PAUSE)
        self.not_before = time.monotonic() + self.pause
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        say(f"{self.program.name} ended {how}; again in {self.pause:.0f} s ({self.program.log})")


@dataclass
class Supervisor:
    """Runs the programs of one stack until `stop`."""

    services: Services
    programs: Sequence[Program]
    web: Web
    kept: list[Kept] = field(default_factory=list)
    _next_look: float = 0.0

    def start(self) -> None:
        """Start every program."""
        for program in self.programs:
            rotate(program.log)
            kept = Kept(program)
            self.kept.append(kept)
            kept.start()
        self._remember()

    def wait_until_ready(self, seconds: float = 90.0) -> None:
        """Wait until the site says it is ready; raises Refusal with the log if it does not."""
        web = next(kept for kept in self.kept if kept.program.name == "web")

        def answered() -> bool:
            self.tend()
            if web.exits >= 3:
                raise Refusal(f"The web server does not start:\n{tail(web.program.log, 25)}")
            return fetch(self.web, "/readyz") is not None and self._workers_listen()

        if not wait_until(answered, seconds, pause=0.2):
            raise Refusal(f"The site does not become ready:\n{tail(web.program.log, 25)}")

    def _workers_listen(self) -> bool:
        """Say whether every worker has reported for work (Celery's own last start line), or at
        least runs steadily."""
        workers = [kept for kept in self.kept if "-Q" in kept.program.command]
        return all(
            " ready." in tail(kept.program.log, 50)
            or time.monotonic() - kept.started_at > WORKER_START_SECONDS
            for kept in workers
        )

    def run(self) -> None:
        """Keep everything running until interrupted."""
        while True:
            self.tend()
            time.sleep(0.5)

    def tend(self) -> None:
        """Look after everything once."""
        self._tend_services()
        started = [kept for kept in self.kept if kept.look()]
        if started:
            self._remember()
        if time.monotonic() > self._next_look:
            self._next_look = time.monotonic() + LOOK_SECONDS
            self._restart_silent()

    def stop(self, grace: Callable[[], float] = lambda: GRACE_SECONDS) -> None:
        """End everything in order: web, beat, workers, mail sink, Redis, PostgreSQL."""
        for rank in sorted({kept.program.stop_rank for kept in self.kept}):
            together = [kept for kept in self.kept if kept.program.stop_rank == rank]
            names = ", ".join(kept.program.name for kept in together)
            running = [who for kept in together if (who := kept.identity)]
            begun = time.monotonic()
            if not end_all(running, grace):
                note(f"{names}: had to be killed")
            for kept in together:
                if kept.process is not None:
                    kept.process.wait()
            note(f"{names} ended ({time.monotonic() - begun:.1f} s)")
        self.services.down()
        note("Redis and PostgreSQL ended")

    def _tend_services(self) -> None:
        for name, part in (
            ("PostgreSQL", self.services.cluster),
            ("Redis", self.services.broker),
        ):
            if part.process() is None:
                say(f"{name} is gone; starting it again ({part.log})")
                try:
                    part.start()
                except Refusal as refusal:
                    say(str(refusal))
                    time.sleep(2)

    def _restart_silent(self) -> None:
        """End programs whose sign of life in the database is old (a hung or silently idle
        worker); `look` then starts them again."""
        ages = heartbeat_ages(self.web)
        for kept in self.kept:
            age = ages.get(kept.program.name, 0.0)
            young = time.monotonic() - kept.started_at < HEARTBEAT_LIMIT + 30
            who = kept.identity
            if age > HEARTBEAT_LIMIT and not young and who:
                say(f"{kept.program.name} has shown no sign of life for {age:.0f} s; restarting it")
                end_all([who], lambda: 10.0)

    def _remember(self) -> None:
        running = {kept.program.name: kept.identity for kept in self.kept}
        record.update(programs={name: who for name, who in running.items() if who})


def end_all(running: Sequence[Identity], grace: Callable[[], float]) -> bool:
    """Send TERM, wait, send KILL to the whole group; True if nobody had to be killed.

    `grace` is asked again and again, so that an impatient second Ctrl-C can shorten it."""
    for who in running:
        send(who, signal.SIGTERM)
    begun = time.monotonic()
    while any(is_alive(who) for who in running) and time.monotonic() - begun < grace():
        time.sleep(0.05)
    stubborn = [who for who in running if is_alive(who)]
    for who in stubborn:
        kill_group(who.pid)
    return not stubborn


def heartbeat_ages(web: Web) -> dict[str, float]:
    """Return the seconds since each program's sign of life, as far as the site tells.

    The site calls them `worker:main@machine` or `beat`; the youngest counts, since a machine
    that was renamed leaves old ones behind."""
    body = fetch(web, "/healthz/effects")
    ages: dict[str, float] = {}
    try:
        for label, age in json.loads(body or "{}").get("heartbeats", {}).items():
            name = label.rpartition(":")[2].partition("@")[0]
            ages[name] = min(float(age), ages.get(name, float(age)))
    except (ValueError, TypeError, AttributeError):
        return {}
    return ages


def fetch(web: Web, path: str) -> str | None:
    """Return the body of a page of the running site; None unless it answers 200."""
    host = "127.0.0.1" if web.is_open else web.host
    connection = http.client.HTTPConnection(host, web.port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        return body if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
