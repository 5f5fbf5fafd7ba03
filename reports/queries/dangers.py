"""Dangers nobody has taken on, over all towns: what monitoring must raise an alarm about."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from reports.lifecycle import OPEN
from reports.models import Report, Screening


@dataclass(frozen=True)
class Unattended:
    """How many dangers wait to be acknowledged, and how many longer than their town allows."""

    waiting: int
    late: int


def unattended_dangers(*, now: datetime) -> Unattended:
    """Dangers nobody has acknowledged; what other systems sent over alarms nobody. One query."""
    allowed = F("municipality__acknowledge_minutes") * timedelta(minutes=1)
    counted = (
        Report.objects.filter(
            is_danger=True,
            danger_acknowledged_at__isnull=True,
            status__in=OPEN,
            import_key__isnull=True,
        )
        .exclude(screening=Screening.SPAM)
        .aggregate(waiting=Count("pk"), late=Count("pk", filter=Q(received_at__lt=now - allowed)))
    )
    return Unattended(counted["waiting"], counted["late"])
