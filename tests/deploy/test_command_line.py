"""The verbs behind `make`: what they say and which status they end with."""

import re
import subprocess
import sys

import pytest

from deploy.local import checks, cli, packages, stack
from deploy.local.checks import Check
from deploy.local.console import Refusal
from deploy.local.layout import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def raising(error: BaseException):
    def verb(*_arguments, **_keywords):
        raise error

    return verb


def test_every_target_of_the_makefile_calls_a_verb_that_exists():
    verbs = re.findall(r"\$\(LOCAL\) ([a-z-]+)", MAKEFILE)

    known = cli._parser()._subparsers._group_actions[0].choices
    assert set(verbs) <= known.keys()
    assert {"demo", "up", "run", "stop", "reset", "test", "fast", "check", "fix"} <= set(verbs)


def test_make_help_lists_every_target_and_setting():
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

    targets = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
    assert len(targets) > 10
    for word in [*targets, "PORT", "HOST", "PYTHON", "ARGS"]:
        assert re.search(rf"\b{word}\b", told.stdout), word


def test_every_target_is_phony():
    """A file named `test` or a folder named `demo` must not keep make from working."""
    phony = MAKEFILE.partition(".PHONY:")[2].partition("\n")[0].split()

    assert sorted(phony) == sorted(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Refusal("The port is taken."), 1, "The port is taken."),
        (Refusal("Ask an administrator.", code=2), 2, "Ask an administrator."),
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(28, "No space left on device", "/x"), 1, "No disk space left while writing /x."),
        (OSError(122, "Disk quota exceeded"), 1, "No disk space left while writing a file."),
    ],
)
def test_what_cannot_go_on_is_said_without_a_traceback(monkeypatch, capsys, error, status, words):
    monkeypatch.setattr(stack, "stop", raising(error))

    assert cli.main(["stop"]) == status
    assert words in capsys.readouterr().out


def test_other_errors_stay_visible(monkeypatch):
    monkeypatch.setattr(stack, "stop", raising(OSError(5, "Input/output error")))

    with pytest.raises(OSError, match="Input/output error"):
        cli.main(["stop"])


@pytest.mark.parametrize("words", [[], ["dance"], ["install-packages", "vim"]])
def test_unknown_words_are_refused(words):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)

    assert ended.value.code == 2


