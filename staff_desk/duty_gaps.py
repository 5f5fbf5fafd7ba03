"""When nobody will be on call in the next two weeks, for those who can still change it."""

from datetime import datetime, timedelta

from accounts.models import Municipality
from routing.calendar import Span
from routing.duty_plan import Plan, gaps, is_used

AHEAD = timedelta(days=14)


def duty_gaps(town: Municipality, *, now: datetime) -> list[Span]:
    """Gaps of the town's plan; none where it has no on-call service. At most three queries."""
    plan = Plan(town)
    return gaps(plan, (now, now + AHEAD)) if is_used(plan) else []
