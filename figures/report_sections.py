"""The sections of a management report: each is counted from frozen facts and kept as plain values.

A report holds {section: values}. Sections may be counted in any order and twice; the same facts
give the same values. Later versions of the program show reports by the values, never by counting.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from figures import queries
from figures.basis import Basis
from figures.measures import Measures, from_row
from figures.overview import cleared
from figures.period import Period
from figures.queries import Dimension, Row

Values = Any
FEW = "few_people"


def _totals(facts: Basis, period: Period) -> Values:
    periods = {"period": period, "before": period.before, "year_before": period.year_before}
    return {name: asdict(queries.totals(facts, each)) for name, each in periods.items()}


def _breakdown(by: Dimension) -> Callable[[Basis, Period], Values]:
    return lambda facts, period: [
        {"key": row.key, "name": row.name, "measures": asdict(row.measures)}
        for row in queries.breakdown(facts, period, by)
    ]


def _months(facts: Basis, period: Period) -> Values:
    return [
        {"first": month.first.isoformat(), "received": month.received, "closed": month.closed}
        for month in queries.by_month(facts, period)
    ]


def _ages(facts: Basis, period: Period) -> Values:
    return [asdict(age) for age in queries.open_by_age(facts, period)]


def _forecast(facts: Basis, period: Period) -> Values:
    return asdict(queries.forecast(facts, period))


SECTIONS: dict[str, Callable[[Basis, Period], Values]] = {
    "totals": _totals,
    "groups": _breakdown(Dimension.GROUP),
    "categories": _breakdown(Dimension.CATEGORY),
    "offices": _breakdown(Dimension.OFFICE),
    "districts": _breakdown(Dimension.DISTRICT),
    "sources": _breakdown(Dimension.SOURCE),
    "months": _months,
    "ages": _ages,
    "forecast": _forecast,
}


def seal(figures: Mapping[str, Values]) -> str:
    """SHA-256 over all values, written the same way every time."""
    text = json.dumps(figures, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def measures_of(values: Mapping[str, Any], *, few: bool = False) -> Measures:
    """Kept values as measures; figures a later version has added are empty in older reports."""
    read = from_row({**asdict(Measures()), **values})
    return cleared(read) if few else read


def rows_of(figures: Mapping[str, Values], section: str) -> list[Row]:
    """A breakdown; of offices where few people worked at the cut-off only quantities are told."""
    few = set(figures.get(FEW, ()))
    all_few = bool(figures.get("all_few"))
    return [
        Row(
            row["key"],
            row["name"],
            measures_of(
                row["measures"], few=all_few or (section == "offices" and row["key"] in few)
            ),
        )
        for row in figures.get(section, ())
    ]
