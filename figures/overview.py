"""Everything a page of figures shows, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.models import Municipality
from figures import basis, queries
from figures.measures import Measures
from figures.period import Period
from figures.queries import Age, Dimension, Forecast, Month, Narrow, Row
from figures.scope import Scope, small_offices

# What is about how people work, not about how much there was; hidden where few people work.
ABOUT_WORK = frozenset(
    {
        "answer_p50", "answer_p90", "answer_due", "answer_kept", "completion_p50",
        "completion_p90", "completion_due", "completion_kept", "at_once", "reopened", "ever_closed",
        "feedback", "fixed", "rated", "satisfaction", "handover_p50",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Overview:
    """Figures of a period with those of the period before and of the same one a year earlier."""

    totals: Measures
    before: Measures
    year_before: Measures
    rows: Sequence[Row]
    months: Sequence[Month]
    ages: Sequence[Age]
    forecast: Forecast
    few_people: bool = False


def overview(
    town: Municipality,
    scope: Scope,
    period: Period,
    *,
    by: Dimension,
    narrow: Narrow,
    now: datetime,
) -> Overview:
    """Count what a person may see. Two queries.

    Where an office has fewer people than the setting says, its times and shares are left out:
    they would be figures about persons.
    """
    facts = live_facts(town, scope, period, now=now)
    few = small_offices(town.pk)
    hidden = _is_about_few(town, scope, narrow, few)
    asked: list[queries.Question[Any]] = [
        *(queries.totals_of(each) for each in (period, period.before, period.year_before)),
        queries.breakdown_of(period, by),
        queries.months_of(period),
        queries.ages_of(facts, period),
        queries.forecast_of(facts, period),
    ]
    *sums, rows, months, ages, forecast = queries.ask_all(facts, asked, narrow)
    totals, before, year_before = (_cleared(each, hidden=hidden) for each in sums)
    return Overview(
        totals=totals,
        before=before,
        year_before=year_before,
        rows=_rows(rows, by, few, hidden=hidden),
        months=months,
        ages=ages,
        forecast=forecast,
        few_people=hidden,
    )


def live_facts(town: Municipality, scope: Scope, period: Period, *, now: datetime) -> basis.Basis:
    """The cases a person may see figures of, far enough back for all comparisons."""
    since = min(period.year_before.first, period.first - basis.HISTORY)
    return basis.live(town, since=since, until=period.last, cut_off=now, offices=scope.limit)


def cleared(measures: Measures) -> Measures:
    """The same without what would be about persons."""
    return replace(measures, **{name: getattr(Measures(), name) for name in ABOUT_WORK})


def _cleared(measures: Measures, *, hidden: bool) -> Measures:
    return cleared(measures) if hidden else measures


def _rows(rows: list[Row], by: Dimension, few: frozenset[str], *, hidden: bool) -> list[Row]:
    return [
        replace(
            row,
            measures=_cleared(
                row.measures, hidden=hidden or (by is Dimension.OFFICE and row.key in few)
            ),
        )
        for row in rows
    ]


def _is_about_few(town: Municipality, scope: Scope, narrow: Narrow, few: frozenset[str]) -> bool:
    if narrow.office:
        return narrow.office in few
    if scope.whole_town:
        return False
    own = town.offices.filter(pk__in=scope.offices).values_list("key", flat=True)
    return all(key in few for key in own)
