"""Daily copies of a town's table: made once a day, and rewritten where something may not stay.

A copy consists of parts, one for each block of ten thousand numbers; each part is a gzip member,
so the whole file is the parts one behind the other. A block nothing has changed in shares its part
with the day before. What was withdrawn, or is shown less exactly now, is taken out of every part
that holds it: one file for many days. Free texts and photos are not archived at all.
"""

import csv
import gzip
import hashlib
import io
import logging
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, transaction

from accounts.models import Municipality
from opendata import rendering
from opendata.columns import ARCHIVED_NAMES
from opendata.models import ArchiveMark, Snapshot, SnapshotNote, SnapshotPart
from reports.queries import public_feeds
from reports.queries.public_feeds import Extract

STORE = "open_data"
_LOCK = 7_104_203
_EXACTNESS = {"minute": 0, "day": 1, "month": 2}
HEADER = gzip.compress((",".join(ARCHIVED_NAMES) + "\r\n").encode(), mtime=0)

logger = logging.getLogger(__name__)


def keep_archive(town: Municipality, *, now: datetime) -> None:
    """Take out what may not stay, make the copy of the day, end old ones, sweep files.

    Safe to run at any time and twice; does nothing where another worker is at it.
    """
    if not _lock("pg_try_advisory_lock", town):
        return
    try:
        rewrite(town, now=now)
        make_snapshot(town, now.astimezone(town.tz).date(), now=now)
        end_old(town, now.astimezone(town.tz).date())
        _sweep(town)
    finally:
        _lock("pg_advisory_unlock", town)


def make_snapshot(town: Municipality, day: date, *, now: datetime) -> Snapshot | None:
    """The copy of a day, made if there is none yet; None before anything was published."""
    there = Snapshot.objects.filter(municipality=town, day=day).first()
    if there is not None:
        return there
    mark = int(public_feeds.feed_state(town.slug).mark, 16)
    parts = [_part(town, *block) for block in public_feeds.blocks(town.slug)]
    if not parts:
        return None
    with transaction.atomic():
        ArchiveMark.objects.get_or_create(municipality=town, defaults={"change": mark})
        snapshot = Snapshot.objects.create(municipality=town, day=day, made_at=now, **_sums(parts))
        snapshot.parts.set(parts)
    return snapshot


def rewrite(town: Municipality, *, now: datetime) -> int:
    """Take reports out of old copies that are no longer public, or only less exactly.

    Returns how many lines went. The mark moves last, so that a crash repeats the work.
    """
    mark = ArchiveMark.objects.filter(municipality=town).first()
    if mark is None:
        return 0
    here = int(public_feeds.feed_state(town.slug).mark, 16)
    limits = public_feeds.exactness_since(town.slug, mark.change)
    taken = 0
    for part in SnapshotPart.objects.filter(
        municipality=town, block__in={number[:-4] for number in limits}
    ):
        taken += _rewrite_part(part, limits, now)
    ArchiveMark.objects.filter(pk=mark.pk).update(change=here)
    return taken


def end_old(town: Municipality, today: date) -> int:
    """Drop copies past their time: after so many days only the first of a month stays."""
    days = timedelta(days=settings.SNAPSHOT_DAYS)
    months = timedelta(days=31 * settings.SNAPSHOT_MONTHS)
    old = Snapshot.objects.filter(municipality=town, day__lt=today - days).exclude(
        day__day=1, day__gte=today - months
    )
    ended, _rows = old.delete()
    SnapshotPart.objects.filter(municipality=town, snapshots=None).delete()
    return ended


def lines_of(data: bytes) -> Iterator[list[str]]:
    """The lines of a stored part."""
    yield from csv.reader(io.StringIO(gzip.decompress(data).decode(), newline=""))


def read(name: str) -> bytes:
    """A stored part; at most some megabytes."""
    with storages[STORE].open(name) as file:
        data: bytes = file.read()
    return data


