"""Statements that go to the database together, in one round trip.

A request that writes ten rows one by one waits ten times. What is written together is part of the
caller's transaction like any other statement, and fails together.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault


class Statement(NamedTuple):
    """SQL with `%s` for each of its values, in their order."""

    sql: str
    values: Sequence[Any]


def send(statements: Iterable[Statement]) -> None:
    """Run statements in their order within the caller's transaction; none may return rows."""
    together = list(statements)
    if not together:
        return
    with connection.cursor() as cursor:
        # Each by itself, as the driver remembers how a short statement is to be filled in.
        filled = [cursor.mogrify(each.sql, each.values) for each in together]
        cursor.execute(";\n".join(filled))


def insertion_of(row: Model) -> Statement:
    """The INSERT of an unsaved model instance, with the values the ORM would write.

    Columns whose value the database decides (its defaults, a key that is not set) are left out.
    """
    columns: list[str] = []
    places: list[str] = []
    values: list[Any] = []
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, add=True)
        if isinstance(value, DatabaseDefault) or (field.primary_key and value is None):
            continue
        columns.append(f'"{field.column}"')
        places.append(_place_of(field, value))
        values.append(field.get_db_prep_save(value, connection))
    names, marks = ", ".join(columns), ", ".join(places)
    table = row._meta.db_table
    # Names come from the models, values go separately.
    return Statement(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)  # noqa: S608


def _place_of(field: "Field[Any, Any]", value: Any) -> str:
    place = getattr(field, "get_placeholder", None)  # of geometry columns
    return place(value, None, connection) if place else "%s"
