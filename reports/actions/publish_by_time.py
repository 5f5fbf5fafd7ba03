"""What nobody has decided on in time is published, where its category says so; never photos."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from reports.actions.publish import republish
from reports.actors import SYSTEM
from reports.editing import save_case
from reports.history import record
from reports.models import Publication, Report, Submission
from reports.personal_data import find_in
from reports.queries.moderation import due_by_time

BATCH = 200

logger = logging.getLogger(__name__)


def publish_by_time(*, now: datetime) -> int:
    """Publish every report whose time has come; returns how many. The rest follows next time."""
    due = list(due_by_time(now=now).values_list("pk", flat=True)[:BATCH])
    return sum(_publish_in_peace(report_id, now) for report_id in due)


def _publish_in_peace(report_id: int, now: datetime) -> bool:
    """One case's fault keeps no other waiting; the case itself waits for a person."""
    try:
        return _publish(report_id, now)
    except Exception:
        logger.exception("publication by time failed", extra={"row": report_id})
        return False


def _publish(report_id: int, now: datetime) -> bool:
    with transaction.atomic():
        locked = Report.objects.select_for_update(no_key=True, of=("self",))
        locked = locked.select_related("municipality", "category")
        report = locked.defer("municipality__coverage", "municipality__pages").get(pk=report_id)
        # Somebody may have decided or objected since the case was listed.
        if not due_by_time(now=now).filter(pk=report_id).exists():
            return False
        report.publication = Publication.APPROVED
        decided: dict[str, Any] = {"case": Publication.APPROVED.value}
        if _text_goes_too(report):
            report.text_publication = Publication.APPROVED
            decided["text"] = Publication.APPROVED.value
        save_case(report, "publication", "text_publication", now=now)
        hours = report.category.publish_after_hours
        record(
            report,
            "moderated",
            by=SYSTEM,
            at=now,
            version=report.version,
            by_time=hours,
            **decided,
        )
        republish(report)
    return True


def _text_goes_too(report: Report) -> bool:
    """Only where the category says so and the guard finds nothing at all, unsure finds included."""
    if not report.category.publish_text_by_time:
        return False
    if report.text_publication != Publication.PENDING:
        return False
    sent = Submission.objects.get(pk=report.pk)
    return not find_in(
        sent.public_text or sent.description, report.municipality_id, report.category
    )
