"""Delete original photos some time after their case is closed, with all a camera wrote in them."""

import contextlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Municipality
from reports import masks, photo_storage
from reports.lifecycle import CLOSED
from reports.models import Photo, Report

BATCH = 500


def forget_originals(*, now: datetime) -> int:
    """Delete what is due (Municipality.original_photo_days after closing); returns how many.

    A hold (Schadensfall) keeps them. Where faces or plates are covered, the copies without masks go
    too: they are left without a name, and the sweep removes them.
    """
    towns = Municipality.objects.values_list("pk", "original_photo_days")
    due = [pk for town, days in towns for pk in _due(town, now - timedelta(days=days), now)]
    return sum(_forget(pk, now) for pk in due[:BATCH])


def _due(town_id: int, before: datetime, now: datetime) -> list[int]:
    photos: QuerySet[Photo] = Photo.objects.exclude(original_key="").filter(
        Q(report__hold_until__isnull=True) | Q(report__hold_until__lt=timezone.localdate(now)),
        report__municipality_id=town_id,
        report__status__in=sorted(CLOSED),
        report__closed_at__lt=before,
    )
    return list(photos.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _forget(photo_id: int, now: datetime) -> bool:
    with transaction.atomic():
        photo = Photo.objects.select_related("report").get(pk=photo_id)
        # A case somebody works on right now is left for the next turn.
        reports = Report.objects.select_for_update(no_key=True, skip_locked=True)
        if not reports.filter(pk=photo.report_id, status__in=sorted(CLOSED)).exists():
            return False
        key, photo.original_key = photo.original_key, ""
        photo.original_deleted_at = now
        photo.taken_at = photo.taken_place = None
        if masks.covering(masks.read(photo.masks)) and masks.is_current(photo):
            photo.derivatives = photo.masked
        photo.save(
            update_fields=[
                "original_key",
                "original_deleted_at",
                "taken_at",
                "taken_place",
                "derivatives",
            ]
        )
    # Rows first: a row never points to a missing file. What cannot be removed now is swept later.
    with contextlib.suppress(OSError):
        photo_storage.delete_original(key)
    return True
