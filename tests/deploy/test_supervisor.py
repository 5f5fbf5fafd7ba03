"""Programs are kept running, ended in order, and never outlive their supervisor's orders."""

import json
import sys
import time

import pytest

from deploy.local import supervisor
from deploy.local.processes import end_group, follow, is_alive, rotate, tail, wait_until
from deploy.local.programs import Program
from deploy.local.services import Web
from deploy.local.supervisor import Kept, end_all

STAYS = "import time; time.sleep(60)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); time.sleep(60)"
)


@pytest.fixture
def kept(checkout, monkeypatch):
    """Makes programs from Python text and kills what is left of them."""
    monkeypatch.setattr(supervisor, "ROOT", checkout.root)
    made = []

    def make(code: str, name: str = "thing") -> Kept:
        # No setpriv between us and the program, so that the identity is the program's own.
        program = Program(name, (sys.executable, "-c", code), {"PATH": "/usr/bin:/bin"}, 1)
        made.append(Kept(program))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        if each.process.poll() is None:
            each.process.kill()
        each.process.wait()


def test_what_ends_is_started_again_after_a_pause(kept, capsys):
    program = kept("raise SystemExit(3)")
    program.process.wait()

    assert not program.look()
    assert "thing ended with status 3; again in 2 s" in capsys.readouterr().out
    assert not program.look(), "not before the pause is over"
    program.not_before = time.monotonic() - 1
    assert program.look()
    assert program.exits == 1


def test_what_keeps_ending_is_started_ever_more_slowly(kept):
    program = kept("raise SystemExit(1)")
    program.process.wait()
    pauses = []
    for _number in range(7):
        program._ended(1)
        pauses.append(program.pause)

    assert pauses == [2, 4, 8, 16, 30, 30, 30]
    program.started_at -= supervisor.STEADY_SECONDS + 1
    program._ended(1)
    assert program.pause == 1, "it had run steadily"


def test_what_runs_is_left_alone(kept):
    assert not kept(STAYS).look()


def test_ending_waits_and_then_kills(kept):
    polite, deaf = kept(STAYS), kept(DEAF, "deaf")
    assert wait_until(lambda: "deaf" in tail(deaf.program.log), 10)
    both = [polite.identity, deaf.identity]

    assert not end_all(both, lambda: 0.3)

    for each in (polite, deaf):
        each.process.wait(5)
    assert not any(is_alive(who) for who in both)


def test_nobody_is_killed_where_all_end_by_themselves(kept):
    assert end_all([kept(STAYS).identity], lambda: 5.0)


def test_the_youngest_sign_of_life_counts(monkeypatch):
    told = {"worker:main@old-name": 900.0, "worker:main@name": 3.0, "beat": 5}
    monkeypatch.setattr(supervisor, "fetch", lambda *_: json.dumps({"heartbeats": told}))

    assert supervisor.heartbeat_ages(Web()) == {"main": 3.0, "beat": 5.0}


@pytest.mark.parametrize("body", [None, "", "no JSON", "[]", '{"heartbeats": {"beat": null}}'])
def test_an_answer_without_signs_of_life_restarts_nothing(monkeypatch, body):
    monkeypatch.setattr(supervisor, "fetch", lambda *_: body)

    assert supervisor.heartbeat_ages(Web()) == {}


def test_long_output_goes_to_the_log_with_its_command(tmp_path):
    log = tmp_path / "log" / "step.log"

    assert follow([sys.executable, "-c", "print('Grüße'); exit(4)"], log=log, cwd=tmp_path) == 4
    assert "exit(4)" in log.read_text().splitlines()[0]
    assert "Grüße" in tail(log)
    assert tail(tmp_path / "none") == ""


def test_logs_of_three_starts_are_kept(tmp_path):
    log = tmp_path / "web.log"
    for start in range(6):
        rotate(log)
        log.write_text(str(start))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "web.log", "web.log.1", "web.log.2", "web.log.3",
    ]  # fmt: skip
    assert (tmp_path / "web.log.3").read_text() == "2"


def test_ending_a_group_that_is_gone_does_nothing(tmp_path, kept):
    program = kept("pass")
    program.process.wait()

    end_group(program.process)
