"""How long the page of figures asks the database, beside counting the same rows without any figure.

Fills a town of its own with cases, measures in the same run, and takes everything away again:

    make bench NAME=figures ARGS="--cases 200000"
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

# Only the owner of the tables may have them analysed; without that plans are those of empty tables.
os.environ["ANLIEGEN_DB_ROLE"] = "owner"
django.setup()

from django.contrib.gis.geos import MultiPolygon, Point, Polygon  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Municipality, Office  # noqa: E402
from figures import basis, queries  # noqa: E402
from figures.overview import overview  # noqa: E402
from figures.period import Period, presets  # noqa: E402
from figures.queries import Dimension, Narrow  # noqa: E402
from figures.scope import Scope  # noqa: E402
from routing.models import Category  # noqa: E402

SLUG = "messstadt-zahlen"
_FILL = """
    INSERT INTO reports_report (municipality_id, number, secret_version, source, language, place,
        place_chosen_by, category_id, office_id, office_chosen_by_hand, status, closing_reason,
        reopened_count, handover_count, return_count, screening, is_danger, is_confidential,
        publication, text_publication, received_at, updated_at, first_answer_due_at,
        first_answered_at, due_at, closed_at, version, publication_revision)
    SELECT %(town)s, 'ZZMES-2020-' || lpad(n::text, 8, '0'), 1,
        (array['web','app','phone','email'])[1 + n %% 4], 'de',
        ST_SetSRID(ST_Point(9.2, 49.1), 4326),
        'map', (%(kinds)s::bigint[])[1 + n %% %(kind_count)s], (%(offices)s::bigint[])[1 + n %% 12],
        false, CASE WHEN is_open THEN 'in_progress' ELSE 'done' END,
        CASE WHEN NOT is_open THEN 'done' END, (n %% 20 = 0)::int, n %% 3, 0, 'clear', false, false,
        'withheld', 'withheld', received, received, received + interval '3 days',
        received + took / 3, received + interval '14 days',
        CASE WHEN NOT is_open THEN received + took END, 1, 0
    FROM (SELECT n, now() - random() * interval '10 years' AS received,
                 -ln(1 - random()) * interval '12 days' AS took, n %% 25 = 0 AS is_open
          FROM generate_series(1, %(cases)s) AS n) AS made
"""
_TABLES = (
    *("reports_report", "reports_handover", "reports_feedback", "routing_category"),
    *("routing_area", "accounts_office"),
)
_RAW = (
    "SELECT count(*), max(closed_at), max(first_answered_at)"
    " FROM reports_report WHERE municipality_id = %s"
)


def main() -> None:
    """Fill, measure, print, take away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--explain", action="store_true", help="print the plan of the totals")
    asked = parser.parse_args()
    try:
        with transaction.atomic():
            town = _filled(asked.cases)
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {', '.join(_TABLES)}")
            _measure(town, asked.cases, asked.turns, explain=asked.explain)
            raise _TakeAway  # noqa: TRY301 - rolls back what was filled in
    except _TakeAway:
        sys.stdout.write("taken away again\n")


class _TakeAway(Exception):
    """Rolls everything back."""


def _measure(town: Municipality, cases: int, turns: int, *, explain: bool) -> None:
    today = timezone.localdate()
    half = presets(today)[5]
    everything = Period(today - timedelta(days=5 * 365), today)
    raw = _seconds(lambda: _raw(town), turns)
    load = os.getloadavg()[0]
    print(f"{cases} cases; counting them raw: {raw * 1000:.0f} ms (load {load:.1f})")
    for name, period in (("half-year", half), ("five years", everything)):
        facts = basis.live(
            town, since=period.year_before.first, until=period.last, cut_off=timezone.now()
        )
        one = _seconds(lambda: queries.totals(facts, period), turns)  # noqa: B023
        page = _seconds(lambda: _page(town, period), turns)  # noqa: B023
        print(
            f"{name}: totals {one * 1000:.0f} ms ({one / raw:.1f} x raw),"
            f" whole page {page * 1000:.0f} ms ({page / raw:.1f} x raw)"
        )
        if explain:
            with connection.cursor() as cursor:
                sql = f"EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM ({facts.sql}) AS facts"
                cursor.execute(sql, facts.parameters)
                print("\n".join(line for (line,) in cursor.fetchall()))


def _page(town: Municipality, period: Period) -> Any:
    scope = Scope(town.pk, whole_town=True, offices=frozenset())
    return overview(town, scope, period, by=Dimension.CATEGORY, narrow=Narrow(), now=timezone.now())


def _raw(town: Municipality) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RAW, [town.pk])
        cursor.fetchall()


def _seconds(work: Callable[[], Any], turns: int) -> float:
    took = []
    for _turn in range(turns):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _filled(cases: int) -> Municipality:
    here = MultiPolygon(Polygon.from_bbox((9.1, 49.0, 9.4, 49.3)), srid=4326)
    town = Municipality.objects.create(
        slug=SLUG, name=SLUG, official_name=SLUG, receipt_prefix="ZZMES", coverage=here,
        center=Point(9.2, 49.1, srid=4326), contact_email="x@mess.example", is_live=False,
    )  # fmt: skip
    offices = [
        Office.objects.create(
            municipality=town, key=f"amt-{n}", name=f"Amt {n}", email="x@mess.example",
            is_dispatch=n == 0,
        )
        for n in range(12)
    ]  # fmt: skip
    group = Category.objects.create(municipality=town, code="g", name="Gruppe")
    kinds = [
        Category.objects.create(municipality=town, parent=group, code=f"g.{n}", name=f"Art {n}")
        for n in range(40)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            _FILL,
            {
                "town": town.pk, "cases": cases, "kind_count": len(kinds),
                "kinds": [kind.pk for kind in kinds], "offices": [each.pk for each in offices],
            },
        )  # fmt: skip
    return town


if __name__ == "__main__":
    main()
