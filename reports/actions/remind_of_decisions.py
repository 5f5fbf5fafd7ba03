"""Remind of what waits for a decision on the public for longer than its category allows."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from accounts.models import Office
from reports.messages import tell_dispatch_of_decisions
from reports.queries.moderation import late_by_town


def remind_of_decisions(*, now: datetime) -> int:
    """Mail the dispatch office of every town with late decisions, once a day; how many towns."""
    late = late_by_town(now=now)
    for each in late:
        dispatch = Office.objects.get(municipality_id=each.municipality_id, is_dispatch=True)
        tell_dispatch_of_decisions(
            dispatch,
            key=f"decisions:{each.municipality_id}:{timezone.localdate(now).isoformat()}",
            waiting=each.waiting,
            late=each.late,
            link=f"{settings.BASE_URL}/desk/freigabe/liste/?ueberfaellig=1",
        )
    return len(late)
