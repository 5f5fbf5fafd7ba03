"""Trials of rules for the desk: the runs of a set, the cases that would move, cases by cell."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from reports.models import Report, Screening
from reports.policies import Staff, visible_cases
from reports.replays import ReplayedCase, RuleReplay
from routing.replay import Base
from routing.rules.rows import RuleSet

MOST_RUNS = 10


def replays_of(rule_set: RuleSet) -> Sequence[RuleReplay]:
    """The newest trials of a set, whatever the draft was then. One query."""
    rows = RuleReplay.objects.filter(rule_set=rule_set).select_related("requested_by", "against")
    return list(rows.order_by("-pk")[:MOST_RUNS])


def last_trial(rule_set: RuleSet) -> RuleReplay | None:
    """The newest whole trial of exactly these rules as they stand. One query."""
    rows = RuleReplay.objects.filter(
        rule_set=rule_set, revision=rule_set.revision, state=RuleReplay.COMPLETE
    )
    return rows.select_related("requested_by").order_by("-pk").first()


def moved_cases(staff: Staff, replay: RuleReplay, base: Base) -> QuerySet[ReplayedCase]:
    """Cases that would go elsewhere and that the person may see, the newest first."""
    return _seen(staff, replay).filter(_moved(base)).order_by("-report__received_at", "-report_id")


def shown_places(staff: Staff, replay: RuleReplay, base: Base, limit: int) -> list[ReplayedCase]:
    """Cases for the map, half of them at most such that stay; `moved` says which. Two queries."""
    moved = list(moved_cases(staff, replay, base)[:limit])
    staying = list(_seen(staff, replay).exclude(_moved(base)).order_by("pk")[: limit // 2])
    for case in moved:
        case.moved = True  # type: ignore[attr-defined]
    return [*staying, *moved]


def cases_by_cell(municipality_id: int, since: datetime) -> dict[tuple[int, str | None], int]:
    """Cases since a moment by category (id) and district (key), spam left out. One query."""
    rows = (
        Report.objects.filter(municipality_id=municipality_id, received_at__gte=since)
        .exclude(screening=Screening.SPAM)
        .values_list("category_id", "district__key")
        .annotate(cases=Count("pk"))
    )
    return {(category, district): cases for category, district, cases in rows}


def _seen(staff: Staff, replay: RuleReplay) -> QuerySet[ReplayedCase]:
    visible = Report.objects.filter(visible_cases(staff))
    rows = ReplayedCase.objects.filter(replay=replay, report__in=visible)
    return rows.select_related("report__category")


def _moved(base: Base) -> Q:
    column = f"{base}_office_id"
    return Q(**{f"{column}__isnull": False}) & ~Q(**{column: F("office_id")})
