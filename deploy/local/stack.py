"""Start, stop and remove the whole stack of this checkout."""

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from deploy.local import layout, packages, preparation, record, virtualenv
from deploy.local.console import BEGIN, Refusal, note, say, step
from deploy.local.layout import LOGS, ROOT, VAR
from deploy.local.ports import refuse_taken_port, web_address
from deploy.local.processes import (
    Identity,
    clean_environment,
    interpreter,
    rotate,
    send,
    terminated_like_interrupted,
    wait_until,
)
from deploy.local.programs import programs
from deploy.local.services import Services, Site, Web, mail_ports
from deploy.local.supervisor import GRACE_SECONDS, Supervisor, end_all

STACK_LOG = LOGS / "stack.log"
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CACHES = (
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
)


def bootstrap(profile: str = "demo", *, browser: bool = False) -> None:
    """Have system packages and Python packages installed; instant if they are."""
    layout.make_var()
    packages.ensure(browser=browser)
    virtualenv.ensure(profile)
    if browser:
        virtualenv.ensure_browser()


def foreground(*, with_demo: bool) -> int:
    """Run the stack until Ctrl-C."""
    web = _begin()
    return 1 if web is None else supervise(web, with_demo=with_demo)


def background(*, with_demo: bool) -> int:
    """Start the stack behind the scenes; returns when it is ready."""
    web = _begin()
    if web is None:
        return 0
    rotate(STACK_LOG)
    kind = ["--with-demo"] if with_demo else []
    with STACK_LOG.open("ab") as output:
        child = subprocess.Popen(
            [interpreter(), str(ROOT / "deploy/local/main.py"), "supervise", *kind],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=clean_environment(
                {"HOST": web.host, "PORT": str(web.port), "ANLIEGEN_BEGUN": str(BEGIN)}
            ),
            start_new_session=True,
        )
    try:
        return _follow_until_ready(child)
    except KeyboardInterrupt:
        say("interrupted; stopping what was started")
        child.terminate()
        child.wait()
        return 130


def supervise(web: Web, *, with_demo: bool) -> int:
    """Be the supervisor: bring everything up, keep it up, take it down in order."""
    try:
        with terminated_like_interrupted(), record.held() as left:
            record.update(base_url=web.base_url)
            _end(left)
            _live(web, with_demo=with_demo)
    except BlockingIOError:
        _say_it_runs(web)
        return 1
    return 0


def stop() -> int:
    """Stop the stack of this checkout, whoever started it."""
    if not VAR.is_dir():
        say("Nothing runs here.")
        return 0
    who = record.supervisor()
    if record.is_held() and who is not None:
        with step("Stopping web server, beat, workers, mail sink, Redis and PostgreSQL"):
            send(who, signal.SIGTERM)
            if not wait_until(lambda: not record.is_held(), 4 * GRACE_SECONDS, pause=0.2):
                send(who, signal.SIGKILL)
                wait_until(lambda: not record.is_held(), 5)
    _end(record.left_over())
    Services().down()
    record.FILE.unlink(missing_ok=True)
    say("Stopped.")
    return 0


def reset() -> int:
    """Stop everything and delete all that was made for this checkout, wherever it lies."""
    stop()
    if VAR.is_dir():
        Services(for_tests=True).down()
        for folder in layout.outside_folders():
            _remove(folder)
            if folder.parent.name == "anliegen":
                with contextlib.suppress(OSError):  # other checkouts' folders may lie there
                    folder.parent.rmdir()
        for path in sorted(VAR.iterdir()):
            _remove(path)
        with contextlib.suppress(OSError):
            VAR.rmdir()
    for name in CACHES:
        for path in ROOT.rglob(name):
            shutil.rmtree(path, ignore_errors=True)
    say("Everything this checkout had made is gone. Installed system packages stay.")
    return 0


def _begin() -> Web | None:
    """Check the ground and install what is missing; None if a stack runs here already."""
    web = Web(*web_address())
    layout.make_var()
    if record.is_held():
        _say_it_runs(web)
        return None
    refuse_taken_port(web.host, web.port)
    bootstrap()
    return web


