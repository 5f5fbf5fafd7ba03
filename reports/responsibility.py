"""Moves a case to an office by hand and writes down why, as routing does for its own decisions."""

from datetime import datetime

from accounts.models import Office, User
from reports.actors import Actor
from reports.deadlines import DUE, count_anew
from reports.history import record
from reports.models import Handover, Report, RoutingDecision

MOVED = (
    *("office", "team", "assignee", "office_chosen_by_hand"),
    *("first_look_for", "first_look_team", "first_look_assignee"),
    *DUE,
)


def move_to_office(report: Report, office: Office, *, basis: str, why: str) -> RoutingDecision:
    """Make an office responsible; the caller holds the lock and saves the fields in MOVED.

    The case comes to the office's queue, not to a person: the assignee is cleared. Its targets
    are counted anew in the hours of the office.
    """
    # While somebody looks first, targets run in the hours of the office that comes next.
    by_office = report.first_look_for_id or report.office_id
    report.office, report.team, report.first_look_for = office, None, None
    report.first_look_team = report.first_look_assignee = None
    if by_office is not None and by_office != office.pk:
        count_anew(report, by_office=by_office)
    report.assignee = None
    report.office_chosen_by_hand = True
    return RoutingDecision.objects.create(
        report=report, office=office, basis=basis, sentences=[why]
    )


def record_office_change(
    report: Report, decision: RoutingDecision, *, by: Actor, now: datetime
) -> None:
    """Tell in the public timeline that another office is responsible, without any reason."""
    record(
        report,
        "rerouted",
        by=by,
        public=True,
        at=now,
        version=report.version,
        office=decision.office_id,
        decision=decision.pk,
    )


def dispatch_office(report: Report) -> Office:
    """The one office of the municipality that takes what nobody else takes."""
    return Office.objects.get(municipality_id=report.municipality_id, is_dispatch=True)


def open_offer(report: Report) -> Handover | None:
    """The offer that waits for an answer, locked; the caller holds the lock on the report."""
    return (
        Handover.objects.select_for_update(no_key=True, of=("self",))
        .select_related("from_office", "to_office")
        .filter(report=report, state=Handover.State.OFFERED)
        .first()
    )


def end_offer(
    offer: Handover, state: Handover.State, *, now: datetime, by: User | None = None
) -> None:
    """Write how an offer ended; by nobody where its time ran out or the case was closed."""
    offer.state = state
    offer.decided_by, offer.decided_at = by, now
    offer.save(update_fields=["state", "decided_by", "decided_at", "return_remark_id"])
