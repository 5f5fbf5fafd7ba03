"""What stands in docker-compose.yml and beside it holds with the values docs/operators names."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend import env

ROOT = Path(__file__).resolve().parents[2]
HEALTH = ROOT / "deploy" / "web_health.py"
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
MANUAL = (ROOT / "docs" / "operators" / "settings.md").read_text()
READ = re.findall(r'env\.\w+\(\s*"(ANLIEGEN_\w+)"', (ROOT / "backend" / "settings.py").read_text())


def ask(web: str, hosts: str) -> int:
    """The health check's exit status, with these names in the container's environment."""
    command = [sys.executable, str(HEALTH), web.rpartition(":")[2]]
    environment = os.environ | {"ANLIEGEN_ALLOWED_HOSTS": hosts}
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode


@pytest.mark.django_db
def test_the_web_process_is_asked_by_its_own_name(web: str) -> None:
    assert ask(web, ".localhost,anliegen.example") == 0
    assert ask(web, "anliegen.example") != 0  # nobody has this name here: 400


def test_settings_reach_everybody_but_the_reader_and_the_services_of_others() -> None:
    given = {name for name, service in SERVICES.items() if service.get("env_file")}
    ours = {name for name, service in SERVICES.items() if "build" in service}

    assert given == ours - {"reader"}
    # What compose writes itself wins over that file: only what has to stand in .env.
    assert not {"ANLIEGEN_DETECTORS", "ANLIEGEN_HEIC"} & SERVICES["web"]["environment"].keys()


def test_no_secret_beside_the_code_comes_into_the_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text().splitlines()
    uncommitted = (ROOT / ".gitignore").read_text().splitlines()

    assert {"**/.env", "**/*.env"} <= set(left_out)
    assert {".env", "/anliegen.env"} <= set(uncommitted)


@pytest.mark.parametrize("name", sorted(set(READ)))
def test_every_setting_is_in_the_manual(name: str) -> None:
    """In full, or by its end beside a setting of the same family."""
    ends = [name[at:] for at, letter in enumerate(name) if letter == "_" and at >= len("ANLIEGEN")]
    assert any(f"`{written}`" in MANUAL for written in [name, *ends])


class TestNonsense:
    """A setting that means nothing stops the start."""

    def test_a_typing_error_never_switches_protection_off(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANLIEGEN_ENVIRONMENT", "Production")
        with pytest.raises(env.BadSetting, match="'production' or 'demo', not 'Production'"):
            env.one_of("ANLIEGEN_ENVIRONMENT", ("production", "demo"), "production")

    def test_unknown_words_in_a_list_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANLIEGEN_SECOND_FACTOR_ROLES", "admin, klerk")
        with pytest.raises(env.BadSetting, match="not klerk"):
            env.some_of("ANLIEGEN_SECOND_FACTOR_ROLES", ("admin", "clerk"), "admin")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ANLIEGEN_ENVIRONMENT", "live"),
            ("ANLIEGEN_DB_ROLE", "root"),
            ("ANLIEGEN_THROW_AWAY_MAIL", "block"),
            ("ANLIEGEN_SEAL_KEY", "ä" * 43),
        ],
    )
    def test_the_whole_start_stops(self, name: str, value: str) -> None:
        command = [sys.executable, "-c", "import backend.settings"]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | {name: value}, capture_output=True, check=False
        )

        assert done.returncode == 1
        assert f"BadSetting: {name}" in done.stderr.decode()
