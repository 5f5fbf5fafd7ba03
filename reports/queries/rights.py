"""Requests of people about their own data, for whoever decides them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from reports.models import Remark
from reports.rights import RequestState, RightsRequest

LISTED = 100


@dataclass(frozen=True)
class Asked:
    """A request with the words that came with it."""

    request: RightsRequest
    text: str
    is_late: bool
    is_held: bool


def undecided_requests(town_id: int) -> "QuerySet[RightsRequest]":
    """The requests that wait for an answer, for use in a query."""
    return _of(town_id).filter(state=RequestState.OPEN)


def open_requests(town_id: int, *, now: datetime) -> list[Asked]:
    """What waits for an answer, what is due first on top. Two queries."""
    rows = list(undecided_requests(town_id).order_by("due_on", "pk")[:LISTED])
    texts = dict(
        Remark.objects.filter(pk__in=[row.remark_id for row in rows if row.remark_id]).values_list(
            "pk", "body"
        )
    )
    today = timezone.localdate(now)
    return [
        Asked(row, texts.get(row.remark_id or 0, ""), row.due_on < today, _is_held(row, today))
        for row in rows
    ]


def decided_requests(town_id: int) -> Sequence[RightsRequest]:
    """The latest decisions. One query."""
    rows = _of(town_id).exclude(state=RequestState.OPEN).select_related("decided_by")
    return list(rows.order_by("-decided_at")[:20])


def _of(town_id: int) -> "QuerySet[RightsRequest]":
    return RightsRequest.objects.filter(report__municipality_id=town_id).select_related(
        "report__category", "report__submission"
    )


def _is_held(row: RightsRequest, today: date) -> bool:
    return row.report.hold_until is not None and row.report.hold_until >= today
