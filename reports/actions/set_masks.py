"""Say which areas of a photo nobody outside may recognise."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports import masks
from reports.actions.moderate import PhotoNotReady, UnknownPart
from reports.actions.publish import republish
from reports.editing import lock_case, record_change, save_case
from reports.masks import PhotoMask
from reports.models import Detection, Effect, Photo, PhotoState, Report
from reports.owed import owe
from reports.policies import may_moderate


def set_masks(
    report_id: int,
    ordinal: int,
    *,
    wanted: Sequence[PhotoMask],
    by: User,
    now: datetime,
    expected_version: int,
) -> Report:
    """Replace the masks of a photo by those a person has looked at; no proposal stays open.

    A public photo leaves the public at once and comes back with the new masks burned in. Raises
    NotPermitted, CaseChanged, UnknownPart, PhotoNotReady, MasksInvalid.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_moderate)
        photo = _photo(report, ordinal)
        looks_different = _areas(wanted) != _areas(masks.read(photo.masks))
        photo.masks = masks.written(masks.confirmed(wanted))
        photo.masks_version += looks_different
        if photo.detection == Detection.WAITING:
            # Somebody has looked; a search that is still to come would change the picture again.
            photo.detection = Detection.DONE
        photo.save(update_fields=["masks", "masks_version", "detection"])

        save_case(report, now=now)
        covered = len(masks.covering(wanted))
        record_change(report, "masks_changed", by=by, now=now, photo=ordinal, count=covered)
        republish(report)
        if looks_different:
            owe(report, Effect.Kind.MASK, version=report.publication_revision)
    return report


def _photo(report: Report, ordinal: int) -> Photo:
    photo = Photo.objects.select_for_update(no_key=True).filter(report=report, ordinal=ordinal)
    found = photo.first()
    if found is None:
        raise UnknownPart
    if found.state != PhotoState.READY:
        raise PhotoNotReady
    return found


def _areas(wanted: Sequence[PhotoMask]) -> set[tuple[str, float, float, float, float]]:
    return {
        (mask.shape, mask.left, mask.top, mask.right, mask.bottom)
        for mask in masks.covering(wanted)
    }
