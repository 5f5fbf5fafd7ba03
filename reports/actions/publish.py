"""Publish: bring the published table in line with what may be public now.

The action always converges: it reads the case as it stands and writes, rewrites or removes its
public row. Withdrawing is therefore the same action. Only named columns are copied.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import F, QuerySet

from leases.models import Lane
from reports import photo_storage, public_copies
from reports.lifecycle import Status
from reports.masks import copies_for_others
from reports.models import (
    Detection,
    Effect,
    Photo,
    Publication,
    Remark,
    Report,
    Screening,
    Submission,
    TimelineEntry,
)
from reports.others import count_supports
from reports.owed import owe
from reports.place_precision import truncate_time
from reports.public_details import public_assets, public_attributes, write_updates
from reports.public_place import public_place
from reports.publication import grid_of, policy_of
from reports.published import PublishedPhoto, PublishedReport, PublishedUpdate, Tombstone
from routing.models import PublicationPolicy

FORMATS = {"webp", "jpeg"}
FEED_PHOTO = (800, "jpeg")

logger = logging.getLogger(__name__)


def republish(report: Report, *, lane: Lane | None = None) -> None:
    """Book a new publication of a report in the transaction of the change that made it due."""
    Report.objects.filter(pk=report.pk).update(publication_revision=F("publication_revision") + 1)
    report.refresh_from_db(fields=["publication_revision"])
    owe(report, Effect.Kind.PUBLISH, version=report.publication_revision, lane=lane)


def publish_report(report_id: int, *, now: datetime) -> None:
    """Write or remove the public row of a report; safe to run twice and in any order.

    Public copies are made of approved photos only and removed with the last row that names them.
    """
    _copy_ahead(report_id)
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category__parent", "office", "district", "submission")
            .defer("municipality__coverage", "municipality__pages", "district__geometry")
            .get(pk=report_id)
        )
        public_copies.hold_still()
        stale = set(
            PublishedPhoto.objects.filter(report_id=report.number).values_list("name", flat=True)
        )
        if may_be_public(report):
            photos = _photo_rows(report)
            _write_row(report, photos, now)
            stale -= {photo.name for photo in photos}
        else:
            _remove_row(report, now)
    public_copies.remove_unused(stale)


def may_be_public(report: Report) -> bool:
    """Whether anything of a report may be seen by strangers, by policy, approval and screening."""
    return (
        report.publication == Publication.APPROVED
        # A rule may narrow what is public, so nothing is before rules were asked.
        and report.routed_at is not None
        and report.screening == Screening.CLEAR
        and not report.is_confidential
        and policy_of(report) != PublicationPolicy.NEVER
        and report.status != Status.WITHDRAWN
    )


def public_values(report: Report) -> dict[str, Any]:
    """The named columns of the public row, place and times at the precision of the policy.

    The moderation page shows the same values as its preview.
    """
    coarse = policy_of(report) == PublicationPolicy.COARSE
    precision = "month" if coarse else "minute"
    local = report.municipality.tz
    place = public_place(report)
    group = report.category.parent
    return {
        "municipality_slug": report.municipality.slug,
        "category_code": report.category.code,
        "category_name": report.category.name,
        "group_name": group.name if group else "",
        "status": report.status,
        "closing_reason": report.closing_reason or "",
        "received_at": truncate_time(report.received_at, precision, local),
        "updated_at": truncate_time(report.updated_at, precision, local),
        "closed_at": truncate_time(report.closed_at, precision, local)
        if report.closed_at
        else None,
        "place": Point(place.lon, place.lat, srid=4326),
        "precision_m": grid_of(report),
        "time_precision": precision,
        "district": report.district.name if report.district else "",
        "office_name": report.office.name if report.office else "",
        "text": "" if coarse else _public_text(report),
        "answer": "" if coarse else _public_answer(report),
        "first_answer_hours": _hours(report.received_at, report.first_answered_at),
        "completion_hours": _hours(report.received_at, report.closed_at),
        "supports": None if coarse else count_supports(report.pk),
    }


def _write_row(report: Report, photos: Sequence[PublishedPhoto], now: datetime) -> None:
    values = public_values(report) | {
        "attributes": public_attributes(report),
        "photo_names": " ".join(photo.name for photo in photos if _is_shown_in_feeds(photo)),
        "assets": public_assets(report),
        "revision": report.publication_revision,
        "published_at": now,
    }
    PublishedReport.objects.update_or_create(number=report.number, defaults=values)
    PublishedPhoto.objects.filter(report_id=report.number).delete()
    PublishedPhoto.objects.bulk_create(photos)
    write_updates(report, now=now)
    Tombstone.objects.filter(number=report.number).delete()


def _remove_row(report: Report, now: datetime) -> None:
    PublishedPhoto.objects.filter(report_id=report.number).delete()
    PublishedUpdate.objects.filter(report_id=report.number).delete()
    deleted, _rows = PublishedReport.objects.filter(number=report.number).delete()
    if deleted:
        Tombstone.objects.update_or_create(
            number=report.number,
            defaults={"municipality_slug": report.municipality.slug, "removed_at": now},
        )


def _copy_ahead(report_id: int) -> None:
    """Copy the files while no row is locked: a slow disk must not keep a clerk waiting."""
    report = Report.objects.select_related("category").get(pk=report_id)
    if may_be_public(report):
        for photo in _public_photos(report):
            list(_derivative_rows(report, photo))


def _public_photos(report: Report) -> QuerySet[Photo]:
    """Those somebody has approved and whose copies carry the masks as they stand now."""
    approved = Photo.objects.filter(
        report=report, publication=Publication.APPROVED, masked_version=F("masks_version")
    ).exclude(detection=Detection.WAITING)
    coarse = policy_of(report) == PublicationPolicy.COARSE
    return approved.none() if coarse else approved


def _photo_rows(report: Report) -> list[PublishedPhoto]:
    photos = _public_photos(report).order_by("ordinal")
    return [row for photo in photos for row in _derivative_rows(report, photo)]


def _is_shown_in_feeds(photo: PublishedPhoto) -> bool:
    return (photo.size, photo.format) == FEED_PHOTO


def _derivative_rows(report: Report, photo: Photo) -> Iterable[PublishedPhoto]:
    for size, made in copies_for_others(photo).items():
        for image_format in sorted(FORMATS & made.keys()):
            try:
                photo_storage.publish_copy(made[image_format])
            except FileNotFoundError:
                # One lost file must not keep the rest of the row from being corrected.
                logger.error("staff copy of a photo is gone", extra={"row": photo.pk})  # noqa: TRY400
                continue
            yield PublishedPhoto(
                report_id=report.number,
                ordinal=photo.ordinal,
                size=int(size),
                format=image_format,
                width=made["width"],
                height=made["height"],
                name=made[image_format],
            )


def _public_text(report: Report) -> str:
    if report.text_publication != Publication.APPROVED:
        return ""
    submission: Submission = report.submission
    return submission.public_text or submission.description


def _public_answer(report: Report) -> str:
    """The latest public answer; answers are written for the public by the office."""
    entry = (
        TimelineEntry.objects.filter(
            report=report, is_public=True, remark_id__isnull=False, data__answer=True
        )
        .order_by("-seq")
        .first()
    )
    if entry is None or entry.remark_id is None:
        return ""
    remark = Remark.objects.filter(pk=entry.remark_id, kind=Remark.Kind.ANSWER).first()
    return remark.body if remark else ""


def _hours(start: datetime, end: datetime | None) -> float | None:
    return round((end - start).total_seconds() / 3600, 1) if end else None
