"""Look again at what was passed on: put it off to another day, or end it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from reports.actions.pass_on import FollowUpInvalid
from reports.editing import record_change
from reports.models import Report
from reports.outside import Passing
from reports.policies import NotPermitted, load_staff, may_work


def put_off(passing_id: int, *, until: date, by: User, now: datetime) -> Passing:
    """Look at it again on another day; what is settled stays so.

    Raises Passing.DoesNotExist, NotPermitted, FollowUpInvalid.
    """
    with transaction.atomic():
        report, passing = _lock(passing_id, by)
        if until <= now.astimezone(report.municipality.tz).date():
            raise FollowUpInvalid
        if passing.is_open:
            passing.follow_up_on, passing.state = until, Passing.State.WAITING
            passing.save(update_fields=["follow_up_on", "state"])
            _record(report, passing, "follow_up_moved", by, now, until=until.isoformat())
    return passing


def settle_passing(passing_id: int, *, by: User, now: datetime) -> Passing:
    """Expect nothing more of the body: its link ends. A second click changes nothing.

    Raises Passing.DoesNotExist, NotPermitted.
    """
    with transaction.atomic():
        report, passing = _lock(passing_id, by)
        if passing.is_open:
            passing.state = Passing.State.SETTLED
            passing.settled_at, passing.settled_by = now, by
            passing.save(update_fields=["state", "settled_at", "settled_by"])
            _record(report, passing, "passing_settled", by, now)
    return passing


def _lock(passing_id: int, by: User) -> tuple[Report, Passing]:
    # The report first, as everywhere; entries of its history cannot overtake each other.
    report = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality")
        .defer("municipality__coverage", "municipality__pages")
        .filter(passings=passing_id)
        .first()
    )
    if report is None:
        raise Passing.DoesNotExist
    if not may_work(load_staff(by, report.municipality_id), report):
        raise NotPermitted
    return report, Passing.objects.select_for_update(no_key=True).get(pk=passing_id)


def _record(
    report: Report, passing: Passing, kind: str, by: User, now: datetime, **data: Any
) -> None:
    record_change(report, kind, by=by, now=now, passing=passing.pk, body=passing.body_id, **data)
