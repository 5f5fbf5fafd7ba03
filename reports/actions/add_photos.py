"""Add photos to a report, or replace one that could not be read."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings
from django.db.models import Max

from reports import photo_intake
from reports.additions import ClosedToCitizens, Done, lock_own, once, record_addition
from reports.idempotency import Idempotency
from reports.models import Effect, Photo, PhotoState, Publication, Report
from reports.owed import owe
from reports.participation import Objection, ObjectionPart
from reports.photo_intake import KeptPhoto, RefusedPhoto

LAST_ORDINAL = 50  # unreadable ones count here, so that nobody goes on for ever


class PhotosInvalid(Exception):
    """Nothing was kept; `code` is no_photo, too_many_photos, not_replaceable or all_refused.

    `refused` names each photo that cannot be one, `left` how many more the report takes.
    """

    def __init__(self, code: str, *, refused: Sequence[RefusedPhoto] = (), left: int = 0) -> None:
        super().__init__(code)
        self.code, self.refused, self.left = code, list(refused), left


def add_photos(
    report_id: int,
    *,
    files: Sequence[BinaryIO],
    now: datetime,
    replaces: int | None = None,
    idempotency: Idempotency | None = None,
) -> Done:
    """Take more photos while the case is open; a bad one is named and the others are kept.

    `replaces` is the place of an unreadable photo of this report that the first one stands for.
    The outcome lists under "added" the place in the request and in the report of each photo kept.
    Raises PhotosInvalid, ClosedToCitizens, TooManyAdditions, KeyReused, OSError.
    """
    if not files:
        raise PhotosInvalid("no_photo")
    if len(files) > settings.PHOTO_LIMIT:
        raise PhotosInvalid("too_many_photos", left=settings.PHOTO_LIMIT)
    kept: list[KeptPhoto] = []

    def write() -> tuple[Report, dict[str, Any]]:
        report = _lock_open(report_id)
        _check(report, len(files), replaces)
        # Sealed under the lock, so that nobody fills the disk by sending the same thing at once;
        # the header is read in milliseconds, and the row is the sender's own.
        inspected, refused = photo_intake.inspect_all(files)
        if not inspected:
            raise PhotosInvalid("all_refused", refused=refused)
        town = report.municipality
        kept.extend(photo_intake.keep(town, place, facts, file) for place, facts, file in inspected)
        return report, _write(report, kept, refused, replaces, now)

    try:
        done = once(
            report_id, write, idempotency=idempotency, sent={"replaces": replaces}, files=files
        )
    except BaseException:
        photo_intake.discard(kept)
        raise
    return done


def photos_left(report: Report) -> int:
    """How many more photos a report takes; unreadable ones do not count. One query."""
    own = Photo.objects.filter(report=report, proof_of__isnull=True)
    counted = own.exclude(state=PhotoState.FAILED).count()
    return max(settings.PHOTO_TOTAL_LIMIT - counted, 0)


def _lock_open(report_id: int) -> Report:
    report = lock_own(report_id)
    if not report.is_open:
        raise ClosedToCitizens("closed")
    return report


def _check(report: Report, count: int, replaces: int | None) -> None:
    left = photos_left(report)
    if count > left or _last_ordinal(report) + count > LAST_ORDINAL:
        raise PhotosInvalid("too_many_photos", left=left)
    if replaces is None:
        return
    unreadable = Photo.objects.filter(report=report, ordinal=replaces, state=PhotoState.FAILED)
    replaced = Photo.objects.filter(report=report, replaces=replaces)
    if not unreadable.exists() or replaced.exists():
        raise PhotosInvalid("not_replaceable")


def _last_ordinal(report: Report) -> int:
    last = Photo.objects.filter(report=report).aggregate(last=Max("ordinal"))["last"]
    return last or 0


def _write(
    report: Report,
    kept: Sequence[KeptPhoto],
    refused: Sequence[RefusedPhoto],
    replaces: int | None,
    now: datetime,
) -> dict[str, Any]:
    first = _last_ordinal(report) + 1
    numbered = [replace(photo, ordinal=first + at) for at, photo in enumerate(kept)]
    written = photo_intake.write(report, numbered)
    for photo in written:
        owe(report, Effect.Kind.DERIVE_PHOTO, version=photo.pk)
    if replaces is not None:
        Photo.objects.filter(pk=written[0].pk).update(replaces=replaces)
    if Objection.objects.filter(
        report=report, part=ObjectionPart.PHOTOS, ended_at__isnull=True
    ).exists():
        new = [photo.pk for photo in written]
        Photo.objects.filter(pk__in=new).update(publication=Publication.WITHHELD)
    ordinals = [photo.ordinal for photo in numbered]
    stands_for: dict[str, Any] = {} if replaces is None else {"replaces": replaces}
    outcome = record_addition(
        report, "photo_added", news="photo", now=now, photos=ordinals, **stands_for
    )
    return outcome | {
        "added": [[photo.ordinal, ordinal] for photo, ordinal in zip(kept, ordinals, strict=True)],
        "refused_photos": [asdict(photo) for photo in refused],
    }