def _live(web: Web, *, with_demo: bool) -> None:
    services = Services()
    supervisor: Supervisor | None = None
    try:
        services.up()
        mail = mail_ports()
        site = Site(services, web, mail, services.write_env(web, mail))
        record.update(mail_url=mail.url)
        preparation.prepare(site, with_demo=with_demo)
        supervisor = Supervisor(services, programs(site), web)
        with step("Starting web server, workers, beat and mail sink"):
            supervisor.start()
            supervisor.wait_until_ready()
        trouble = _play(site) if with_demo else ""
        _announce(site, with_demo=with_demo)
        record.update(state="ready", trouble=trouble)
        supervisor.run()
    except KeyboardInterrupt:
        say()
    finally:
        record.update(state="stopping")
        with _impatience() as grace, step("Stopping"):
            if supervisor is not None:
                supervisor.stop(grace)
            services.down()


def _play(site: Site) -> str:
    """Play the demo report; a failure is told, but the site stays up to be looked at."""
    try:
        preparation.play(site)
    except Refusal as refusal:
        say(f"\n{refusal}\nThe site stays up so that you can look at it.")
        return str(refusal)
    return ""


@contextlib.contextmanager
def _impatience() -> Iterator[Callable[[], float]]:
    """Give a full grace time to what is stopped, and a short one after another Ctrl-C."""
    grace = [GRACE_SECONDS]

    def hurry(_number: int, _frame: object) -> None:
        grace[0] = 3.0
        note("hurrying")

    before = {number: signal.signal(number, hurry) for number in ENDING_SIGNALS}
    try:
        yield lambda: grace[0]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(left: Sequence[Identity]) -> None:
    """End programs of an earlier start whose supervisor was killed."""
    if left:
        note(f"ending {len(left)} programs left over by an earlier start")
        end_all(left, lambda: GRACE_SECONDS)


def _follow_until_ready(child: "subprocess.Popen[bytes]") -> int:
    """Show the log of the background start until it is ready; returns the exit status."""
    with STACK_LOG.open(encoding="utf-8", errors="replace") as log:
        while True:
            state = record.read().get("state") if record.is_of(child.pid) else ""
            over = child.poll() is not None
            for line in log:
                say(line.rstrip("\n"))
            if over:
                return child.returncode or 1
            if state == "ready":
                say("It keeps running in the background; stop it with: make stop")
                return 1 if record.read().get("trouble") else 0
            time.sleep(0.1)


def _say_it_runs(web: Web) -> None:
    facts = record.read()
    say(f"It is already running here ({facts.get('state', 'starting')}).")
    say(f"    site   {facts.get('base_url', '?')}/")
    say(f"    mails  {facts.get('mail_url', 'not yet')}")
    if facts.get("base_url") not in {None, web.base_url}:
        say(f"To have it at {web.base_url} instead, stop it first.")
    say("Stop it with: make stop")


def _announce(site: Site, *, with_demo: bool) -> None:
    base = site.web.base_url
    say(f"\nReady after {time.monotonic() - BEGIN:.1f} s.\n")
    rows = {
        "public site": f"{base}/",
        "staff desk": f"{base}/desk/",
        "administration": f"{base}/admin/",
        "API": f"{base}/api/v1/",
        "open data": f"{base}/opendata/",
        "Open311": f"{base}/open311/discovery.xml",
        "mails": site.mail.url,
        "logs": f"{LOGS}/",
    }
    for name, value in rows.items():
        say(f"    {name:<16}{value}")
    if with_demo:
        _announce_demo()
    say("\nCtrl-C (or make stop) ends it." if sys.stdout.isatty() else "")


def _announce_demo() -> None:
    facts = preparation.demo_facts()
    receipt = facts.get("receipt") or {}
    if receipt:
        say(f"    {'demo report':<16}{receipt.get('number', '')}  {receipt.get('url', '')}")
    for name, word in (("Open311 key", "open311_key"), ("Open311 test", "open311_test_key")):
        if facts.get(word):
            say(f"    {name:<16}{facts[word]}")
    for town, roles in (facts.get("logins") or {}).items():
        say(f"\n    Logins {town}")
        for role, login in roles.items():
            code = login.get("totp_secret")
            extra = f"   one-time codes from {code}" if code else ""
            say(f"      {role:<14}{login.get('email')}   {login.get('password')}{extra}")


def _remove(path: Path) -> None:
    """Delete a file or folder completely; raises Refusal where we may not."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise Refusal(
            f"No right to remove {error.filename} ({error.strerror}). "
            "It was made by another user; run make reset as that user (or root)."
        ) from None
