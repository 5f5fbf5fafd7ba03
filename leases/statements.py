"""Statements that go to the database together, in one round trip.

A request that writes ten rows one by one waits ten times. What is written together is part of the
caller's transaction like any other statement, and fails together.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    TextField,
)
from django.db.models.expressions import DatabaseDefault


class Statement(NamedTuple):
    """SQL with `%s` for each of its values, in their order, or with `%(name)s` for named ones."""

    sql: str
    values: Sequence[Any] | Mapping[str, Any]


class Answer(NamedTuple):
    """What a statement did: how many rows it touched, and those it gives back."""

    touched: int
    rows: list[Any]


def send(statements: Iterable[Statement]) -> None:
    """Run statements in their order within the caller's transaction; none may return rows."""
    together = list(statements)
    if not together:
        return
    with connection.cursor() as cursor:
        cursor.execute(_as_one(cursor, together))


def ask(statements: Iterable[Statement]) -> list[Answer]:
    """The same for one statement or more that return rows; the answer of each."""
    with connection.cursor() as cursor:
        cursor.execute(_as_one(cursor, statements))
        answers = [_answer(cursor)]
        while cursor.nextset():
            answers.append(_answer(cursor))
    return answers


def _answer(cursor: Any) -> Answer:
    return Answer(cursor.rowcount, cursor.fetchall() if cursor.description else [])


def _as_one(cursor: Any, statements: Iterable[Statement]) -> str:
    # Each by itself, as the driver remembers how a short statement is to be filled in.
    return ";\n".join(cursor.mogrify(each.sql, each.values) for each in statements)


def insertion_of(row: Model) -> Statement:
    """The INSERT of an unsaved model instance, with the values the ORM would write.

    Left out are columns whose value the database decides (its defaults, a key that is not set),
    and those that are empty without having a default.
    """
    columns: list[str] = []
    places: list[str] = []
    values: list[Any] = []
    for column in _columns_of(type(row)):
        value = column.field.pre_save(row, add=True)
        if isinstance(value, DatabaseDefault) or (value is None and column.is_null_unnamed):
            continue
        columns.append(column.quoted)
        if type(value) in column.as_they_are:
            places.append("%s")
            values.append(value)
        else:
            places.append(_place_of(column.field, value))
            values.append(column.field.get_db_prep_save(value, connection))
    names, marks = ", ".join(columns), ", ".join(places)
    table = row._meta.db_table
    # Names come from the models, values go separately.
    return Statement(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)  # noqa: S608


class _Column(NamedTuple):
    """A column, whether it is null where no INSERT names it, and the types it takes as they are."""

    field: "Field[Any, Any]"
    quoted: str
    is_null_unnamed: bool
    as_they_are: frozenset[type]


# Preparing these by the ORM took longer than writing them; a report has eighty.
_PLAIN: dict[type[Field[Any, Any]], type] = {
    CharField: str,
    TextField: str,
    BooleanField: bool,
    IntegerField: int,
}


@cache
def _columns_of(model: type[Model]) -> tuple[_Column, ...]:
    return tuple(
        _Column(
            field,
            f'"{field.column}"',
            is_null_unnamed=field.primary_key or not field.has_db_default(),
            as_they_are=frozenset(
                plain for kind, plain in _PLAIN.items() if isinstance(_target_of(field), kind)
            ),
        )
        for field in model._meta.concrete_fields
    )


def _target_of(field: "Field[Any, Any]") -> "Field[Any, Any]":
    """Of a reference the field of the other table, as that tells what its values are."""
    return field.target_field if isinstance(field, ForeignKey) else field


def _place_of(field: "Field[Any, Any]", value: Any) -> str:
    place = getattr(field, "get_placeholder", None)  # of geometry columns
    return place(value, None, connection) if place else "%s"
