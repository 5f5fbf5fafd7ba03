"""Compares the photo stores with the rows that name their files."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from reports import photo_storage
from reports.photo_storage import PhotoStorage

CHUNK = 50_000

# Every name a row of ours gives to a file of a store.
NAMED: dict[PhotoStorage, str] = {
    "sealed": """
        SELECT original_key AS name FROM reports_photo WHERE original_key <> ''
        UNION ALL SELECT unnest(pieces) FROM reports_upload
        UNION ALL SELECT sealed_key FROM reports_incomingfile""",
    "staff_photos": """
        SELECT made.copy ->> kinds.kind AS name
        FROM reports_photo, LATERAL (
                 SELECT * FROM jsonb_each(derivatives) UNION ALL SELECT * FROM jsonb_each(masked)
             ) AS made (size, copy),
             unnest(ARRAY['webp', 'jpeg']) AS kinds (kind)
        WHERE made.copy ? kinds.kind""",
    "published_photos": "SELECT name FROM published_photo",
}
_UNNAMED = """
    SELECT stored.name FROM unnest(%s::text[]) AS stored (name)
    WHERE NOT EXISTS (SELECT FROM ({named}) AS rows WHERE rows.name = stored.name)
"""


def count_old(alias: PhotoStorage, *, before: datetime) -> int:
    """How many files of a store were written before a time (UTC)."""
    return sum(1 for _name in _old_names(alias, before))


def unnamed(alias: PhotoStorage, *, before: datetime) -> Iterator[str]:
    """Files of a store from before a time (UTC) that no row names."""
    names = _old_names(alias, before)
    statement = _UNNAMED.format(named=NAMED[alias])
    while chunk := list(islice(names, CHUNK)):
        yield from _patiently(statement, chunk)


def missing(alias: PhotoStorage) -> Iterator[str]:
    """Names in rows without a file; each is looked for once more, should its row be gone by now."""
    named = set(_patiently(NAMED[alias]))
    # One look through the whole store first: asking object storage for each name would take hours.
    unseen = named - {name for name, _written in photo_storage.stored_names(alias)}
    lost = [name for name in unseen if not photo_storage.is_stored(alias, name)]
    if lost:
        yield from sorted(set(lost) & set(_patiently(NAMED[alias])))


def _old_names(alias: PhotoStorage, before: datetime) -> Iterator[str]:
    return (name for name, written in photo_storage.stored_names(alias) if written < before)


def _patiently(statement: str, names: list[str] | None = None) -> list[str]:
    """Names from a statement that may read a whole table, which the usual time limit forbids."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute(statement, None if names is None else [names])
        return [row[0] for row in cursor.fetchall()]
