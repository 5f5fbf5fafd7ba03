"""Asks the facts for figures: totals, a breakdown, months, ages, forecasts. One query each, or one
for many of them: working out the facts is most of the cost.

There is no breakdown by person and no way to ask for one: a dimension is one of `Dimension`, a
filter one of `Narrow`, and the facts have no column for people.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.db import connection
from django.utils.translation import gettext_lazy as _

from figures.basis import HISTORY, Basis
from figures.measures import BEHIND, SELECT, Measures, from_row
from figures.period import Period

# Fewer cases of a kind than this say nothing about the next one.
FEWEST_FOR_FORECAST = 20


class Dimension(StrEnum):
    """What a table can be broken down by."""

    CATEGORY = "art"
    GROUP = "gruppe"
    OFFICE = "amt"
    DISTRICT = "stadtteil"
    SOURCE = "eingang"


DIMENSION_LABELS = {
    Dimension.CATEGORY: _("Anliegenart"),
    Dimension.GROUP: _("Gruppe"),
    Dimension.OFFICE: _("Amt"),
    Dimension.DISTRICT: _("Stadtteil"),
    Dimension.SOURCE: _("Eingang über"),
}
_COLUMNS = {
    Dimension.CATEGORY: ("category_code", "category_name"),
    Dimension.GROUP: ("group_code", "group_name"),
    Dimension.OFFICE: ("office_key", "office_name"),
    Dimension.DISTRICT: ("district_key", "district_name"),
    Dimension.SOURCE: ("source", "source"),
}


@dataclass(frozen=True)
class Narrow:
    """Keys the cases are narrowed to; empty: all."""

    group: str = ""
    category: str = ""
    office: str = ""
    district: str = ""
    source: str = ""

    @property
    def any(self) -> bool:
        return self != Narrow()


EVERYTHING = Narrow()
_NARROW_COLUMNS = {
    "group": "group_code",
    "category": "category_code",
    "office": "office_key",
    "district": "district_key",
    "source": "source",
}


@dataclass(frozen=True)
class Row:
    """One line of a breakdown; `key` is the code, `name` the name as the town writes it."""

    key: str
    name: str
    measures: Measures


@dataclass(frozen=True)
class Month:
    """How much came in and was finished in one month."""

    first: date
    received: int
    closed: int


@dataclass(frozen=True)
class Age:
    """Open cases of an age: from so many days, until so many days (None: without end)."""

    from_days: int
    to_days: int | None
    count: int


@dataclass(frozen=True)
class Forecast:
    """How often a forecast from the year before would have held.

    Of `judged` cases so many ended within the time half (P50) and nine of ten (P90) of earlier
    cases of their kind had taken; good is half and nine of ten. `without`: kinds too rare.
    """

    judged50: int = 0
    within50: int = 0
    judged90: int = 0
    within90: int = 0
    without: int = 0


A = TypeVar("A")
Told = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Question(Generic[A]):
    """What is asked of the relation `facts` (`{narrow}` stands for the filter), and how the told
    rows are read; they come as JSON, so that questions of every shape fit into one statement."""

    sql: str
    period: Period
    read: Callable[[Told], A]
    more: dict[str, Any] = field(default_factory=dict)


AGES = ((0, 7), (8, 30), (31, 90), (91, 365), (366, None))


def totals(basis: Basis, period: Period, narrow: Narrow = EVERYTHING) -> Measures:
    """All measures over all cases."""
    return ask(basis, totals_of(period), narrow)


def breakdown(
    basis: Basis, period: Period, by: Dimension, narrow: Narrow = EVERYTHING
) -> list[Row]:
    """All measures by a dimension, what came in most first; lines without any case are left out."""
    return ask(basis, breakdown_of(period, by), narrow)


def by_month(basis: Basis, period: Period, narrow: Narrow = EVERYTHING) -> list[Month]:
    """What came in and was finished month by month, empty months included."""
    return ask(basis, months_of(period), narrow)


def open_by_age(basis: Basis, period: Period, narrow: Narrow = EVERYTHING) -> list[Age]:
    """How long the cases that were open on the last day had been there by then."""
    return ask(basis, ages_of(basis, period), narrow)


def forecast(basis: Basis, period: Period, narrow: Narrow = EVERYTHING) -> Forecast:
    """How often "half / nine of ten are done within …" would have been true for the period."""
    return ask(basis, forecast_of(basis, period), narrow)


def totals_of(period: Period) -> Question[Measures]:
    """All measures over all cases."""
    return Question(
        f"SELECT {SELECT} FROM facts WHERE {{narrow}}", period, lambda rows: from_row(rows[0])
    )


def breakdown_of(period: Period, by: Dimension) -> Question[list[Row]]:
    """Names may have changed: the newest counts, so that a key has one line."""
    key, name = _COLUMNS[by]
    sql = f"""
        SELECT {key} AS key, max({name}) AS name, {SELECT} FROM facts WHERE {{narrow}}
        GROUP BY 1 ORDER BY received DESC, 2, 1
    """

    def read(rows: Told) -> list[Row]:
        found = [Row(row["key"], row["name"], from_row(row)) for row in rows]
        return [row for row in found if _has_cases(row.measures)]

    return Question(sql, period, read)


def months_of(period: Period) -> Question[list[Month]]:
    """Each month of a period."""
    sql = """
        WITH told AS (SELECT received_day, closed_day FROM facts WHERE {narrow}),
        counted AS (
            SELECT date_trunc('month', day)::date AS month, sum(received) AS received,
                   sum(closed) AS closed
            FROM (
                SELECT received_day AS day, 1 AS received, 0 AS closed FROM told
                UNION ALL SELECT closed_day, 0, 1 FROM told
            ) AS moments
            WHERE day BETWEEN %(first)s AND %(last)s GROUP BY 1
        )
        SELECT every::date AS month, coalesce(received, 0) AS received,
               coalesce(closed, 0) AS closed
        FROM generate_series(date_trunc('month', %(first)s::date::timestamp),
                             %(last)s::date::timestamp, interval '1 month') AS every
        LEFT JOIN counted ON counted.month = every::date ORDER BY 1
    """

    def read(rows: Told) -> list[Month]:
        return [
            Month(date.fromisoformat(row["month"]), int(row["received"]), int(row["closed"]))
            for row in rows
        ]

    return Question(sql, period, read)


def ages_of(basis: Basis, period: Period) -> Question[list[Age]]:
    """The ages of what was open on the last day."""
    sql = f"""
        SELECT %(seen)s::date - received_day AS days, count(*) AS cases
        FROM facts WHERE {{narrow}} AND {BEHIND["open"]} GROUP BY 1
    """

    def read(rows: Told) -> list[Age]:
        counted = {row["days"]: row["cases"] for row in rows}
        return [
            Age(
                start,
                end,
                sum(count for days, count in counted.items() if _is_within(days, start, end)),
            )
            for start, end in AGES
        ]

    return Question(sql, period, read, {"seen": basis.last_seen(period.last)})


def forecast_of(basis: Basis, period: Period) -> Question[Forecast]:
    """Told from cases of the kind that ended in the year before, judged by cases that came in
    during the period. An open case counts as missed once it has taken longer."""
    sql = """
        WITH told AS (SELECT *, coalesce(completion_minutes,
                (%(seen)s::date - received_day) * 1440) AS minutes FROM facts WHERE {narrow}),
        known AS MATERIALIZED (
            SELECT category_code,
                percentile_cont(0.5) WITHIN GROUP (ORDER BY completion_minutes) AS p50,
                percentile_cont(0.9) WITHIN GROUP (ORDER BY completion_minutes) AS p90
            FROM facts
            WHERE closed_day < %(first)s AND closed_day >= %(since)s AND NOT is_duplicate
            GROUP BY 1 HAVING count(*) >= %(fewest)s
        )
        SELECT count(*) FILTER (WHERE p50 IS NOT NULL AND (ended OR minutes > p50)) AS judged50,
               count(*) FILTER (WHERE ended AND minutes <= p50) AS within50,
               count(*) FILTER (WHERE p90 IS NOT NULL AND (ended OR minutes > p90)) AS judged90,
               count(*) FILTER (WHERE ended AND minutes <= p90) AS within90,
               count(*) FILTER (WHERE p50 IS NULL) AS without
        FROM (SELECT told.*, closed_day IS NOT NULL AS ended FROM told) AS told
        LEFT JOIN known USING (category_code)
        WHERE received_day BETWEEN %(first)s AND %(last)s AND NOT is_duplicate
    """
    more = {
        "since": period.first - HISTORY,
        "seen": basis.last_seen(period.last),
        "fewest": FEWEST_FOR_FORECAST,
    }
    return Question(sql, period, lambda rows: Forecast(**rows[0]), more)


def case_ids(basis: Basis, period: Period, figure: str, narrow: Narrow = EVERYTHING) -> list[int]:
    """The cases behind a figure (a key of measures.BEHIND), of a live basis only."""
    sql = f"SELECT id FROM facts WHERE {{narrow}} AND {BEHIND[figure]}"
    return ask(basis, Question(sql, period, lambda rows: [row["id"] for row in rows]), narrow)


def ask(basis: Basis, question: Question[A], narrow: Narrow = EVERYTHING) -> A:
    """One question."""
    answer: A = ask_all(basis, [question], narrow)[0]
    return answer


def ask_all(
    basis: Basis, questions: Sequence[Question[Any]], narrow: Narrow = EVERYTHING
) -> list[Any]:
    """The answers to several questions about the same facts, in their order. One query."""
    wanted = {field.name: getattr(narrow, field.name) for field in fields(narrow)}
    conditions = [
        f"{_NARROW_COLUMNS[name]} = %(narrow_{name})s" for name, value in wanted.items() if value
    ]
    parameters = {f"narrow_{name}": value for name, value in wanted.items()} | basis.parameters
    parts = []
    for place, question in enumerate(questions):
        own = {"first": question.period.first, "last": question.period.last, **question.more}
        parameters |= {f"{name}_{place}": value for name, value in own.items()}
        told = question.sql.replace("{narrow}", " AND ".join(conditions) or "true")
        told = re.sub(rf"%\(({'|'.join(own)})\)s", rf"%(\1_{place})s", told)
        parts.append(f"SELECT {place}, coalesce(json_agg(q), '[]')::text FROM ({told}) AS q")
    with connection.cursor() as cursor:
        # Materialized: else each of the many counts would work the days out again.
        facts = f"WITH facts AS MATERIALIZED ({basis.sql}) "
        cursor.execute(facts + " UNION ALL ".join(parts), parameters)
        rows = dict(cursor.fetchall())
    return [question.read(json.loads(rows[place])) for place, question in enumerate(questions)]


def _is_within(days: int, start: int, end: int | None) -> bool:
    return days >= start and (end is None or days <= end)


def _has_cases(measures: Measures) -> bool:
    return bool(measures.received or measures.closed or measures.open)
