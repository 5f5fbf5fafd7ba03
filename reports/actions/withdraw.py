"""Withdraw a report: its sender takes it back with the receipt."""

from datetime import datetime
from typing import Any

from reports.actions.publish import republish
from reports.actions.unlink import let_heir_lead
from reports.actors import CITIZEN
from reports.additions import Done, once
from reports.editing import save_case
from reports.history import record
from reports.idempotency import Idempotency
from reports.lifecycle import Status, check_move
from reports.merging import one_at_a_time
from reports.models import Handover, Report
from reports.responsibility import end_offer, open_offer

CHANGED = ("status", "closed_at", "waiting_for", "waiting_since", "planned_date")


def withdraw(report_id: int, *, now: datetime, idempotency: Idempotency | None = None) -> Done:
    """End a case at its sender's wish and take it off the public pages.

    Where it led others, the first of them leads on.

    Raises MoveNotAllowed where the case has ended already, KeyReused, TooManyAdditions.
    """

    def write() -> tuple[Report, dict[str, Any]]:
        one_at_a_time(Report.objects.values_list("municipality_id", flat=True).get(pk=report_id))
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "office")
            .get(pk=report_id)
        )
        _end(report, now)
        return report, {"status": report.status}

    return once(report_id, write, idempotency=idempotency, sent={})


def _end(report: Report, now: datetime) -> None:
    move = check_move(report.status, Status.WITHDRAWN)
    let_heir_lead(report, by=CITIZEN, now=now)
    report.status, report.closed_at = Status.WITHDRAWN, now
    report.waiting_for = report.waiting_since = report.planned_date = None
    save_case(report, *CHANGED, now=now)

    codes: dict[str, Any] = {"from": move.current.value, "version": report.version}
    record(report, "withdrawn", by=CITIZEN, public=True, at=now, **codes)
    offer = open_offer(report)
    if offer is not None:
        end_offer(offer, Handover.State.WITHDRAWN, now=now)

    republish(report)
