"""Make a photo safe: decode it in the sandbox and keep metadata-free derivatives for staff."""

from django.db import transaction
from django.utils import timezone

from detection.detect import is_possible
from reports import photo_storage, sandbox, staff_copies
from reports.actors import SYSTEM
from reports.history import record
from reports.messages import tell_reporter_photo_failed
from reports.models import Detection, Effect, Photo, PhotoState, Publication, Report
from reports.owed import owe
from reports.photo_intake import seal_context
from reports.photos import Derivatives


def derive_photo(photo_id: int, *, last_try: bool = True) -> None:
    """Decode one photo outside any transaction, then record the outcome; safe to run twice.

    Fails closed: a photo that cannot be decoded has no derivative, is named on the receipt and
    by mail, and can be sent again. A fault that says nothing about the photo (a busy machine) is
    raised while tries are left.
    """
    photo = (
        Photo.objects.select_related("report__municipality")
        .defer("report__municipality__coverage", "report__municipality__pages")
        .get(pk=photo_id)
    )
    if photo.state != PhotoState.RECEIVED or not photo.original_key:
        return
    original = photo_storage.read_original(
        photo.original_key, seal_context(photo.report.municipality.slug)
    )
    try:
        made = sandbox.derive(original)
    except sandbox.PhotoUndecodable as problem:
        if problem.worth_retrying and not last_try:
            raise
        _record_failure(photo, problem.code)
        return
    _record_success(photo, made, staff_copies.keep(made))


def _record_success(photo: Photo, made: Derivatives, copies: staff_copies.Copies) -> None:
    searchable = is_possible()
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=photo.report_id)
        changed = Photo.objects.filter(pk=photo.pk, state=PhotoState.RECEIVED).update(
            # The header told the size before turning; masks are drawn on the upright picture.
            state=PhotoState.READY,
            derivatives=copies,
            width=made.width,
            height=made.height,
            detection=Detection.WAITING if searchable else Detection.NONE,
        )
        if changed:
            record(report, "photo_ready", by=SYSTEM, photo=photo.ordinal)
            if searchable:
                owe(report, Effect.Kind.DETECT, version=photo.pk)


def _record_failure(photo: Photo, code: str) -> None:
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category")
            .defer("municipality__coverage", "municipality__pages")
            .get(pk=photo.report_id)
        )
        changed = Photo.objects.filter(pk=photo.pk, state=PhotoState.RECEIVED).update(
            state=PhotoState.FAILED, failure_code=code, publication=Publication.WITHHELD
        )
        if changed:
            report.updated_at = timezone.now()
            report.save(update_fields=["updated_at"])
            record(report, "photo_failed", by=SYSTEM, photo=photo.ordinal, code=code)
            if photo.proof_of_id is None:
                tell_reporter_photo_failed(report, photo)
