"""Look for faces and plates in a photo; what is found is covered until a person says otherwise."""

import logging
from dataclasses import dataclass, field

from django.db import transaction

from detection.detect import DetectionFailed, NoDetector, detect
from reports import masks, staff_copies
from reports.actions.publish import republish
from reports.actors import SYSTEM
from reports.history import record
from reports.masks import PhotoMask
from reports.models import Detection, Effect, Photo, Report
from reports.owed import owe

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    state: Detection
    found: list[PhotoMask] = field(default_factory=list)
    detected: dict[str, list[str]] = field(default_factory=dict)


def detect_areas(photo_id: int, *, last_try: bool = True) -> None:
    """Search the largest copy of a photo outside any transaction, then record; safe to run twice.

    A search that fails is raised while tries are left and then recorded: moderators see that nobody
    looked. The photo itself never waits for it, only its publication.
    """
    photo = Photo.objects.get(pk=photo_id)
    if photo.detection != Detection.WAITING:
        return
    try:
        _size, picture = staff_copies.largest(photo.derivatives)
        outcome = _search(picture)
    except NoDetector:
        outcome = _Outcome(Detection.NONE)
    except DetectionFailed as failure:
        logger.warning("photo not searched: %s", failure)
        if not last_try:
            raise
        outcome = _Outcome(Detection.FAILED)
    _record(photo, outcome)


def _search(picture: bytes) -> _Outcome:
    looked = detect(picture)
    found = [mask for mask in map(masks.proposed, looked.proposals) if mask is not None]
    detected: dict[str, list[str]] = {
        "detectors": list(looked.detectors),
        "kinds": list(looked.kinds),
    }
    return _Outcome(Detection.DONE, found[: masks.MOST // 2], detected)


def _record(photo: Photo, outcome: _Outcome) -> None:
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=photo.report_id)
        photo = Photo.objects.select_for_update(no_key=True).get(pk=photo.pk)
        if photo.detection != Detection.WAITING:
            return
        photo.detection, photo.detected = outcome.state, outcome.detected
        if outcome.found:
            photo.masks = [*photo.masks, *masks.written(outcome.found)]
            photo.masks_version += 1
            record(
                report,
                "masks_proposed",
                by=SYSTEM,
                photo=photo.ordinal,
                faces=sum(mask.kind == "face" for mask in outcome.found),
                plates=sum(mask.kind == "plate" for mask in outcome.found),
            )
        photo.save(update_fields=["detection", "detected", "masks", "masks_version"])
        # An approved photo has waited for this; with masks it waits on for its covered copies.
        republish(report)
        if outcome.found:
            owe(report, Effect.Kind.MASK, version=report.publication_revision)
