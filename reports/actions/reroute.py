"""Give a case to another office at once, by a dispatcher's decision."""

from datetime import datetime

from django.db import transaction

from accounts.models import Office, User
from reports.actions.hand_over import check_office
from reports.actions.publish import republish
from reports.actors import Actor
from reports.editing import checked_text, is_shown, lock_case, record_change, save_case
from reports.history import write_remark
from reports.messages import tell_office_new_case
from reports.models import Handover, Remark, Report, Screening
from reports.policies import may_reroute
from reports.responsibility import (
    MOVED,
    end_offer,
    move_to_office,
    open_offer,
    record_office_change,
)


def reroute(
    report_id: int,
    *,
    to_office: Office,
    reason: str,
    by: User,
    now: datetime,
    expected_version: int,
) -> Report:
    """Make another office responsible without asking it; an open offer ends.

    Routing never overrides this. Raises NotPermitted, CaseChanged, OfficeUnsuitable, TextMissing,
    TextTooLong.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_reroute)
        check_office(report, to_office, now)
        remark = write_remark(report, Remark.Kind.REASON, checked_text(reason, "reason"))

        offer = open_offer(report)
        if offer is not None:
            end_offer(offer, Handover.State.WITHDRAWN, by=by, now=now)
        decision = move_to_office(
            report, to_office, basis="by_hand", why=f"Von Hand zugeordnet: {to_office.label}."
        )
        save_case(report, *MOVED, now=now)

        record_change(
            report, "reroute_explained", by=by, now=now, remark=remark, office=to_office.pk
        )
        record_office_change(report, decision, by=Actor.staff(by), now=now)
        if report.screening == Screening.CLEAR and report.is_open:
            tell_office_new_case(report, decision_id=decision.pk)
        if is_shown(report):
            republish(report)
    return report
