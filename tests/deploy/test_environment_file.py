"""The file that tells programs where everything is: complete, private, the same keys for ever."""

import re
import shlex
import stat
import subprocess

import pytest

from deploy.local import programs, services
from deploy.local.processes import clean_environment
from deploy.local.services import KEYS, Mail, Services, Web


def test_what_is_written_is_read_back(demo_services):
    written = demo_services.write_env(Web("127.0.0.1", 8001), Mail(2525, 8025))

    script = f"set -a; . {shlex.quote(str(demo_services.env_file))}; exec env -0"
    told = subprocess.run(["sh", "-c", script], env={}, capture_output=True, text=True, check=True)
    pairs = [line.split("=", 1) for line in told.stdout.split("\0") if line]
    ours = {name: value for name, value in pairs if name not in {"PWD", "OLDPWD", "SHLVL", "_"}}
    assert ours == written
    assert written["ANLIEGEN_BASE_URL"] == "http://127.0.0.1:8001"
    assert written["ANLIEGEN_SMTP_PORT"] == "2525"


def test_a_shell_reads_the_same(demo_services, monkeypatch):
    monkeypatch.setattr(
        services, "_new_key", lambda: "a 'quoted' $(key) with `all` \"kinds\" of # signs"
    )
    written = demo_services.write_env(Web(), None)

    script = f'. {shlex.quote(str(demo_services.env_file))}; printf %s "$ANLIEGEN_SECRET_KEY"'
    told = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert told == written["ANLIEGEN_SECRET_KEY"]


def test_only_the_owner_may_read_it(demo_services, checkout):
    demo_services.write_env(Web(), None)

    for file in (demo_services.env_file, checkout.var / "keys.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_keys_are_strong_distinct_and_kept(demo_services):
    first = demo_services.write_env(Web(), None)
    second = demo_services.write_env(Web(port=8001), None)

    assert [first[name] for name in KEYS] == [second[name] for name in KEYS]
    assert len({first[name] for name in KEYS}) == len(KEYS)
    assert all(re.fullmatch(r"[\w-]{43}", first[name]) for name in KEYS)


def test_a_key_that_came_later_is_added(demo_services, checkout):
    (checkout.var / "keys.json").write_text('{"ANLIEGEN_SECRET_KEY": "old"}')

    values = demo_services.write_env(Web(), None)

    assert values["ANLIEGEN_SECRET_KEY"] == "old"
    assert values["ANLIEGEN_SEAL_KEY"]


def test_tests_have_nothing_in_common_with_the_demo(demo_services, checkout):
    (checkout.var / "test").mkdir()
    demo = demo_services.write_env(Web(), Mail(2525, 8025))
    tests = Services(for_tests=True).write_env(Web(), None)

    shared = {"DB_PORT", "DB_NAME", "DB_OWNER_USER", "DB_APP_USER", "DB_PUBLIC_USER", "DEBUG"}
    shared |= {"BASE_URL", "ALLOWED_HOSTS", "SMTP_HOST"}
    equal = {name for name, value in demo.items() if tests[name] == value}
    assert equal == {f"ANLIEGEN_{name}" for name in shared}
    assert tests["ANLIEGEN_SMTP_PORT"] == "1", "a test without its own sink must reach nobody"


def test_the_callers_shell_does_not_reach_the_programs(monkeypatch):
    for name in ("PYTHONPATH", "PGHOST", "DJANGO_SETTINGS_MODULE", "CELERY_BROKER_URL"):
        monkeypatch.setenv(name, "somewhere else")
    monkeypatch.setenv("HTTPS_PROXY", "kept")

    environment = clean_environment({"MORE": "1"})

    assert not {"PYTHONPATH", "PGHOST", "DJANGO_SETTINGS_MODULE", "CELERY_BROKER_URL"} & set(
        environment
    )
    assert environment["HTTPS_PROXY"] == "kept"
    assert environment["MORE"] == "1"


@pytest.mark.parametrize(
    ("name", "rank"), [("web", 1), ("beat", 2), ("main", 3), ("media", 3), ("bulk", 3), ("mail", 4)]
)
def test_programs_end_in_the_order_of_who_needs_whom(checkout, name, rank):
    site = services.Site(Services(), Web(), Mail(1, 2), values={"ANLIEGEN_X": "1"})

    program = next(each for each in programs.programs(site) if each.name == name)

    assert program.stop_rank == rank
    assert program.env["ANLIEGEN_X"] == "1"
    assert program.env["ANLIEGEN_DB_ROLE"] == "app"
