"""Keeps photos of a form that was sent back for correction, so that nothing uploaded is lost.

The file is sealed like any original; the form carries a signed reference to it. Files that never
become part of a report are orphans and swept after a day.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from django.core import signing

from accounts.models import Municipality
from reports import photo_intake, photo_storage
from reports.exif_hint import ExifHint
from reports.photo_intake import seal_context
from reports.photos import PhotoRejected
from reports.sealing import SealBroken

SALT = "draft-photo"
MAX_AGE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class DraftPhoto:
    """A kept photo: the signed reference for the form, the name to show, what the camera claims."""

    reference: str
    name: str
    hint: ExifHint | None = None


def keep(town: Municipality, file: BinaryIO, name: str, hint: ExifHint | None = None) -> DraftPhoto:
    """Seal a photo that was checked by its header, and return what the form carries."""
    file.seek(0)
    key = photo_storage.keep_original(file, context=seal_context(town.slug))
    return DraftPhoto(signing.dumps([town.slug, key, name[:60]], salt=SALT), name, hint)


def restore(town: Municipality, reference: str) -> tuple[DraftPhoto, BinaryIO] | None:
    """The kept photo behind a reference of this town, or None if it is forged or too old."""
    try:
        slug, key, name = signing.loads(reference, salt=SALT, max_age=MAX_AGE_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    if slug != town.slug:
        return None
    try:
        data = photo_storage.read_original(key, seal_context(town.slug))
        file = BytesIO(data)
        hint = photo_intake.inspect(file).hint
    except (OSError, SealBroken, PhotoRejected):
        return None
    return DraftPhoto(reference, name, hint), file
