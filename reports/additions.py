"""One citizen's change of their own report: bounded, once per key, under the lock of the row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db import transaction

from accounts import limits
from reports.actions.publish import republish
from reports.actors import CITIZEN
from reports.deadlines import DUE, resume_clock
from reports.editing import is_shown, save_case
from reports.history import record
from reports.idempotency import (
    HashedKey,
    Idempotency,
    TwinWasFirst,
    earlier_outcome,
    hashed_key,
    remember,
    reserve,
)
from reports.lifecycle import Status, WaitingFor, check_move
from reports.messages import tell_office_news
from reports.models import Remark, Report, Screening

# A person adds a few things; a script must not fill the case or the disk.
ADDITIONS_AN_HOUR = 30
HOUR = timedelta(hours=1)
CHANGED = ("status", "waiting_for", "waiting_since", "planned_date", "unread_since", *DUE)


class ClosedToCitizens(Exception):
    """Nothing can be added any more; `why` is withdrawn, archived, refused (spam) or closed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class TooManyAdditions(Exception):
    """More came with one receipt than a person writes; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"{retry_after} s")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Done:
    """What a change has led to, in codes and numbers; the same again for the same key."""

    outcome: dict[str, Any] = field(default_factory=dict)
    replayed: bool = False


Act = Callable[[], tuple[Report, dict[str, Any]]]


def once(
    report_id: int,
    act: Act,
    *,
    idempotency: Idempotency | None,
    sent: Mapping[str, Any],
    files: Sequence[BinaryIO] = (),
    by_others: bool = False,
) -> Done:
    """Let `act` change a report in one transaction, once for the same key and the same content.

    A refusal of `act` takes the key back. What others do is bounded elsewhere, so that they cannot
    use up what the sender may do. Raises KeyReused, TooManyAdditions and what `act` raises.
    """
    key = hashed_key(idempotency, sent, files)
    earlier = _earlier(key)
    if earlier is not None:
        return earlier
    if not by_others:
        bound(report_id)
    try:
        with transaction.atomic():
            reserve(key)
            report, outcome = act()
            remember(key, report, outcome)
    except TwinWasFirst:
        twin = _earlier(key)
        assert twin is not None  # noqa: S101 - it has committed, or nobody could have been first
        return twin
    return Done(outcome)


def bound(report_id: int) -> None:
    """Count one addition with this receipt. Raises TooManyAdditions."""
    verdict = limits.count_attempt(
        "additions", str(report_id), limit=ADDITIONS_AN_HOUR, window=HOUR
    )
    if not verdict.allowed:
        raise TooManyAdditions(verdict.retry_after)


def lock_own(report_id: int) -> Report:
    """Lock a report for a change by whoever holds its receipt. Raises ClosedToCitizens."""
    report = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category", "office")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=report_id)
    )
    why = closed_to_citizens(report)
    if why:
        raise ClosedToCitizens(why)
    return report


def closed_to_citizens(report: Report) -> str:
    """Why nothing can be added to a report, or an empty text where something can."""
    if report.screening == Screening.SPAM:
        return "refused"
    return report.status if report.status in {Status.WITHDRAWN, Status.ARCHIVED} else ""


def record_addition(
    report: Report,
    kind: str,
    *,
    news: str,
    now: datetime,
    remark: Remark | None = None,
    **data: Any,
) -> dict[str, Any]:
    """Write down what was added, mark it as unread and tell the office; the caller holds the lock.

    A case that waits for the citizen is worked on again and its clock goes on, whatever came: the
    office looks whether it was the answer. Returns the outcome for the sender.
    """
    is_first = report.unread_since is None
    if is_first:
        report.unread_since = now
    moved = _go_on(report, now)
    save_case(report, *CHANGED, now=now)
    record(
        report,
        kind,
        by=CITIZEN,
        public=True,
        remark=remark,
        at=now,
        version=report.version,
        **moved,
        **data,
    )
    if is_first:
        # One mail until somebody has read: the case says the rest.
        tell_office_news(report, news=news)
    if moved and is_shown(report):
        republish(report)
    return {"status": report.status}


def _go_on(report: Report, now: datetime) -> dict[str, Any]:
    if report.waiting_for != WaitingFor.CITIZEN:
        return {}
    move = check_move(report.status, Status.IN_PROGRESS)
    resume_clock(report, now=now)
    report.status = move.wanted
    report.waiting_for = report.waiting_since = None
    return {"from": move.current.value, "to": move.wanted.value}


def _earlier(key: HashedKey | None) -> Done | None:
    row = earlier_outcome(key)
    return None if row is None else Done(row.outcome, replayed=True)
