"""Asks a statement that was written once (by the ORM, then kept) for its only row."""

from collections.abc import Sequence
from typing import Any

from django.db import connection


def one_row(statement: str, values: Sequence[Any]) -> dict[str, Any]:
    """The row by the names of its columns, as the database gives it; empty where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
        names = [column.name for column in cursor.description]
    return dict(zip(names, row, strict=True)) if row else {}
