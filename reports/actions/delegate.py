"""Give work on a case to a firm or crew by link; take it back, check it off, notice silence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.actions.assign import CaseIsClosed
from reports.actions.change_status import change_status
from reports.actions.pass_on import PhotoUnsuitable
from reports.actors import SYSTEM
from reports.delegated import (
    end_delegation,
    locked_delegation,
    mark_news,
    open_delegation,
)
from reports.delegating import Delegation, DelegationState, Firm
from reports.editing import checked_text, lock_case, record_change, save_case
from reports.history import record, write_remark
from reports.lifecycle import Status
from reports.masks import copies_for_others
from reports.models import Effect, Photo, Remark, Report
from reports.outside_messages import write_to_firm
from reports.owed import owe
from reports.policies import may_work


class FirmUnsuitable(Exception):
    """Not a firm of this town's directory that is offered today."""


class DelegationOpen(Exception):
    """The case is with a firm already; take it back or check it off first."""


class NoDelegation(Exception):
    """There is no delegation (any more) that could be taken back or checked off."""


class DeadlineInvalid(Exception):
    """The deadline must lie ahead."""

    field = "until"


@dataclass(frozen=True)
class Errand:
    """What a firm is asked to do: words, photos by ordinal, until when (aware)."""

    firm_id: int
    instructions: str
    until: datetime
    photos: Sequence[int] = field(default_factory=tuple)


def delegate(
    report_id: int, *, errand: Errand, by: User, now: datetime, expected_version: int
) -> Delegation:
    """Give work to a firm: it gets a link by mail and sees nothing personal.

    A case nobody had begun is in progress from now on. Raises NotPermitted, CaseChanged,
    CaseIsClosed, DelegationOpen, FirmUnsuitable, PhotoUnsuitable, DeadlineInvalid, TextMissing,
    TextTooLong.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        firm = _check(report, errand, now)
        remark = write_remark(
            report, Remark.Kind.LETTER, checked_text(errand.instructions, "instructions")
        )
        delegation = Delegation.objects.create(
            report=report,
            firm=firm,
            instructions_remark_id=remark.pk,
            photos=sorted(set(errand.photos)),
            until=errand.until,
            delegated_by=by,
            delegated_at=now,
            changed_at=now,
        )
        save_case(report, now=now)
        record_change(
            report,
            "delegated",
            by=by,
            now=now,
            remark=remark,
            delegation=delegation.pk,
            firm=firm.pk,
            photos=delegation.photos,
            until=errand.until.astimezone(report.municipality.tz).date().isoformat(),
        )
        write_to_firm(report, delegation, event="delegated")
        owe(
            report,
            Effect.Kind.DELEGATION_DEADLINE,
            version=delegation.pk,
            not_before=errand.until,
        )
        if report.status == Status.RECEIVED:
            change_status(
                report.pk,
                to=Status.IN_PROGRESS,
                by=by,
                now=now,
                expected_version=report.version,
            )
    return delegation


def revoke(report_id: int, *, by: User, now: datetime, expected_version: int) -> Delegation:
    """Take work back: from now on the link opens nothing, and the firm is told.

    Raises NotPermitted, CaseChanged, NoDelegation.
    """
    return _end(
        report_id, DelegationState.REVOKED, by=by, now=now, expected_version=expected_version
    )


def check_off(report_id: int, *, by: User, now: datetime, expected_version: int) -> Delegation:
    """Find good what a firm has done; the case itself is closed apart.

    Raises NotPermitted, CaseChanged, NoDelegation (also where nothing was reported done).
    """
    return _end(
        report_id, DelegationState.CHECKED, by=by, now=now, expected_version=expected_version
    )


def meet_deadline(delegation_id: int, *, now: datetime) -> None:
    """At the deadline: unanswered work returns by itself, unfinished work is told to the office.

    Safe to run twice; what was done, or ended, is left alone.
    """
    with transaction.atomic():
        report, delegation = locked_delegation(delegation_id)
        if delegation.until > now or not delegation.is_open:
            return
        if delegation.state == DelegationState.GIVEN:
            end_delegation(delegation, DelegationState.SILENT, now=now)
            mark_news(report, "firm_silent", now)
            _record_clock(report, delegation, "delegation_silent", now)
            write_to_firm(report, delegation, event="delegation_revoked")
        elif delegation.state != DelegationState.DONE:
            mark_news(report, "firm_late", now)
            _record_clock(report, delegation, "delegation_late", now)


def _check(report: Report, errand: Errand, now: datetime) -> Firm:
    if not report.is_open:
        raise CaseIsClosed
    if open_delegation(report) is not None:
        raise DelegationOpen
    if errand.until <= now:
        raise DeadlineInvalid
    firm = Firm.objects.filter(
        pk=errand.firm_id, municipality_id=report.municipality_id, is_active=True
    ).first()
    if firm is None:
        raise FirmUnsuitable
    found = Photo.objects.filter(report=report, ordinal__in=errand.photos)
    if {photo.ordinal for photo in found if copies_for_others(photo)} != set(errand.photos):
        raise PhotoUnsuitable
    return firm


def _end(
    report_id: int, state: DelegationState, *, by: User, now: datetime, expected_version: int
) -> Delegation:
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        delegation = open_delegation(report)
        if delegation is None:
            raise NoDelegation
        checks = state == DelegationState.CHECKED
        if checks and delegation.state != DelegationState.DONE:
            raise NoDelegation
        end_delegation(delegation, state, now=now)
        save_case(report, now=now)
        kind = "delegation_checked" if checks else "delegation_revoked"
        record_change(
            report, kind, by=by, now=now, delegation=delegation.pk, firm=delegation.firm_id
        )
        if not checks:
            write_to_firm(report, delegation, event="delegation_revoked")
    return delegation


def _record_clock(report: Report, delegation: Delegation, kind: str, now: datetime) -> None:
    record(
        report,
        kind,
        by=SYSTEM,
        at=now,
        version=report.version,
        delegation=delegation.pk,
        firm=delegation.firm_id,
    )
