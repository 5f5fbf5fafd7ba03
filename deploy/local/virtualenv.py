"""The Python environment in `var/venv`, from requirements with hashes."""

import json
import re
import shutil
import sys
from pathlib import Path

from deploy.local import packages
from deploy.local.console import Refusal, note, step
from deploy.local.layout import LOGS, ROOT, VAR, fingerprint, locked, require_space
from deploy.local.processes import clean_environment, follow, interpreter, query, tail

VENV = VAR / "venv"
PYTHON = VENV / "bin/python"
STAMP = VENV / "anliegen-installed.json"
REQUIREMENTS = ROOT / "requirements"
LOG = LOGS / "pip.log"


def ensure(profile: str) -> None:
    """Have the pinned packages of `requirements/<profile>.txt` installed; instant if they are.

    Raises Refusal where that is not possible (no network, no space, a wrong hash)."""
    with locked("bootstrap", waiting="waiting for another installation in this checkout"):
        if _is_installed(profile):
            return
        require_space(VAR)
        _make()
        file = REQUIREMENTS / f"{profile}.txt"
        with step(f"Installing the Python packages of requirements/{profile}.txt"):
            _pip_install(file)
            _compile()
        _stamp(file)


def ensure_browser() -> None:
    """Have a Chromium for the browser tests: where the system's packages bring none that
    works outside a snap (Ubuntu), the one that belongs to playwright."""
    if packages.chromium() is not None:
        return
    environment = clean_environment({"PLAYWRIGHT_BROWSERS_PATH": str(VAR / "browsers")})
    with step("Fetching Chromium for the browser tests (about 110 MB)"):
        status = follow(
            [str(PYTHON), "-m", "playwright", "install", "--only-shell", "chromium"],
            log=LOGS / "browser.log",
            cwd=ROOT,
            env=environment,
        )
    if status != 0 or packages.chromium() is None:
        raise Refusal(f"No Chromium could be had.\n{tail(LOGS / 'browser.log')}")


def _is_installed(profile: str) -> bool:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    wanted = _wanted(REQUIREMENTS / f"{profile}.txt")
    return PYTHON.exists() and stamp.get(f"{profile}.txt") == wanted


def _wanted(file: Path) -> str:
    """Return what must be unchanged: the file's content, this Python, the place."""
    return fingerprint([file], str(VENV), f"{sys.version_info.major}.{sys.version_info.minor}")


def _make() -> None:
    """Create the environment; an existing one is kept if its Python runs and was not moved."""
    running = query([str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"]).stdout.split()
    ours = [str(part) for part in sys.version_info[:2]]
    moved = STAMP.exists() and str(VENV) not in STAMP.read_text(encoding="utf-8")
    if running == ours and not moved and query([str(PYTHON), "-m", "pip", "-V"]).returncode == 0:
        return
    if VENV.exists():
        note("the old Python environment does not fit any more and is made anew")
        shutil.rmtree(VENV)
    with step(f"Making a Python {'.'.join(ours)} environment"):
        made = query([interpreter(), "-m", "venv", str(VENV)], env=clean_environment())
    if made.returncode != 0:
        raise Refusal(f"Python could not make an environment:\n{made.stdout}{made.stderr}")


def _pip_install(file: Path) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--prefer-binary"]
    options = ["--progress-bar", "off", "--disable-pip-version-check", "--no-input"]
    # The caller's pip settings (mirror, certificate, proxy) stay in force.
    status = follow([*command, *options, "-r", str(file)], log=LOG, cwd=ROOT)
    if status != 0:
        raise Refusal(_explain())


def _compile() -> None:
    """Compile at installation: a start without bytecode is more than a second slower."""
    library = VENV / "lib"
    follow([str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(library)], log=LOG, cwd=ROOT)


def _stamp(file: Path) -> None:
    """Remember what is installed now; another file is covered where its pins are a part."""
    covered = [other for other in REQUIREMENTS.glob("*.txt") if _pins(other) <= _pins(file)]
    content: dict[str, str] = {"place": str(VENV)}
    content |= {other.name: _wanted(other) for other in covered}
    STAMP.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _pins(file: Path) -> set[str]:
    return set(
        re.findall(r"^[\w.\[\]-]+==[^\s\\]+", file.read_text(encoding="utf-8"), re.MULTILINE)
    )


def _explain() -> str:
    text = LOG.read_text(encoding="utf-8", errors="replace").rpartition("\n$ ")[2]
    reasons = {
        r"No space left": "No disk space for the Python packages.",
        r"THESE PACKAGES DO NOT MATCH THE HASHES": "A Python package is not the one that was"
        " pinned (wrong hash). Nothing was installed from it.",
        r"name resolution|NewConnectionError|Network is unreachable|ConnectTimeout|Max retries"
        r"|Read timed out": "No network: the Python packages cannot be fetched.",
    }
    found = [reason for pattern, reason in reasons.items() if re.search(pattern, text)]
    return f"{found[0] if found else 'pip did not succeed.'}\n{tail(LOG, 8)}\n(full output: {LOG})"
