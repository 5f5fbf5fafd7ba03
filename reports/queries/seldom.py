"""What some cases have and most have not, seen in one statement so that nobody asks in vain."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from reports.copies import InformationCopy
from reports.delegating import Delegation
from reports.duplicates import Likeness
from reports.incidents import IncidentMember
from reports.models import DangerAlert, Handover, Report
from reports.named_asset import NamedAsset
from reports.outside import Passing
from reports.participation import Objection
from reports.pauses import ClockPause
from reports.queries.one_row import one_row

_THAT_CASE = -1  # stands for its key while the statement is written


@dataclass(frozen=True)
class Around:
    """Who was alerted, which offices got a copy (ids), and which of SELDOM the case has."""

    people: frozenset[int]
    copies: frozenset[int]
    has: frozenset[str]


def around(report_id: int) -> Around:
    """What there is around a case; one query."""
    statement, values = _written()
    found = one_row(statement, [report_id if value == _THAT_CASE else value for value in values])
    return Around(
        people=frozenset(found.pop("alerted", ())),
        copies=frozenset(found.pop("copied", ())),
        has=frozenset(name.removeprefix("has_") for name, there in found.items() if there),
    )


def _of_case(model: type[Model], **narrowed: Any) -> QuerySet[Any]:
    return model._default_manager.filter(report=OuterRef("pk"), **narrowed)


SELDOM: dict[str, QuerySet[Any]] = {
    "offer": _of_case(Handover, state=Handover.State.OFFERED),
    "duplicates": Report.objects.filter(leading=OuterRef("pk")),
    "membership": _of_case(IncidentMember),
    "pairs": Likeness.objects.filter(Q(first=OuterRef("pk")) | Q(second=OuterRef("pk"))),
    "objections": _of_case(Objection, ended_at__isnull=True),
    "pauses": _of_case(ClockPause),
    "things": _of_case(NamedAsset),
    "passings": _of_case(Passing),
    "delegations": _of_case(Delegation),
}


@cache
def _written() -> tuple[str, tuple[Any, ...]]:
    """The statement with its values; writing it costs ten times what asking it does."""
    people = _of_case(DangerAlert, person__isnull=False).values("person_id")
    copies = _of_case(InformationCopy).values("office_id")
    rows = Report.objects.filter(pk=_THAT_CASE).values(
        alerted=ArraySubquery(people),
        copied=ArraySubquery(copies),
        **{f"has_{name}": Exists(rows) for name, rows in SELDOM.items()},
    )
    statement, values = rows.query.sql_with_params()
    return statement, tuple(values)
