"""Overrule an objection: a moderator decides, for a reason, that a part may be looked at again."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.actions.publish import republish
from reports.editing import checked_text, lock_case, record_change, save_case
from reports.history import write_remark
from reports.models import Photo, Publication, Remark, Report
from reports.participation import Objection, ObjectionPart
from reports.policies import may_moderate


class NoObjection(Exception):
    """Nobody objects to this part, or not any more."""


def overrule_objection(
    report_id: int,
    *,
    part: ObjectionPart | str,
    reason: str,
    by: User,
    now: datetime,
    expected_version: int,
) -> Report:
    """End an objection; the part waits for approval again, and its sender sees that it does.

    Raises NotPermitted, CaseChanged, NoObjection, TextMissing, TextTooLong.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_moderate)
        stands = Objection.objects.filter(report=report, part=part, ended_at__isnull=True)
        if not stands.exists():
            raise NoObjection
        remark = write_remark(report, Remark.Kind.REASON, checked_text(reason, "reason"))
        stands.update(ended_at=now, ended_by=by, end_remark_id=remark.pk)
        _wait_again(report, ObjectionPart(part))
        save_case(report, "publication", "text_publication", now=now)
        record_change(
            report,
            "objection_overruled",
            by=by,
            now=now,
            public=True,
            remark=remark,
            parts=[str(part)],
        )
        republish(report)
    return report


def _wait_again(report: Report, part: ObjectionPart) -> None:
    match part:
        case ObjectionPart.REPORT:
            confidential = report.is_confidential  # never public, whoever objects or does not
            report.publication = Publication.WITHHELD if confidential else Publication.PENDING
        case ObjectionPart.TEXT:
            report.text_publication = Publication.PENDING
        case ObjectionPart.PHOTOS:
            Photo.objects.filter(report=report, state="ready").update(
                publication=Publication.PENDING
            )
