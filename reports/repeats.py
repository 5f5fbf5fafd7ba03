"""What fails again and again is more pressing: the thing's layer says how often and how much."""

from collections.abc import Sequence
from datetime import datetime

from reports.actors import SYSTEM
from reports.history import record
from reports.models import Priority, Report
from reports.queries.assets import NamedThing, with_failures
from routing.asset import Asset

_RANK = {Priority.LOW: 0, Priority.NORMAL: 1, Priority.HIGH: 2, Priority.URGENT: 3}


def raise_for_repeats(report: Report, assets: Sequence[Asset]) -> NamedThing | None:
    """Raise the priority of a case about a thing that failed too often, never lower it.

    Returns the thing that did it. The caller holds the lock and saves `priority`. One query where
    the case names a thing.
    """
    repeats = [
        thing
        for thing in with_failures(report, assets)
        if thing.is_repeat and thing.asset.layer.repeat_priority
    ]
    worst = max(repeats, key=_rank_of, default=None)
    if worst is None or _rank_of(worst) <= _RANK[Priority(report.priority)]:
        return None
    report.priority = worst.asset.layer.repeat_priority
    return worst


def tell_why(report: Report, thing: NamedThing, *, now: datetime) -> None:
    """Write down which thing raised the priority, and how often it failed within which time."""
    record(
        report,
        "priority_raised",
        by=SYSTEM,
        at=now,
        priority=report.priority,
        asset=thing.asset.pk,
        cases=thing.recent,
        months=thing.asset.layer.repeat_months,
    )


def _rank_of(thing: NamedThing) -> int:
    return _RANK[Priority(thing.asset.layer.repeat_priority)]
