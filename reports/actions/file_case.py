"""Hand a closed case over to the electronic file, be told that it arrived, decide on the archive.

The effect builds the same bytes under the same name every time, so trying again after a lost
answer does no harm; only one hand-over of a case is underway.
"""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from efile import targets, xdomea
from efile.targets import NotDelivered, Target, UnknownTarget
from leases.claiming import revive
from reports.actors import SYSTEM, Actor
from reports.filing import ArchiveDecision, FileHandover, FilingState
from reports.history import record
from reports.models import Effect, Report
from reports.owed import owe
from reports.policies import NotPermitted, load_staff, may_file, may_work
from reports.queries.efile import case_file
from reports.queries.retention import class_of

UNDERWAY = (FilingState.WAITING, FilingState.DELIVERED, FilingState.FAILED)


class CaseStillOpen(Exception):
    """Only a closed case is handed over."""


class NotAtThisStage(Exception):
    """The hand-over stands elsewhere by now."""


def file_at_closing(report: Report, *, now: datetime) -> None:
    """Book the hand-over where the case's deletion class says so; in the closing transaction."""
    if not settings.EFILE_TARGET:
        return
    terms = class_of(report)
    if terms.file_at_closing:
        _book(report, with_contact=terms.file_with_contact, by=None, now=now)


def file_by_hand(report_id: int, *, by: User, now: datetime) -> FileHandover:
    """Book a hand-over; one that is underway stays the one. Raises NotPermitted, CaseStillOpen."""
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        if not may_work(load_staff(by, report.municipality_id), report):
            raise NotPermitted
        if report.is_open or report.anonymised_at is not None:
            raise CaseStillOpen
        return _book(report, with_contact=class_of(report).file_with_contact, by=by, now=now)


def deliver_filing(handover_id: int, *, now: datetime, last_try: bool) -> None:
    """Build the ZIP and put it where the installation says. Raises NotDelivered, UnknownTarget."""
    handover = FileHandover.objects.get(pk=handover_id)
    if handover.state not in {FilingState.WAITING, FilingState.FAILED}:
        return
    report = Report.objects.select_related(
        "municipality", "category", "office", "submission", "district"
    ).get(pk=handover.report_id)
    content = xdomea.write(case_file(report, handover, receiver=settings.EFILE_RECEIVER))
    try:
        targets.deliver(_target(), xdomea.zip_name(handover.process_id), content)
    except (NotDelivered, UnknownTarget) as fault:
        state = FilingState.FAILED if last_try else FilingState.WAITING
        FileHandover.objects.filter(pk=handover_id).update(state=state, fault=str(fault)[:60])
        raise
    _delivered(handover, content, now)


def acknowledge_filing(
    handovers: QuerySet[FileHandover], *, taken: bool, by: User | None, now: datetime
) -> int:
    """Note what the electronic file says of hand-overs, by hand or from a file; how many moved.

    Raises NotPermitted.
    """
    moved = 0
    for pk in handovers.order_by("pk").values_list("pk", flat=True):
        moved += _acknowledge(pk, taken, by, now)
    return moved


def decide_archive(
    handover_id: int, *, decision: ArchiveDecision, by: User, now: datetime
) -> FileHandover:
    """What the archive says of a case that was offered. Raises NotPermitted, NotAtThisStage."""
    with transaction.atomic():
        handover = _locked(handover_id, by)
        if handover.state != FilingState.ACKNOWLEDGED:
            raise NotAtThisStage
        handover.archive, handover.archive_decided_at = decision, now
        handover.archive_decided_by = by
        handover.save(update_fields=["archive", "archive_decided_at", "archive_decided_by"])
        record(
            handover.report, "archive_decided", by=Actor.staff(by), at=now, decision=decision.value
        )
    return handover


def try_again(handover_id: int, *, by: User) -> bool:
    """Give a hand-over that was given up all its tries again. Raises NotPermitted."""
    with transaction.atomic():
        handover = _locked(handover_id, by)
        effects = Effect.objects.filter(kind=Effect.Kind.HAND_OVER, version=handover.pk)
        revived = revive(Effect, effects.values_list("pk", flat=True))
        FileHandover.objects.filter(pk=handover.pk, state=FilingState.FAILED).update(
            state=FilingState.WAITING
        )
    return bool(revived)


def _book(report: Report, *, with_contact: bool, by: User | None, now: datetime) -> FileHandover:
    underway = FileHandover.objects.filter(report=report, state__in=UNDERWAY).first()
    if underway is not None:
        return underway
    handover = FileHandover.objects.create(
        report=report, with_contact=with_contact, booked_by=by, booked_at=now
    )
    actor = Actor.staff(by) if by else SYSTEM
    record(report, "efile_booked", by=actor, at=now, filing=handover.pk)
    owe(report, Effect.Kind.HAND_OVER, version=handover.pk)
    return handover


def _delivered(handover: FileHandover, content: bytes, now: datetime) -> None:
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=handover.report_id)
        done = FileHandover.objects.filter(
            pk=handover.pk, state__in=[FilingState.WAITING, FilingState.FAILED]
        ).update(
            state=FilingState.DELIVERED,
            delivered_at=now,
            fault="",
            byte_size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        if done:
            record(report, "efile_delivered", by=SYSTEM, at=now, filing=handover.pk)


def _acknowledge(pk: int, taken: bool, by: User | None, now: datetime) -> bool:
    with transaction.atomic():
        handover = _locked(pk, by)
        if handover.state != FilingState.DELIVERED:
            return False
        handover.state = FilingState.ACKNOWLEDGED if taken else FilingState.REFUSED
        handover.acknowledged_at, handover.acknowledged_by = now, by
        handover.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
        kind = "efile_acknowledged" if taken else "efile_refused"
        actor = Actor.staff(by) if by else SYSTEM
        record(handover.report, kind, by=actor, at=now, filing=pk)
    return True


def _locked(pk: int, by: User | None) -> FileHandover:
    handover = FileHandover.objects.select_for_update(of=("self",)).get(pk=pk)
    handover.report = Report.objects.select_for_update(no_key=True).get(pk=handover.report_id)
    if by is not None and not may_file(load_staff(by, handover.report.municipality_id)):
        raise NotPermitted
    return handover


def _target() -> Target:
    return Target(settings.EFILE_TARGET, settings.EFILE_USER, settings.EFILE_PASSWORD)
