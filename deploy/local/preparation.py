"""Steps between running services and a running site: tables, static files, demo content.

Each is skipped while nothing it depends on changed; every one may also run twice."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.console import Refusal, note, step
from deploy.local.layout import LOGS, ROOT, VAR, fingerprint
from deploy.local.processes import follow, tail
from deploy.local.programs import application_environment, manage
from deploy.local.services import Services, Site

LOG = LOGS / "manage.log"
DEMO_FILE = VAR / "demo.json"
NOT_SOURCE = {"var", ".git", "node_modules", "__pycache__"}


def prepare(site: Site, *, with_demo: bool) -> None:
    """Bring database and static files up to date, and with `with_demo` the demo cities in.

    Raises Refusal with the end of the output where a step fails."""
    services, values = site.services, site.values
    pinned = ROOT / "requirements/base.txt"
    migrations = [*_sources("*/migrations/*.py"), pinned]
    if _is_due(services.stamps / "migrate", wanted := fingerprint(migrations)):
        _manage("Migrating the database", values, "migrate", "--noinput", role="owner")
        _done(services.stamps / "migrate", wanted)
    static = [*_sources("*/static/**/*"), pinned]
    manifest = Path(values["ANLIEGEN_STATIC_ROOT"]) / "staticfiles.json"
    stamp = VAR / "static.stamp"
    if _is_due(stamp, wanted := fingerprint(static)) or not manifest.is_file():
        _manage("Collecting static files", values, "collectstatic", "--noinput", "-v", "0")
        _done(stamp, wanted)
    if with_demo:
        _load_demo(services, values, migrations)


def _load_demo(services: Services, values: Mapping[str, str], migrations: Sequence[Path]) -> None:
    if not has_command("load_demo"):
        note("no demo content yet")
        return
    stamp = services.stamps / "load-demo"
    content = [path for path in _sources("demo/**/*") if path.suffix != ".pyc"]
    if _is_due(stamp, wanted := fingerprint([*content, *migrations])):
        _manage("Loading the demo cities", values, "load_demo")
        _done(stamp, wanted)


def play(site: Site) -> None:
    """Send one report through the whole house, unless one was played into this database.

    Raises Refusal where it does not arrive."""
    stamp = site.services.stamps / "played"
    if not has_command("play_demo"):
        return
    if stamp.exists() and "receipt" in demo_facts():
        _follow_addresses(site)
        note("the demo report of an earlier start is kept; a fresh one comes after: make reset")
        return
    with step("Playing one report through the public address"):
        environment = application_environment(site.values)
        status = follow(manage("play_demo"), log=LOG, cwd=ROOT, env=environment, echo=True)
    if status != 0:
        raise Refusal(f"The demo report did not get through (status {status}; {LOG}).")
    _done(stamp, "")
    _follow_addresses(site)


def demo_facts() -> dict[str, Any]:
    """Return the content of `var/demo.json`, or nothing."""
    try:
        facts: dict[str, Any] = json.loads(DEMO_FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts


def has_command(name: str) -> bool:
    """Say whether a management command of this name is there."""
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


def _follow_addresses(site: Site) -> None:
    """Correct the addresses in the file where this start listens elsewhere than the last."""
    facts = demo_facts()
    before = str(facts.get("base_url", ""))
    receipt = facts.get("receipt")
    if before and isinstance(receipt, dict) and str(receipt.get("url", "")).startswith(before):
        receipt["url"] = site.web.base_url + str(receipt["url"])[len(before.rstrip("/")) :]
    if before and str(facts.get("open311_discovery", "")).startswith(before):
        rest = str(facts["open311_discovery"])[len(before.rstrip("/")) :]
        facts["open311_discovery"] = site.web.base_url + rest
    changed = facts | {"base_url": site.web.base_url, "mail_url": site.mail.url}
    DEMO_FILE.write_text(json.dumps(changed, indent=2, ensure_ascii=False), encoding="utf-8")
    DEMO_FILE.chmod(0o600)


def _manage(title: str, values: Mapping[str, str], *words: str, role: str = "app") -> None:
    with step(title):
        environment = application_environment(values, role=role)
        status = follow(manage(*words), log=LOG, cwd=ROOT, env=environment)
    if status != 0:
        raise Refusal(f"manage.py {words[0]} ended with status {status} ({LOG}):\n{tail(LOG, 25)}")


def _sources(pattern: str) -> list[Path]:
    return [
        path
        for path in ROOT.glob(pattern)
        if path.is_file() and not NOT_SOURCE & set(path.relative_to(ROOT).parts)
    ]


def _is_due(stamp: Path, wanted: str) -> bool:
    return not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted


def _done(stamp: Path, wanted: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted, encoding="utf-8")
