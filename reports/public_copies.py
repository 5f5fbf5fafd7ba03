"""Public copies of photos may be shared by several reports; they go with the last one.

Who removes a copy must know that nobody is about to refer to it: publishing holds a shared lock
from looking at the files until its rows are committed, removing an exclusive one.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from reports import photo_storage
from reports.published import PublishedPhoto

_LOCK = 7_104_201  # any number no other advisory lock uses
BATCH = 30  # the lock is held while so many files are removed


def hold_still() -> None:
    """Keep every public copy in place until the caller's transaction ends."""
    _lock("pg_advisory_xact_lock_shared")


def remove_unused(names: Iterable[str]) -> int:
    """Remove those copies that no published row names any more; returns how many."""
    ordered = sorted(names)
    batches = (ordered[at : at + BATCH] for at in range(0, len(ordered), BATCH))
    return sum(_remove_batch(set(batch)) for batch in batches)


def _remove_batch(names: set[str]) -> int:
    with transaction.atomic():
        _lock("pg_advisory_xact_lock")
        used = PublishedPhoto.objects.filter(name__in=names).values_list("name", flat=True)
        unused = names - set(used)
        for name in unused:
            photo_storage.remove_derivative(name)
    return len(unused)


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_LOCK])
