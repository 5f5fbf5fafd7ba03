"""Burn the masks of a report's photos into copies; only these copies are seen by others."""

from django.db import transaction

from accounts.models import Municipality
from reports import masks, photo_storage, sandbox, staff_copies
from reports.actions.publish import republish
from reports.models import Photo, PhotoState, Report
from reports.photo_intake import seal_context
from reports.photos import Derivatives
from reports.sealing import SealBroken


def mask_photos(report_id: int) -> None:
    """Bring the covered copies of all photos of a report in line with their masks.

    Safe to run twice and beside a change of masks: copies count only for the version they were
    made of. Raises PhotoUndecodable, SandboxUnavailable, OSError: the photo stays unpublished.
    """
    report = (
        Report.objects.select_related("municipality")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=report_id)
    )
    for photo in Photo.objects.filter(report=report, state=PhotoState.READY).order_by("ordinal"):
        if not masks.is_current(photo):
            _record(photo, _covered_copies(photo, report.municipality))


def _covered_copies(photo: Photo, town: Municipality) -> staff_copies.Copies:
    if not masks.covering(masks.read(photo.masks)):
        return {}
    original = _original(photo, town)
    if original is not None:
        return staff_copies.keep(_burned(photo, original, photo.width, photo.height))
    size, copy = staff_copies.largest(photo.derivatives)
    return staff_copies.keep(_burned(photo, copy, size["width"], size["height"]))


def _burned(photo: Photo, picture: bytes, width: int, height: int) -> Derivatives:
    burn = masks.to_burn(masks.read(photo.masks), width=width, height=height)
    return sandbox.derive(picture, masks=burn)


def _original(photo: Photo, town: Municipality) -> bytes | None:
    """The original; None once it is deleted or lost, then the largest copy serves."""
    if not photo.original_key:
        return None
    try:
        return photo_storage.read_original(photo.original_key, seal_context(town.slug))
    except (SealBroken, FileNotFoundError):
        return None


def _record(photo: Photo, copies: staff_copies.Copies) -> None:
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=photo.report_id)
        same = Photo.objects.filter(pk=photo.pk, masks_version=photo.masks_version)
        if same.update(masked=copies, masked_version=photo.masks_version):
            republish(report)
