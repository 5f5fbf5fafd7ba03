"""The public table of figures is written: what the town has chosen, whole months, suppressed."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import Municipality
from figures import basis, queries
from figures.measures import Measures
from figures.models import PublishedStatistics, StatisticsChoice
from figures.period import Period, last_complete_months
from figures.queries import Dimension, Row
from figures.suppression import suppress

DAY_MINUTES = 1440
# Cells of a grid in metres (ETRS89 / UTM 32N), as the outline of each in WGS84.
_CELLS = """
    SELECT count(*), ST_AsGeoJSON(ST_Transform(ST_MakeEnvelope(
               x * %(grid)s, y * %(grid)s, (x + 1) * %(grid)s, (y + 1) * %(grid)s, 25832),
               4326), 5),
           min(district)
    FROM (
        SELECT floor(ST_X(p) / %(grid)s) AS x, floor(ST_Y(p) / %(grid)s) AS y, district
        FROM (SELECT ST_Transform(place, 25832) AS p, nullif(district, '') AS district
              FROM published_report
              WHERE municipality_slug = %(town)s AND precision_m <= %(grid)s
                AND (received_at AT TIME ZONE %(zone)s)::date BETWEEN %(first)s AND %(last)s
        ) AS points
    ) AS cells GROUP BY x, y HAVING count(*) >= %(minimum)s ORDER BY 1 DESC, x, y
"""


def publish_everywhere(*, now: datetime) -> None:
    """Renew the figures of every live town that publishes some; take back those of the others."""
    for town in Municipality.objects.filter(is_live=True).defer("coverage", "pages"):
        publish_statistics(town, now=now)
    live = Municipality.objects.filter(is_live=True).values("slug")
    PublishedStatistics.objects.exclude(municipality_slug__in=live).delete()


def publish_statistics(town: Municipality, *, now: datetime) -> bool:
    """Write what a town shows of the last twelve whole months; whether anything changed.

    Idempotent: the same figures leave the row as it is.
    """
    choice = StatisticsChoice.objects.filter(municipality=town, is_published=True).first()
    row = PublishedStatistics.objects.filter(municipality_slug=town.slug)
    if choice is None:
        return bool(row.delete()[0])
    content = public_content(town, choice, now=now)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    etag = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        if row.filter(etag=etag).exists():
            return False
        PublishedStatistics.objects.update_or_create(
            municipality_slug=town.slug,
            defaults={"content": content, "etag": etag, "changed_at": now},
        )
    return True


def public_content(
    town: Municipality, choice: StatisticsChoice, *, now: datetime
) -> dict[str, Any]:
    """The figures a town shows, as JSON; nothing in it that was not chosen or is too small."""
    period = last_complete_months(now.astimezone(town.tz).date())
    facts = basis.live(town, since=period.before.first, until=period.last, cut_off=now, public=True)
    tables: dict[str, Any] = {"months": _months(facts, period, choice.minimum)}
    dimensions = {
        "categories": (choice.by_category, Dimension.CATEGORY),
        "districts": (choice.by_district, Dimension.DISTRICT),
        "offices": (choice.by_office, Dimension.OFFICE),
    }
    for name, (is_chosen, dimension) in dimensions.items():
        if is_chosen:
            tables[name] = _table(queries.breakdown(facts, period, dimension), choice)
    return {
        "town": town.slug,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "minimum": choice.minimum,
        "totals": _told(queries.totals(facts, period), choice),
        "totals_before": _told(queries.totals(facts, period.before), choice),
        **tables,
        "grid": _grid(town, choice, period) if choice.with_map else None,
        "note": choice.method_note,
    }


def _months(facts: basis.Basis, period: Period, minimum: int) -> dict[str, Any]:
    months = queries.by_month(facts, period)
    received = suppress([month.received for month in months], minimum)
    closed = suppress([month.closed for month in months], minimum)
    return {
        "rows": [
            {
                "month": f"{month.first:%Y-%m}",
                "received": received.cells[place] if received.cells else None,
                "closed": closed.cells[place] if closed.cells else None,
            }
            for place, month in enumerate(months)
        ]
    }


def _table(rows: Sequence[Row], choice: StatisticsChoice) -> dict[str, Any]:
    """A breakdown with two counts, each suppressed by itself, and times where n is large enough."""
    received = suppress([row.measures.received for row in rows], choice.minimum)
    closed = suppress([row.measures.closed for row in rows], choice.minimum)
    if received.is_withheld or closed.is_withheld:
        return {"rows": [], "withheld": True}
    return {
        "rows": [
            {
                "key": row.key,
                "name": row.name,
                "received": received.cells[place],
                "closed": closed.cells[place],
                **_quality(row.measures, choice, is_told=closed.cells[place] is not None),
            }
            for place, row in enumerate(rows)
            if row.measures.received or row.measures.closed
        ],
        "withheld": False,
    }


def _told(measures: Measures, choice: StatisticsChoice) -> dict[str, Any]:
    return {
        "received": _large(measures.received, choice.minimum),
        "closed": _large(measures.closed, choice.minimum),
        "open": _large(measures.open, choice.minimum),
        **_quality(measures, choice, is_told=True),
    }


def _quality(measures: Measures, choice: StatisticsChoice, *, is_told: bool) -> dict[str, Any]:
    """Times in days and shares in percent, each only where enough cases stand behind it."""

    def where(base: int, tell: Callable[[], float | None]) -> float | None:
        return tell() if is_told and base >= choice.minimum else None

    found: dict[str, Any] = {}
    if choice.with_times:
        found |= {
            "answer_days_half": where(measures.answered, lambda: _days(measures.answer_p50)),
            "answer_kept_percent": where(
                measures.answer_due, lambda: _percent(measures.answer_share)
            ),
            "completion_days_half": where(measures.closed, lambda: _days(measures.completion_p50)),
            "completion_days_nine_of_ten": where(
                measures.closed, lambda: _days(measures.completion_p90)
            ),
            "completion_kept_percent": where(
                measures.completion_due, lambda: _percent(measures.completion_share)
            ),
            "reopened_percent": where(
                measures.ever_closed, lambda: _percent(measures.reopened_share)
            ),
        }
    if choice.with_satisfaction:
        found["fixed_percent"] = where(measures.feedback, lambda: _percent(measures.fixed_share))
    return found


def _grid(town: Municipality, choice: StatisticsChoice, period: Period) -> dict[str, Any]:
    """Published reports by cell; cells with fewer than the smallest number are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CELLS,
            {
                "grid": choice.grid_m,
                "town": town.slug,
                "zone": town.time_zone,
                "first": period.first,
                "last": period.last,
                "minimum": choice.minimum,
            },
        )
        cells = cursor.fetchall()
    return {
        "metres": choice.grid_m,
        "cells": [
            {"count": count, "outline": json.loads(outline), "district": district or ""}
            for count, outline, district in cells
        ],
    }


def _large(count: int, minimum: int) -> int | None:
    return count if count == 0 or count >= minimum else None


def _days(minutes: float | None) -> float | None:
    """Whole days, half days below ten: more would point at single cases."""
    if minutes is None:
        return None
    days = minutes / DAY_MINUTES
    return round(days) if days >= 10 else round(days * 2) / 2


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)
