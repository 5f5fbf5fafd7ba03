"""Mark as read: somebody of the office has seen what the citizen added."""

from django.db import transaction

from accounts.models import User
from reports.models import Report
from reports.policies import NotPermitted, load_staff, may_work


def mark_read(report_id: int, *, by: User) -> None:
    """Take the unread mark off a case; no change of the case, so no version. Raises NotPermitted.

    The history does not say who has read what.
    """
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .defer("place")
            .get(pk=report_id)
        )
        if not may_work(load_staff(by, report.municipality_id), report):
            raise NotPermitted
        report.unread_since = None
        report.save(update_fields=["unread_since"])
