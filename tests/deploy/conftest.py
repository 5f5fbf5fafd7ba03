"""A checkout of its own in a temporary folder: nothing here touches the real `var/`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local import (
    checks,
    layout,
    packages,
    preparation,
    programs,
    record,
    services,
    stack,
    virtualenv,
)
from deploy.local.mailsink import MailSink
from deploy.local.services import Services

MODULES = (
    checks, layout, packages, preparation, programs, record, services, stack, virtualenv,
)  # fmt: skip
# Paths the modules derive from VAR when they are imported.
DERIVED = {
    "LOGS": "log",
    "STATE_RECORD": "state-dir",
    "RUNTIME_RECORD": "runtime-dir",
    "MARK_OF_TEST_RUN": "test-services-by-run",
    "DEMO_FILE": "demo.json",
    "STACK_LOG": "log/stack.log",
    "VENV": "venv",
    "STAMP": "venv/anliegen-installed.json",
}


@dataclass(frozen=True)
class Checkout:
    """Where the made-up checkout and its files lie."""

    root: Path

    @property
    def var(self) -> Path:
        return self.root / "var"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """Have every module of the local stack work in a temporary folder."""
    made = Checkout(tmp_path / "checkout")
    made.root.mkdir()
    for module in MODULES:
        monkeypatch.setattr(module, "ROOT", made.root, raising=False)
        monkeypatch.setattr(module, "VAR", made.var, raising=False)
        for name, place in DERIVED.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, made.var / place)
    monkeypatch.setattr(record, "FILE", made.var / "run.json")
    monkeypatch.setattr(virtualenv, "LOG", made.var / "log/pip.log")
    layout.make_var()
    return made


@pytest.fixture
def demo_services(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The services of that checkout, not started, with short folders for sockets and state."""
    for module in (layout, services):
        monkeypatch.setattr(module, "state_dir", lambda: checkout.var)
        monkeypatch.setattr(module, "runtime_dir", lambda: checkout.var / "sockets")
    return Services()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    """A mail sink with a page, keeping its mails in a folder."""
    with MailSink(store=tmp_path / "mail", page_port=0) as running:
        yield running
