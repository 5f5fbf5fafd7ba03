"""Give the open cases of somebody who leaves back to the queues of their offices."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import User
from reports.actors import Actor
from reports.editing import save_case
from reports.history import record
from reports.lifecycle import OPEN
from reports.models import Report
from reports.policies import NotPermitted, load_staff, may_arrange_absence


def return_cases(
    municipality_id: int, *, person: User, numbers: Collection[str], by: User, now: datetime
) -> int:
    """Take a person off the cases that were shown; returns how many still were theirs.

    Whatever somebody else has taken or closed meanwhile stays as it is. Raises NotPermitted.
    """
    if not may_arrange_absence(load_staff(by, municipality_id), person.pk):
        raise NotPermitted
    with transaction.atomic():
        cases = list(
            Report.objects.select_for_update(no_key=True)
            .filter(
                municipality_id=municipality_id,
                number__in=list(numbers),
                assignee=person,
                status__in=OPEN,
            )
            .order_by("pk")
        )
        for report in cases:
            report.assignee = None
            save_case(report, "assignee", now=now)
            record(report, "unassigned", by=Actor.staff(by), at=now, version=report.version)
    return len(cases)
