"""A database of a measurement's own in the test cluster, filled by COPY and dropped at the end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
import psycopg
from psycopg import sql

Row = dict[str, Any]


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """An empty, migrated database that Django goes to from here on."""
    quoted = sql.Identifier(name)
    with owner("postgres") as cluster:
        cluster.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        cluster.execute(sql.SQL("CREATE DATABASE {} TEMPLATE anliegen_template").format(quoted))
    os.environ |= {"ANLIEGEN_DB_NAME": name, "ANLIEGEN_DB_ROLE": "owner"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    try:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, env=os.environ, check=True)
        django.setup()
        yield
    finally:
        from django.db import connections

        connections.close_all()
        with owner("postgres") as cluster:
            cluster.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


def owner(database: str) -> psycopg.Connection[tuple[Any, ...]]:
    """The owner of the test cluster."""
    return psycopg.connect(
        host=os.environ["ANLIEGEN_DB_HOST"],
        port=os.environ.get("ANLIEGEN_DB_PORT", "5432"),
        user=os.environ.get("ANLIEGEN_DB_OWNER_USER", "anliegen_owner"),
        dbname=database,
        autocommit=True,
    )


def copy_rows(raw: psycopg.Connection[tuple[Any, ...]], table: str, rows: Iterator[Row]) -> None:
    """Write rows; columns that are not named take their defaults."""
    first = next(rows)
    columns = sql.SQL(", ").join(map(sql.Identifier, first))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write_row(tuple(first.values()))
        for row in rows:
            copy.write_row(tuple(row.values()))


def load() -> str:
    """How busy the machine is, to be read with every figure."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