def _part(town: Municipality, block: str, rows: int, change: int) -> SnapshotPart:
    same = SnapshotPart.objects.filter(municipality=town, block=block, rows=rows, change=change)
    found = same.first()
    if found is not None:
        return found
    extract = Extract(town.slug, town.time_zone, "", span=(f"{block}0000", f"{block}9999"))
    lines = public_feeds.csv_batches(extract, ARCHIVED_NAMES)
    data = b"".join(rendering.gzipped(lines))
    return _stored(town, block, data, rows=_count(data), change=change)


def _stored(town: Municipality, block: str, data: bytes, *, rows: int, change: int) -> SnapshotPart:
    digest = hashlib.sha256(data).hexdigest()
    name = f"{town.slug}/{block}.{digest[:32]}.csv.gz"
    if not storages[STORE].exists(name):
        storages[STORE].save(name, ContentFile(data))
    part, _made = SnapshotPart.objects.update_or_create(
        name=name,
        defaults={
            "municipality": town,
            "block": block,
            "rows": rows,
            "size": len(data),
            "change": change,
        },
    )
    return part


def _rewrite_part(
    part: SnapshotPart, limits: dict[str, tuple[int, str] | None], now: datetime
) -> int:
    lines = list(lines_of(read(part.name)))
    kept = [line for line in lines if _may_stay(line, limits)]
    gone = len(lines) - len(kept)
    if gone:
        with transaction.atomic():
            _replace(part, _packed(kept), len(kept), gone, now)
        storages[STORE].delete(part.name)
    return gone


def _replace(part: SnapshotPart, data: bytes, rows: int, gone: int, now: datetime) -> None:
    # Not the change of the part it replaces: the next copy must not take it for what it shows.
    new = _stored(part.municipality, part.block, data, rows=rows, change=-1) if rows else None
    for snapshot in Snapshot.objects.select_for_update().filter(parts=part):
        snapshot.parts.remove(part)
        if new is not None:
            snapshot.parts.add(new)
        sums = _sums(list(snapshot.parts.order_by("block")))
        version = snapshot.version + 1
        Snapshot.objects.filter(pk=snapshot.pk).update(version=version, **sums)
        SnapshotNote.objects.create(
            snapshot=snapshot, version=version, removed=gone, sha256=sums["sha256"], at=now
        )
    if new is None or new.pk != part.pk:
        part.delete()


def _may_stay(line: list[str], limits: dict[str, tuple[int, str] | None]) -> bool:
    number = line[0]
    if number not in limits:
        return True
    now = limits[number]
    if now is None:
        return False
    precision_m = int(line[ARCHIVED_NAMES.index("precision_m")])
    exactness = _EXACTNESS[line[ARCHIVED_NAMES.index("time_precision")]]
    return precision_m >= now[0] and exactness >= _EXACTNESS[now[1]]


def _packed(lines: Iterable[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(text.getvalue().encode()) + packer.flush()


def _count(data: bytes) -> int:
    return sum(1 for _line in lines_of(data))


def _sums(parts: list[SnapshotPart]) -> dict[str, int | str]:
    digest = hashlib.sha256(HEADER)
    for part in parts:
        digest.update(read(part.name))
    return {
        "rows": sum(part.rows for part in parts),
        "size": len(HEADER) + sum(part.size for part in parts),
        "sha256": digest.hexdigest(),
    }


def _sweep(town: Municipality) -> None:
    """Remove files no part names, as a crash between file and row leaves them."""
    store = storages[STORE]
    if not store.exists(town.slug):
        return
    named = set(SnapshotPart.objects.filter(municipality=town).values_list("name", flat=True))
    for name in store.listdir(town.slug)[1]:
        if f"{town.slug}/{name}" not in named:
            store.delete(f"{town.slug}/{name}")


def _lock(function: str, town: Municipality) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_LOCK, town.pk])
        return bool(cursor.fetchone()[0])
