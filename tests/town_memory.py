"""The rows of a town, made once by the factories and put back as they were for each test.

Making a town anew takes eighty statements of the ORM; putting its rows back takes one COPY for each
table. The keys stay the same: sequences never give a number twice, so nothing else can have them.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from tests import databases

Owner = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class TownMemory:
    """What a town is in Python (pickled: every test gets objects of its own) and its rows."""

    made: bytes
    rows: list[tuple[bytes, bytes]]

    def put_back(self) -> Any:
        """Write the rows and return the town; its keys must be free."""
        owner = databases.owner_of(settings.DATABASES["default"]["NAME"])
        with owner.transaction(), owner.cursor() as cursor:
            for statement, lines in self.rows:
                with cursor.copy(statement) as copy:
                    copy.write(lines)
        return pickle.loads(self.made)


def memory_of(make: Callable[[], Any]) -> TownMemory:
    """Let a town be made, and keep every row that was written meanwhile in this database."""
    name = settings.DATABASES["default"]["NAME"]
    owner = databases.owner_of(name)
    (before,) = owner.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or (0,)
    made = make()
    rows = [
        (_into(table, columns).as_bytes(owner), lines)
        for table, columns in _columns(owner).items()
        if (lines := _written_since(owner, table, columns, before))
    ]
    databases.empty_database(name)
    return TownMemory(pickle.dumps(made), rows)


def _columns(owner: Owner) -> dict[str, list[str]]:
    """The columns of every table that a row has of its own: not those it reckons from others."""
    rows = owner.execute(
        "SELECT relname, array_agg(attname::text ORDER BY attnum)"
        " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' GROUP BY relname ORDER BY relname"
    )
    return {table: columns for table, columns in rows.fetchall() if table not in databases.KEPT}


def _written_since(owner: Owner, table: str, columns: list[str], before: int) -> bytes:
    rows = sql.SQL("(SELECT {} FROM {} WHERE xmin::text::bigint > {})").format(
        _names(columns), sql.Identifier(table), sql.Literal(before)
    )
    with owner.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(rows)) as copy:
        return b"".join(copy)


def _into(table: str, columns: list[str]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
