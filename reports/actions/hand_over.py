"""Hand a case over: offer it to another office, which accepts or returns it before a deadline.

Until it is accepted the giving office stays responsible. A second return, or a deadline nobody
kept, brings the case to the dispatch office by itself, so that a refused case never lies around.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import Office, User
from reports.actions.assign import CaseIsClosed
from reports.actions.publish import republish
from reports.actors import SYSTEM, Actor
from reports.deadlines import offer_answer_until
from reports.editing import checked_text, is_shown, lock_case, record_change, save_case
from reports.history import record, write_remark
from reports.messages import tell_dispatch, tell_office_new_case, tell_office_of_handover
from reports.models import Effect, Handover, Remark, Report, RoutingDecision, Screening
from reports.owed import owe
from reports.policies import Staff, may_decide_offer, may_see, may_work
from reports.responsibility import (
    MOVED,
    dispatch_office,
    end_offer,
    move_to_office,
    open_offer,
    record_office_change,
)

RETURNS_BEFORE_DISPATCH = 2
_SENTENCES = {
    "second_return": "Zum zweiten Mal zurückgegeben: Die Dispositionsstelle entscheidet.",
    "offer_expired": "Abgabe nicht rechtzeitig beantwortet: Die Dispositionsstelle entscheidet.",
}


class OfferOpen(Exception):
    """The case is offered to an office already; withdraw that offer first."""


class NoOpenOffer(Exception):
    """There is no offer (any more) that could be decided."""


class OfficeUnsuitable(Exception):
    """Not an office of this town that exists today, or the one that has the case already."""


class PhoneCallMissing(Exception):
    """A danger case is handed over by telephone: somebody over there must have said yes."""


def offer(
    report_id: int,
    *,
    to_office: Office,
    reason: str,
    by: User,
    now: datetime,
    expected_version: int,
    confirmed_by_phone: bool = False,
) -> Handover:
    """Offer a case to another office with a reason; a danger case is given to it at once.

    Raises NotPermitted, CaseChanged, CaseIsClosed, OfferOpen, OfficeUnsuitable, TextMissing,
    TextTooLong; PhoneCallMissing for a danger case nobody telephoned about.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        if not report.is_open:
            raise CaseIsClosed
        if open_offer(report) is not None:
            raise OfferOpen
        check_office(report, to_office, now)
        if report.is_danger and not confirmed_by_phone:
            raise PhoneCallMissing
        handover = _write_offer(report, to_office, checked_text(reason, "reason"), by, now)
        if report.is_danger:
            _give_at_once(report, handover, by=by, now=now)
        else:
            _offer(report, handover, by=by, now=now)
    return handover


def accept(report_id: int, *, by: User, now: datetime, expected_version: int) -> Handover:
    """Take an offered case over; from now on the accepting office is responsible.

    Raises NotPermitted, CaseChanged, NoOpenOffer.
    """
    with transaction.atomic():
        report, handover = _lock_offered(report_id, by=by, expected_version=expected_version)
        end_offer(handover, Handover.State.ACCEPTED, by=by, now=now)
        _change_office(report, handover, by=by, now=now)
        tell_office_of_handover(
            handover, event="office_handover_accepted", office=handover.from_office
        )
    return handover


def return_offer(
    report_id: int, *, reason: str, by: User, now: datetime, expected_version: int
) -> Handover:
    """Return an offered case with a reason; the second return brings it to the dispatcher.

    Raises NotPermitted, CaseChanged, NoOpenOffer, TextMissing, TextTooLong.
    """
    with transaction.atomic():
        report, handover = _lock_offered(report_id, by=by, expected_version=expected_version)
        remark = write_remark(report, Remark.Kind.REASON, checked_text(reason, "reason"))
        handover.return_remark_id = remark.pk
        end_offer(handover, Handover.State.RETURNED, by=by, now=now)
        report.return_count += 1
        save_case(report, "return_count", now=now)
        record_change(
            report,
            "handover_returned",
            by=by,
            now=now,
            remark=remark,
            handover=handover.pk,
            office=handover.to_office_id,
        )
        tell_office_of_handover(
            handover, event="office_handover_returned", office=handover.from_office
        )
        if report.return_count >= RETURNS_BEFORE_DISPATCH:
            _bring_to_dispatch(report, why="second_return", now=now)
    return handover


def withdraw_offer(report_id: int, *, by: User, now: datetime, expected_version: int) -> Handover:
    """Take an offer back before it is decided. Raises NotPermitted, CaseChanged, NoOpenOffer."""
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        handover = open_offer(report)
        if handover is None:
            raise NoOpenOffer
        end_offer(handover, Handover.State.WITHDRAWN, by=by, now=now)
        save_case(report, now=now)
        record_change(report, "handover_withdrawn", by=by, now=now, handover=handover.pk)
    return handover


