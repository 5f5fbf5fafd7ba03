"""Originals go some time after their case is closed, and with them all the camera wrote."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from reports import masks, photo_storage
from reports.actions.derive_photo import derive_photo
from reports.actions.mask_photos import mask_photos
from reports.actions.retain import retain
from reports.actions.submit import Receipt
from reports.actions.sweep_files import sweep_files
from reports.masks import PhotoMask
from reports.models import Photo, Report
from reports.queries.receipt import receipt_view
from reports.queries.reconcile import reconcile
from tests.people import Town, fresh
from tests.photo_samples import LAT, LON

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
FACE = PhotoMask("face", "rectangle", 0.1, 0.1, 0.4, 0.4)


@pytest.fixture
def photo(heilbronn: Town, report: Submit) -> Photo:
    """A photo of a case that was closed 181 days ago."""
    receipt = report(heilbronn, photos=1)
    found = Photo.objects.get(report=receipt.report)
    derive_photo(found.pk)
    closed = timezone.now() - timedelta(days=181)
    Report.objects.update(status="done", closing_reason="done", closed_at=closed)
    found.refresh_from_db()
    return found


def test_what_the_camera_claims_is_told_to_the_sender_alone(
    heilbronn: Town, report: Submit
) -> None:
    receipt = report(heilbronn, photos=1)

    (told,) = receipt_view(fresh(receipt), now=timezone.now()).photos

    assert (told.taken_lon, told.taken_lat) == (LON, LAT)
    assert told.taken_at is not None
    assert told.taken_distance_m == pytest.approx(53, abs=5)


def test_an_original_is_deleted_with_place_and_time(photo: Photo) -> None:
    key = photo.original_key
    assert photo.taken_place is not None

    assert retain(now=timezone.now())["originals"] == 1

    photo.refresh_from_db()
    assert (photo.original_key, photo.taken_place, photo.taken_at) == ("", None, None)
    assert photo.original_deleted_at is not None
    assert not photo_storage.is_stored("sealed", key)
    assert photo.derivatives
    assert retain(now=timezone.now())["originals"] == 0


@pytest.mark.parametrize(
    "kept",
    [
        {"closed_at": timezone.now() - timedelta(days=179)},
        {"status": "in_progress", "closed_at": None},
    ],
)
def test_open_and_lately_closed_cases_keep_theirs(photo: Photo, kept: dict[str, object]) -> None:
    Report.objects.update(**kept)

    assert retain(now=timezone.now())["originals"] == 0


def test_a_hold_keeps_them(heilbronn: Town, photo: Photo) -> None:
    Report.objects.update(
        hold_until=date(2099, 1, 1),
        hold_set_by=heilbronn.people["clara"],
        hold_set_at=timezone.now(),
        hold_remark_id=1,
    )

    assert retain(now=timezone.now())["originals"] == 0


def test_with_the_original_goes_every_copy_without_masks(photo: Photo) -> None:
    bare = photo.derivatives["800"]["jpeg"]
    Photo.objects.update(masks=masks.written([FACE]), masks_version=1)
    mask_photos(photo.report_id)

    retain(now=timezone.now())
    sweep_files(now=timezone.now() + timedelta(hours=25), whatever_the_share=True)

    photo.refresh_from_db()
    assert not photo_storage.is_stored("staff_photos", bare)
    assert photo_storage.is_stored("staff_photos", photo.derivatives["800"]["jpeg"])
    assert photo.derivatives == photo.masked
    assert not any(finding.count for finding in reconcile() if "rows_without" in finding.name)


def test_covered_copies_are_no_orphans(photo: Photo) -> None:
    Photo.objects.update(masks=masks.written([FACE]), masks_version=1)
    assert "masks_nobody_will_burn_in" in {each.name for each in reconcile() if each.count}
    mask_photos(photo.report_id)

    sweep_files(now=timezone.now() + timedelta(hours=25), whatever_the_share=True)

    photo.refresh_from_db()
    assert photo_storage.is_stored("staff_photos", photo.masked["320"]["webp"])
