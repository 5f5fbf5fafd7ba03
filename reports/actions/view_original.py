"""Look at a sealed original photo; every look is logged with its viewer."""

import logging
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from reports import masks, photo_storage
from reports.models import OriginalView, Photo
from reports.photo_intake import seal_context
from reports.policies import NotPermitted, load_staff, may_moderate
from reports.sealing import SealBroken

logger = logging.getLogger(__name__)


class OriginalGone(Exception):
    """The original was deleted after its time."""


class OriginalUnreadable(Exception):
    """The original is there in name only: its file is lost, or its seal does not open any more."""


@dataclass(frozen=True)
class Original:
    """The bytes as they were sent, with everything a camera writes into them."""

    data: bytes
    content_type: str


def view_original(photo_id: int, *, by: User) -> Original:
    """Open an original for one look; the log entry is committed before any byte is read.

    Raises NotPermitted, OriginalGone, OriginalUnreadable.
    """
    with transaction.atomic():
        photo = Photo.objects.select_related("report__municipality").get(pk=photo_id)
        if not may_moderate(load_staff(by, photo.report.municipality_id), photo.report):
            raise NotPermitted
        if not photo.original_key:
            raise OriginalGone
        OriginalView.objects.create(photo=photo, viewer=by)
    context = seal_context(photo.report.municipality.slug)
    try:
        data = photo_storage.read_original(photo.original_key, context)
    except (SealBroken, OSError) as fault:
        logger.exception("original of a photo cannot be opened", extra={"row": photo.pk})
        raise OriginalUnreadable from fault
    return Original(data, f"image/{photo.format.lower()}")


def log_unmasked_view(photo: Photo, *, by: User) -> None:
    """Write down a look at a photo without its masks; where none covers it there is no secret."""
    if masks.covering(masks.read(photo.masks)):
        OriginalView.objects.create(photo=photo, viewer=by, kind=OriginalView.Kind.UNMASKED)