def expire_offer(handover_id: int, *, now: datetime) -> None:
    """Bring a case to the dispatcher whose offer nobody answered in time; safe to run twice."""
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "office", "district")
            .defer("municipality__coverage", "municipality__pages", "district__geometry")
            .get(handovers=handover_id)
        )
        handover = open_offer(report)
        if handover is None or handover.pk != handover_id or handover.answer_until > now:
            return
        end_offer(handover, Handover.State.EXPIRED, now=now)
        save_case(report, now=now)
        record(
            report,
            "handover_expired",
            by=SYSTEM,
            at=now,
            version=report.version,
            handover=handover.pk,
            office=handover.to_office_id,
        )
        _bring_to_dispatch(report, why="offer_expired", now=now)


def check_office(report: Report, office: Office, now: datetime) -> None:
    """Raise OfficeUnsuitable unless the case could go to this office today."""
    today = now.astimezone(report.municipality.tz).date()
    exists = Office.objects.valid_on(today).filter(
        pk=office.pk, municipality_id=report.municipality_id
    )
    if office.pk == report.office_id or report.office_id is None or not exists.exists():
        raise OfficeUnsuitable


def _write_offer(
    report: Report, to_office: Office, reason: str, by: User, now: datetime
) -> Handover:
    assert report.office is not None  # noqa: S101 - check_office has looked
    remark = write_remark(report, Remark.Kind.REASON, reason)
    return Handover.objects.create(
        report=report,
        from_office=report.office,
        to_office=to_office,
        reason_remark_id=remark.pk,
        offered_by=by,
        offered_at=now,
        answer_until=offer_answer_until(report, to_office, now=now),
    )


def _offer(report: Report, handover: Handover, *, by: User, now: datetime) -> None:
    save_case(report, now=now)
    record_change(
        report,
        "handover_offered",
        by=by,
        now=now,
        remark=Remark.objects.get(pk=handover.reason_remark_id),
        handover=handover.pk,
        office=handover.to_office_id,
    )
    owe(
        report,
        Effect.Kind.OFFER_DEADLINE,
        version=handover.pk,
        not_before=handover.answer_until,
    )
    tell_office_of_handover(handover, event="office_handover_offer", office=handover.to_office)


def _give_at_once(report: Report, handover: Handover, *, by: User, now: datetime) -> None:
    """A danger case waits for nobody's decision: telephoned over, then assigned."""
    end_offer(handover, Handover.State.ACCEPTED, by=by, now=now)
    decision = _change_office(report, handover, by=by, now=now)
    if report.screening == Screening.CLEAR:
        tell_office_new_case(report, decision_id=decision.pk)


def _change_office(
    report: Report, handover: Handover, *, by: User, now: datetime
) -> RoutingDecision:
    decision = move_to_office(
        report,
        handover.to_office,
        basis="handover",
        why=f"Abgabe von {handover.from_office.label} an {handover.to_office.label}, angenommen.",
    )
    report.handover_count += 1
    save_case(report, *MOVED, "handover_count", now=now)
    record_change(
        report,
        "handover_accepted",
        by=by,
        now=now,
        handover=handover.pk,
        office=handover.to_office_id,
        from_office=handover.from_office_id,
    )
    record_office_change(report, decision, by=Actor.staff(by), now=now)
    if is_shown(report):
        republish(report)
    return decision


def _lock_offered(report_id: int, *, by: User, expected_version: int) -> tuple[Report, Handover]:
    """Lock a case and its open offer for somebody who may decide it."""
    offer = Handover.objects.filter(report=report_id, state=Handover.State.OFFERED).first()

    def may(staff: Staff, report: Report) -> bool:
        if offer is None:
            return may_see(staff, report)
        return may_decide_offer(staff, report, offer.to_office_id)

    report = lock_case(report_id, by=by, expected_version=expected_version, may=may)
    handover = open_offer(report)
    if handover is None:
        raise NoOpenOffer
    return report, handover


def _bring_to_dispatch(report: Report, *, why: str, now: datetime) -> None:
    """Nobody wants the case, so the dispatcher decides; the hop is counted like any other."""
    dispatch = dispatch_office(report)
    if report.office_id != dispatch.pk:
        decision = move_to_office(report, dispatch, basis=why, why=_SENTENCES[why])
        report.handover_count += 1
        save_case(report, *MOVED, "handover_count", now=now)
        record(
            report,
            "brought_to_dispatch",
            by=SYSTEM,
            at=now,
            version=report.version,
            why=why,
            office=dispatch.pk,
        )
        record_office_change(report, decision, by=SYSTEM, now=now)
        if is_shown(report):
            republish(report)
    tell_dispatch(report, dispatch, why=why, version=report.version)
