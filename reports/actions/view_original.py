"""Look at a sealed original photo; every look is logged with its viewer."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from reports import photo_storage
from reports.models import OriginalView, Photo
from reports.photo_intake import seal_context
from reports.policies import NotPermitted, load_staff, may_moderate


class OriginalGone(Exception):
    """The original was deleted after its time."""


@dataclass(frozen=True)
class Original:
    """The bytes as they were sent, with everything a camera writes into them."""

    data: bytes
    content_type: str


def view_original(photo_id: int, *, by: User) -> Original:
    """Open an original for one look; the log entry is committed before any byte is read.

    Raises NotPermitted, OriginalGone.
    """
    with transaction.atomic():
        photo = Photo.objects.select_related("report__municipality").get(pk=photo_id)
        if not may_moderate(load_staff(by, photo.report.municipality_id), photo.report):
            raise NotPermitted
        if not photo.original_key:
            raise OriginalGone
        OriginalView.objects.create(photo=photo, viewer=by)
    context = seal_context(photo.report.municipality.slug)
    data = photo_storage.read_original(photo.original_key, context)
    return Original(data, f"image/{photo.format.lower()}")
