"""When the clock of a case stood still: while the citizen was asked, or until a planned day."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from reports.lifecycle import WaitingFor

if TYPE_CHECKING:
    from reports.models import Report


class ClockPause(models.Model):
    """A pause that has ended; one that goes on is told by the case itself (`waiting_since`).

    `hours` are those by which it lengthened the target, in the time of the responsible office.
    """

    report = models.ForeignKey("reports.Report", models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=14, choices=WaitingFor.choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    hours = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "began_at"], name="clock_pause_once"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("began_at"), hours__gte=0), name="clock_pause_forward"
            ),
        ]


def resting(now: datetime) -> Q:
    """Reports whose clock stands still; what was planned for a day that has passed runs again.

    Waiting for third parties goes on account of the town: it has chosen them.
    """
    planned = Q(waiting_for=WaitingFor.PLANNED_DATE, planned_date__gte=timezone.localdate(now))
    return Q(waiting_for=WaitingFor.CITIZEN) | planned


def rests_until(report: "Report", *, now: datetime) -> datetime | None:
    """Until when the pause of a case reaches, at most `now`; None where its clock runs on.

    A planned day counts to its end: from then on the town is late.
    """
    if report.waiting_for == WaitingFor.CITIZEN:
        return now
    if report.waiting_for != WaitingFor.PLANNED_DATE or report.planned_date is None:
        return None
    midnight = datetime.min.time()
    day_after = report.planned_date + timedelta(days=1)
    return min(now, datetime.combine(day_after, midnight, report.municipality.tz))


def is_resting(report: "Report", *, now: datetime) -> bool:
    """Whether the clock of a case stands still now."""
    if report.waiting_for == WaitingFor.CITIZEN:
        return True
    if report.waiting_for != WaitingFor.PLANNED_DATE or report.planned_date is None:
        return False
    return report.planned_date >= timezone.localdate(now)
