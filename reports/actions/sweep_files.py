"""Sweep: remove what lies in the photo stores and belongs to no report (any more).

Such files are left by transactions that failed after the file was written, by forms that were
never sent, and by processes that died.
"""

import logging
from datetime import datetime, timedelta

from reports import photo_storage, public_copies
from reports.photo_storage import STORES, PhotoStorage
from reports.queries import stored_files

KEEP_UNNAMED = timedelta(hours=24)
# So many at once look like a database that does not belong to these files, for instance one that
# was restored to an earlier day. Then nothing is removed until a person has looked.
SUSPICIOUS, SUSPICIOUS_SHARE = 100, 0.5

logger = logging.getLogger(__name__)


def sweep_files(*, now: datetime, whatever_the_share: bool = False) -> dict[str, int]:
    """Remove files older than 24 hours that no row names; how many by store, and half-written ones.

    A store in which more than half of the files are unnamed is left alone, unless
    `whatever_the_share`.
    """
    before = now - KEEP_UNNAMED
    removed: dict[str, int] = {
        alias: _sweep(alias, before, whatever_the_share=whatever_the_share) for alias in STORES
    }
    return removed | {"unfinished": photo_storage.remove_unfinished(before=before)}


def _sweep(alias: PhotoStorage, before: datetime, *, whatever_the_share: bool) -> int:
    names = list(stored_files.unnamed(alias, before=before))
    if not names:
        return 0
    share = len(names) / stored_files.count_old(alias, before=before)
    if len(names) > SUSPICIOUS and share > SUSPICIOUS_SHARE and not whatever_the_share:
        logger.error("%s: %d files without a row, none removed", alias, len(names))
        return 0
    if alias == "published_photos":
        return public_copies.remove_unused(names)
    return sum(photo_storage.remove_old(alias, name, before=before) for name in names)