def test_nonsense_in_port_is_told_before_anything_is_made():
    done = subprocess.run(
        ["make", "demo", "PORT=eight"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip

    assert "PORT must be a number from 1 to 65535, not 'eight'." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode != 0


def test_an_old_python_is_told_which_one_is_needed():
    """The first lines must be understood by Pythons that cannot run the rest."""
    source = (ROOT / "deploy/local/main.py").read_text()
    as_if_old = source.replace("import sys\n", "import sys\nsys.version_info = (3, 9, 2)\n")

    done = subprocess.run(
        [sys.executable, "-c", as_if_old], capture_output=True, text=True, check=False
    )

    assert "Python 3.11 or newer is needed" in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- packages


@pytest.fixture
def bare_machine(monkeypatch):
    """An ordinary user without sudo on a machine that lacks everything."""
    monkeypatch.setattr(packages, "missing", lambda *, browser: ["postgresql", "redis", "venv"])
    monkeypatch.setattr(packages, "servers", list)
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages, "require_space", lambda _where: None)
    monkeypatch.setattr(
        packages.shutil, "which", lambda name, **_: None if name == "sudo" else f"/usr/bin/{name}"
    )


def test_without_rights_the_one_line_for_the_administrator_is_printed(bare_machine):
    with pytest.raises(Refusal) as refused:
        packages.ensure()

    assert refused.value.code == 2
    text = str(refused.value)
    assert "Missing: PostgreSQL with PostGIS, Redis, Python's venv module." in text
    lines = [line.strip() for line in text.splitlines() if "apt-get" in line]
    assert lines == [
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends "
        f"postgresql postgresql-postgis redis-server python3.{sys.version_info.minor}-venv"
    ]


def test_another_system_than_debian_is_told_what_to_install(bare_machine, monkeypatch):
    monkeypatch.setattr(packages.shutil, "which", lambda _name, **_: None)

    with pytest.raises(Refusal, match="This is no Debian or Ubuntu") as refused:
        packages.ensure()
    assert refused.value.code == 2


def test_nothing_is_asked_where_nothing_is_missing(bare_machine, monkeypatch):
    monkeypatch.setattr(packages, "missing", lambda *, browser: [])

    packages.ensure()


def test_a_server_already_there_only_gets_its_postgis(monkeypatch):
    there = packages.Server(17, packages.Path("/nowhere"))
    monkeypatch.setattr(packages, "servers", lambda: [there])

    assert packages.package_names(["postgresql"]) == ["postgresql-17-postgis-3"]


def test_the_demo_starts_without_pdf_and_says_what_is_missing(bare_machine, monkeypatch, capsys):
    monkeypatch.setattr(packages, "missing", lambda *, browser: ["typesetting"])

    packages.ensure()

    told = capsys.readouterr()
    assert "No PDF for now. Missing: Pango for PDF." in told.out + told.err
    with pytest.raises(Refusal, match=r"libpangoft2-1\.0-0"):
        packages.ensure(browser=True)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("E: Temporary failure resolving 'deb.example'", "No network"),
        ("E: You don't have enough free space in /var/cache", "No disk space for the packages"),
        ("E: Unable to locate package postgresql-postgis", "section universe"),
        ("E: dpkg was interrupted, you must manually run", "sudo dpkg --configure -a"),
        ("something new", "apt-get did not succeed."),
    ],
)
def test_what_stopped_apt_is_said_in_words(tmp_path, monkeypatch, output, reason):
    monkeypatch.setattr(packages, "servers", list)
    log = tmp_path / "packages.log"
    log.write_text(f"$ earlier\nE: Could not get lock\n$ apt-get install\n{output}\n")

    told = packages._explain(log, ["redis"])

    assert reason in told
    assert "apt-get install -y --no-install-recommends redis-server" in told
    assert "more than two minutes" not in told, "that was the run before"


def test_files_of_others_are_not_touched_while_installing(tmp_path):
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.write_text("exit 0\n")
    with packages._temporary(theirs, packages.OUR_MARK, mode=0o755):
        assert theirs.read_text() == "exit 0\n"
    with packages._temporary(ours, packages.OUR_MARK, mode=0o755):
        assert ours.exists()

    assert theirs.exists()
    assert not ours.exists()


# ---------------------------------------------------------------- make check


def test_every_check_is_run_and_the_failed_ones_are_named(checkout, monkeypatch, capsys):
    done = [
        Check("good", ("true",)),
        Check("bad", ("sh", "-c", "echo the reason; false")),
        Check("absent", ("/nonexistent/tool",)),
    ]
    monkeypatch.setattr(checks, "all_checks", lambda: done)
    monkeypatch.setattr(checks, "services_for_tests", lambda: _nothing())

    assert checks.check() == 2

    told = capsys.readouterr().out
    assert re.search(r"ok +good", told)
    assert "FAILED  bad" in told
    assert "the reason" in told
    assert re.search(r"failed: (bad, absent|absent, bad) \(", told)


def test_the_checks_cover_what_the_readme_promises():
    names = {check.name for check in checks.all_checks()}

    assert names >= {
        "lint", "format", "types", "import contracts", "templates", "missing migrations",
        "OpenAPI drift", "compose file", "Dockerfile",
    }  # fmt: skip


class _nothing:  # noqa: N801 - stands in for a context manager function
    def __enter__(self) -> dict[str, str]:
        return {}

    def __exit__(self, *_exception: object) -> None:
        pass
