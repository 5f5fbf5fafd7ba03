"""Makes a migrated database for each test process and empties it between tests.

Emptying needs the owner's rights: the app role may not truncate anything, and the timeline lets
nobody delete.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from psycopg.pq import TransactionStatus

ROOT = Path(__file__).resolve().parent.parent
KEPT = {"django_migrations", "django_content_type", "auth_permission", "spatial_ref_sys"}
_LOCK = 4711
_NUMBERS_FROM_ONE = r"""
    SELECT setval(oid::regclass, 1, false) FROM pg_class
    WHERE relkind = 'S' AND relname LIKE 'receipt\_number\_%'
"""
_look: list[sql.Composed] = []
_cleaner: list[psycopg.Connection[tuple[Any, ...]]] = []


def connect_as_owner(database: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of the owner role to a database of the test cluster, outside Django."""
    return psycopg.connect(
        host=os.environ["ANLIEGEN_DB_HOST"],
        port=os.environ.get("ANLIEGEN_DB_PORT", "5432"),
        user=os.environ.get("ANLIEGEN_DB_OWNER_USER", "anliegen_owner"),
        dbname=database,
        autocommit=True,
    )


def make_database(name: str) -> None:
    """Create `name` as a copy of a migrated template, made once per set of migrations."""
    with _template() as (owner, template):
        owner.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        _copy(owner, name, template)


@contextlib.contextmanager
def _template() -> Iterator[tuple[psycopg.Connection[tuple[Any, ...]], str]]:
    """The owner's connection, alone at this, and the name of the template, which exists."""
    template = f"anliegen_migrated_{_migrations_hash()}"
    with connect_as_owner("postgres") as owner:
        # Another process may be making the template, which takes longer than the role's patience.
        owner.execute("SET lock_timeout = 0")
        owner.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if not _exists(owner, template):
            _make_template(owner, template)
        yield owner, template


def drop_database(name: str) -> None:
    """Remove a test process's database."""
    connections.close_all()
    while _cleaner:
        _cleaner.pop().close()
    # A process of a test may need a moment to leave; then the next run, or the end of the
    # cluster, removes the database.
    with connect_as_owner("postgres") as owner, contextlib.suppress(InsufficientPrivilege):
        owner.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def empty_database(name: str) -> None:
    """Delete every row a test has left; triggers that forbid it do not fire for this session.

    Truncating would cost a new file for each of some hundred indexes, after every test.
    """
    cleaner = owner_of(name)
    for table in _tables_with_rows(cleaner):
        cleaner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    cleaner.execute(_NUMBERS_FROM_ONE)


def close_what_is_used_up() -> bool:
    """Keep connections for the next test unless a test has broken them or left one at work.

    A new one costs a process of the server, which has to read the whole catalogue first.
    Returns False: nothing else is to be closed.
    """
    for connection in connections.all(initialized_only=True):
        if connection.connection is None:
            continue
        status = connection.connection.info.transaction_status
        if connection.in_atomic_block or status != TransactionStatus.IDLE:
            connection.close()
        else:
            connection.run_on_commit.clear()
    return False


def owner_of(name: str) -> psycopg.Connection[tuple[Any, ...]]:
    """This process's connection of the owner to its database, for which no trigger fires."""
    if not _cleaner:
        _cleaner.append(connect_as_owner(name))
        _cleaner[0].execute("SET session_replication_role = replica")
    return _cleaner[0]


def _tables_with_rows(cleaner: psycopg.Connection[tuple[Any, ...]]) -> list[str]:
    if not _look:
        rows = cleaner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        looks = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(
                sql.Literal(table), sql.Identifier(table)
            )
            for (table,) in rows.fetchall()
            if table not in KEPT
        ]
        _look.append(sql.SQL(" UNION ALL ").join(looks))
    return [row[0] for row in cleaner.execute(_look[0], prepare=True)]


def _make_template(owner: psycopg.Connection[tuple[Any, ...]], template: str) -> None:
    making = f"{template}_making"
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(making)))
    _copy(owner, making, "anliegen_template")
    environment = os.environ | {"ANLIEGEN_DB_ROLE": "owner", "ANLIEGEN_DB_NAME": making}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    owner.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(making), sql.Identifier(template)
        )
    )


def _copy(owner: psycopg.Connection[tuple[Any, ...]], name: str, template: str) -> None:
    owner.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def _exists(owner: psycopg.Connection[tuple[Any, ...]], name: str) -> bool:
    return owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).rowcount == 1


def _migrations_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":  # started ahead, while the test processes still read the tests
    with _template():
        pass
