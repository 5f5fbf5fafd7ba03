"""Fixtures: a database per process, two towns with their people, real workers, a mail sink."""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests import databases, environment

# How long an example takes depends on what else the machine does; speed is measured elsewhere.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")
pytest_plugins = ["tests.people", "tests.processes"]


def pytest_configure(config: pytest.Config) -> None:
    """Migrate a template while the processes of a parallel run still read the tests."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        begun = subprocess.Popen([sys.executable, "-m", "tests.databases"], cwd=databases.ROOT)
        config.add_cleanup(begun.wait)


@pytest.hookimpl(trylast=True)  # after the order has been shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every database test commits for real and sees both connections.

    Each process is given a stretch of the list: first what needs no database, while the template
    is being migrated, then what takes long.
    """
    early, long, others = [], [], []
    for item in items:
        if not item.get_closest_marker("django_db") and "db" not in item.fixturenames:  # type: ignore[attr-defined]
            early.append(item)
            continue
        (long if item.get_closest_marker("long") else others).append(item)
        item.add_marker(
            pytest.mark.django_db(transaction=True, databases=["default", "public"]),
            append=False,
        )
    stretches = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = [
        item
        for first in range(stretches)
        for kind in (early, long, others)
        for item in kind[first::stretches]
    ]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Whatever is loaded by now stays; looking through it again and again costs a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give this process a migrated database, and take it away at the end."""
    name = settings.DATABASES["default"]["NAME"]
    databases.make_database(name)
    TransactionTestCase._fixture_teardown = lambda self: databases.empty_database(name)  # type: ignore[method-assign]
    TransactionTestCase._should_reload_connections = lambda self: databases.close_what_is_used_up()  # type: ignore[method-assign]
    with django_db_blocker.unblock():
        yield
    databases.drop_database(name)


@pytest.fixture(scope="session", autouse=True)
def _files_of_this_process() -> Iterator[None]:
    yield
    shutil.rmtree(environment.FILES, ignore_errors=True)
