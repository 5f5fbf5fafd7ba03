"""Photos on their way in: judged by their header bytes, sealed, written as rows.

Used by every flow that takes pictures: a new report, an addition, a replacement.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.gis.geos import Point

from accounts.models import Municipality
from reports import photo_storage, photos
from reports.exif_hint import ExifHint
from reports.models import Photo, Publication, Report
from reports.publication import policy_of
from routing.models import PublicationPolicy


@dataclass(frozen=True)
class RefusedPhoto:
    """A photo that was not kept, by its place in the request; the report survives it."""

    ordinal: int
    code: str
    message: str


@dataclass(frozen=True)
class KeptPhoto:
    """A photo whose original is sealed and on disk, though no row names it yet."""

    ordinal: int
    facts: photos.PhotoFacts
    key: str


def inspect(file: BinaryIO) -> photos.PhotoFacts:
    """Judge one photo by its header bytes, by the rules of this installation.

    The file is left at its start. Raises PhotoRejected.
    """
    return photos.inspect(file, heic=settings.HEIC)


def inspect_all(
    files: Sequence[BinaryIO],
) -> tuple[list[tuple[int, photos.PhotoFacts, BinaryIO]], list[RefusedPhoto]]:
    """Judge each photo by its header bytes; a bad one is named and the report survives."""
    inspected, refused = [], []
    for ordinal, file in enumerate(files, start=1):
        file.seek(0)
        try:
            inspected.append((ordinal, inspect(file), file))
        except photos.PhotoRejected as rejection:
            refused.append(RefusedPhoto(ordinal, rejection.code, str(rejection.message)))
    return inspected, refused


def keep(town: Municipality, ordinal: int, facts: photos.PhotoFacts, file: BinaryIO) -> KeptPhoto:
    """Seal the original of one photo. Raises OSError where the disk refuses."""
    # Sealed, fsynced and renamed before the transaction: a row never points to a missing file.
    # Where the transaction fails, the orphan is swept later.
    file.seek(0)
    key = photo_storage.keep_original(file, context=seal_context(town.slug))
    return KeptPhoto(ordinal, facts, key)


def discard(kept: Sequence[KeptPhoto]) -> None:
    """Take back what was sealed for a report that its twin has made already.

    Every seal has a name of its own, so no row can refer to these. What cannot be removed now is
    swept later.
    """
    for photo in kept:
        with contextlib.suppress(OSError):
            photo_storage.delete_original(photo.key)


def seal_context(town_slug: str) -> str:
    """What a sealed original is bound to, so that it opens for its own municipality only."""
    return f"photo:{town_slug}"


def write(report: Report, kept: Sequence[KeptPhoto]) -> list[Photo]:
    """Write the rows of photos that were kept; belongs into the transaction of the change."""
    if not kept:
        return []
    silent = policy_of(report) in {
        PublicationPolicy.NEVER,
        PublicationPolicy.COARSE,
    }
    return Photo.objects.bulk_create(
        Photo(
            report=report,
            ordinal=photo.ordinal,
            format=photo.facts.format,
            width=photo.facts.width,
            height=photo.facts.height,
            byte_size=photo.facts.byte_size,
            original_key=photo.key,
            original_sha256=photo.facts.sha256,
            **_hint(photo.facts.hint),
            publication=Publication.WITHHELD if silent else Publication.PENDING,
        )
        for photo in kept
    )


def _hint(hint: ExifHint | None) -> dict[str, Any]:
    if hint is None:
        return {}
    placed = hint.lon is not None and hint.lat is not None
    place = Point(hint.lon, hint.lat, srid=4326) if placed else None
    return {"taken_at": hint.taken_at, "taken_place": place}
