"""The numbers beside the work lists of the desk: how much waits in each, asked in one statement."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.models import Municipality
from reports.lifecycle import OPEN
from reports.models import Report
from reports.policies import Staff, may_protect, visible_cases
from reports.queries.desk import UNREAD, Tab, tab_filter, undecided
from reports.queries.follow_ups import due_passings, due_work
from reports.queries.inbox import new_mails
from reports.queries.incidents import incidents_going_on, proposals
from reports.queries.one_row import one_row
from reports.queries.replies import open_tasks
from reports.queries.rights import undecided_requests

# Stands for now while a statement is written: a day in summer, at noon everywhere in Europe.
SOME_MOMENT = datetime(1999, 7, 1, 10, tzinfo=UTC)


class Work(StrEnum):
    """What waits somewhere else than in a tab of the queue."""

    REPLIES = "replies"
    PASSINGS = "passings"
    FIRM_WORK = "firm_work"
    MODERATION = "moderation"
    PROPOSALS = "proposals"
    INCIDENTS = "incidents"
    RIGHTS = "rights"
    MAILS = "mails"


@dataclass(frozen=True)
class Counts:
    """How many cases stand in each tab but that of closed ones, and how much other work waits."""

    tabs: Mapping[Tab, int]
    work: Mapping[Work, int]


def counters(staff: Staff, *, now: datetime) -> Counts:
    """Everything that is counted around a page of the desk for this person. One query."""
    statement, values = _written(staff)
    found = one_row(statement, [_as_of(now, value) for value in values])
    tabs = json.loads(found.get("tabs") or "{}")
    return Counts(
        tabs={tab: tabs.get(tab.name, 0) for tab in Tab if tab != Tab.CLOSED},
        work={name: found.get(name) or 0 for name in Work},
    )


def _as_of(now: datetime, value: Any) -> Any:
    """A value of the written statement, which stands at SOME_MOMENT, brought to now."""
    if isinstance(value, datetime):
        return now + (value - SOME_MOMENT)
    return timezone.localdate(now) if isinstance(value, date) else value


@lru_cache(maxsize=256)
def _written(staff: Staff) -> tuple[str, tuple[Any, ...]]:
    """The statement with its values as of SOME_MOMENT; writing it costs more than asking it.

    Whoever has other roles or offices has another one.
    """
    now = SOME_MOMENT
    lists: dict[Work, QuerySet[Any]] = {
        Work.REPLIES: open_tasks(staff),
        Work.PASSINGS: due_passings(staff, now=now),
        Work.FIRM_WORK: due_work(staff, now=now),
        Work.MODERATION: undecided(staff),
        Work.PROPOSALS: proposals(staff),
        Work.INCIDENTS: incidents_going_on(staff),
        Work.MAILS: new_mails(staff),
    }
    if may_protect(staff):
        lists[Work.RIGHTS] = undecided_requests(staff.municipality_id)
    asked = {str(name): _number_of(rows) for name, rows in lists.items()}
    town = Municipality.objects.filter(pk=staff.municipality_id)
    counted = town.values(tabs=Subquery(_by_tab(staff, now)), **asked)
    statement, values = counted.query.sql_with_params()
    return statement, tuple(values)


def _by_tab(staff: Staff, now: datetime) -> QuerySet[Report, Any]:
    numbers = {
        tab.name: Count("pk", filter=tab_filter(tab, staff, now))
        for tab in Tab
        if tab != Tab.CLOSED
    }
    cases = Report.objects.filter(visible_cases(staff), Q(status__in=OPEN) | UNREAD)
    return cases.values(all=Value(1)).values(numbers=JSONObject(**numbers))


def _number_of(rows: QuerySet[Any]) -> Subquery:
    # As an aggregate Count would group by every column that the filters of the rows annotate.
    counted = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return Subquery(rows.order_by().values(counted=counted))
