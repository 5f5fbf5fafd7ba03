"""`make check`, `make fix` and `make test`: the same commands for people and for CI."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from deploy.local import packages
from deploy.local.console import say, step
from deploy.local.layout import ROOT, VAR
from deploy.local.programs import application_environment, manage
from deploy.local.services import services_for_tests
from deploy.local.virtualenv import PYTHON, VENV

AT_ONCE = 2


@dataclass(frozen=True)
class Check:
    """One check and how it is run."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a check said."""

    check: Check
    status: int
    output: str
    seconds: float


def all_checks() -> list[Check]:
    """Return every check; the slow ones first, so that the short ones fill the gaps."""
    templates = template_folders()
    return [
        Check("types", (tool("mypy"), "--cache-dir", str(VAR / "cache/mypy"))),
        Check("import contracts", (tool("lint-imports"), "--no-cache")),
        Check("templates", (tool("djlint"), *templates, "--lint", "--quiet")),
        Check("template format", (tool("djlint"), *templates, "--check")),
        Check("missing migrations", tuple(manage("makemigrations", "--check", "--dry-run"))),
        Check("system checks", tuple(manage("check", "--fail-level", "WARNING"))),
        Check("OpenAPI drift", tuple(manage("openapi", "--check"))),
        Check("lint", (tool("ruff"), "check", ".")),
        Check("format", (tool("ruff"), "format", "--check", ".")),
        Check(
            "compose file",
            (
                tool("check-jsonschema"),
                "--builtin-schema",
                "vendor.compose-spec",
                "docker-compose.yml",
            ),
        ),
        Check("Dockerfile", (tool("hadolint"), "Dockerfile")),
        Check("CI script", ("bash", "-n", ".ci/run")),
    ]


def tool(name: str) -> str:
    """Return the path of a program in the Python environment."""
    return str(VENV / "bin" / name)


def template_folders() -> list[str]:
    """Return the folders with HTML templates."""
    folders = [path for path in ROOT.glob("*/templates") if path.is_dir()]
    return sorted(str(path.relative_to(ROOT)) for path in folders)


def check() -> int:
    """Run every check, also after one failed; the status counts the failures."""
    with services_for_tests() as values:
        environment = application_environment(values) | tool_caches()
        begun = time.monotonic()
        failed = [outcome for outcome in _run_all(environment) if outcome.status != 0]
    for outcome in failed:
        say(f"\n--- {outcome.check.name}: {' '.join(outcome.check.command)}")
        say(outcome.output.rstrip())
    names = ", ".join(outcome.check.name for outcome in failed) or "none"
    say(f"\nfailed: {names} ({time.monotonic() - begun:.1f} s)")
    return len(failed)


def _run_all(environment: Mapping[str, str]) -> list[Outcome]:
    outcomes = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(_run, check, environment) for check in all_checks()]
        for future in as_completed(running):
            outcome = future.result()
            outcomes.append(outcome)
            word = "ok    " if outcome.status == 0 else "FAILED"
            say(f"    {word}  {outcome.check.name:<20}{outcome.seconds:5.1f} s")
    return outcomes


def _run(check: Check, environment: Mapping[str, str]) -> Outcome:
    begun = time.monotonic()
    try:
        done = subprocess.run(
            check.command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return Outcome(check, 127, str(error), 0.0)
    return Outcome(check, done.returncode, done.stdout, time.monotonic() - begun)


def fix() -> int:
    """Repair lint findings and format, Python and templates."""
    commands = [
        [tool("ruff"), "check", "--fix", "."],
        [tool("ruff"), "format", "."],
        [tool("djlint"), *template_folders(), "--reformat", "--quiet"],
    ]
    environment = application_environment({}) | tool_caches()
    for command in commands:
        subprocess.run(command, cwd=ROOT, env=environment, check=False)
    return 0


def test(arguments: Sequence[str], *, fast: bool) -> int:
    """Run the tests in parallel against PostgreSQL and Redis of their own.

    Returns pytest's exit status."""
    with services_for_tests() as values:
        environment = application_environment(values) | tool_caches()
        browser = packages.chromium()
        if browser:
            environment["ANLIEGEN_CHROMIUM"] = browser
        command = [str(PYTHON), "-m", "pytest", "-n", _workers(), "--dist", "worksteal"]
        command += ["-o", f"cache_dir={VAR / 'cache/pytest'}"]
        command += ["-m", "not browser and not faults"] if fast else []
        with step("Running the tests"):
            return _attend([*command, *arguments], environment)


def _attend(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run something at this terminal; on Ctrl-C let it end by itself first."""
    process = subprocess.Popen(list(command), cwd=ROOT, env=dict(environment))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            if not sys.stdin.isatty():
                process.terminate()


def _workers() -> str:
    # One more than there are cores: some tests wait for a browser, a worker or a server.
    return os.environ.get("TEST_WORKERS") or str(min(6, max(2, os.cpu_count() or 2) + 1))


def tool_caches() -> dict[str, str]:
    """Return settings that keep the tools' caches in `var/`."""
    return {
        "RUFF_CACHE_DIR": str(VAR / "cache/ruff"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(VAR / "cache/hypothesis"),
    }
