"""Object to publication: what the sender does not want public goes out of public at once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from reports.actions.publish import republish
from reports.actors import CITIZEN
from reports.additions import ClosedToCitizens, Done, lock_own, once
from reports.editing import TEXT_LIMIT, TextTooLong, save_case
from reports.history import record, write_remark
from reports.idempotency import Idempotency
from reports.lifecycle import Status
from reports.messages import tell_office_news
from reports.models import Photo, Publication, Remark, Report
from reports.participation import Objection, ObjectionPart

CHANGED = ("publication", "text_publication", "unread_since")


class NothingChosen(Exception):
    """An objection names at least one part."""


def object_to_publication(
    report_id: int,
    *,
    parts: Collection[ObjectionPart | str],
    reason: str,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> Done:
    """Withhold text, photos or the whole report; only a moderator with a reason can undo it.

    It stands for whatever comes later, too: a photo added afterwards is covered. The same objection
    again changes nothing. Raises NothingChosen, TextTooLong, ClosedToCitizens (withdrawn, refused),
    TooManyAdditions, KeyReused.
    """
    wanted = sorted(ObjectionPart(part) for part in parts)
    why = reason.strip()
    if not wanted:
        raise NothingChosen
    if len(why) > TEXT_LIMIT:
        raise TextTooLong

    def write() -> tuple[Report, dict[str, Any]]:
        report = _lock(report_id)
        stands = Objection.objects.filter(report=report, ended_at__isnull=True)
        new = [part for part in wanted if part not in set(stands.values_list("part", flat=True))]
        if new:
            _withhold(report, new, why, now)
        return report, {"parts": [part.value for part in wanted]}

    sent = {"parts": [part.value for part in wanted], "reason": why}
    return once(report_id, write, idempotency=idempotency, sent=sent)


def _lock(report_id: int) -> Report:
    # An archived report may still be public, so its sender may still object.
    try:
        return lock_own(report_id)
    except ClosedToCitizens as closed:
        if closed.why != Status.ARCHIVED:
            raise
    return (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category", "office")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=report_id)
    )


def _withhold(report: Report, parts: list[ObjectionPart], why: str, now: datetime) -> None:
    remark = write_remark(report, Remark.Kind.CITIZEN, why) if why else None
    Objection.objects.bulk_create(
        Objection(
            report=report,
            part=part,
            reason_remark_id=remark.pk if remark else None,
            raised_at=now,
        )
        for part in parts
    )
    if ObjectionPart.REPORT in parts:
        report.publication = Publication.WITHHELD
    if ObjectionPart.TEXT in parts:
        report.text_publication = Publication.WITHHELD
    if ObjectionPart.PHOTOS in parts:
        Photo.objects.filter(report=report).update(publication=Publication.WITHHELD)
    is_first = report.unread_since is None
    report.unread_since = report.unread_since or now
    save_case(report, *CHANGED, now=now)
    record(
        report,
        "objected",
        by=CITIZEN,
        public=True,
        remark=remark,
        at=now,
        version=report.version,
        parts=[part.value for part in parts],
    )
    if is_first:
        tell_office_news(report, news="objection")
    republish(report)
