"""New steps of escalation hold for open cases too, as far as their target lies ahead."""

from datetime import datetime

from django.db import transaction

from reports.lifecycle import OPEN
from reports.models import Report
from reports.reminders import watch_due


def watch_town(municipality_id: int, *, now: datetime) -> None:
    """Book the next reminder of every open case whose due date has not passed.

    What is overdue already stays as it is: nobody wants hundreds of mails for having set a step.
    """
    ahead = Report.objects.filter(
        municipality_id=municipality_id, status__in=OPEN, due_at__gt=now, import_key__isnull=True
    )
    for pk in ahead.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            watch_due(Report.objects.select_for_update(no_key=True).get(pk=pk), now=now)
