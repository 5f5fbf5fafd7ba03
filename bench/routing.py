"""A decision per report: one town with 200 areas and 300 rules, and 1,100 towns of a state.

Beside it, in the same run, the bare SQL that finds the areas at the point and reads the rules.
Warm: the process knows the rules of the version, as a worker does. Cold: it reads them anew. At
last a draft is tried on past reports of the large town. Needs only the test services:

    make bench-own NAME=routing [ARGS="--boundaries municipalities.geojson.gz"]

The towns of the state lie in a grid, with outlines of 600 corners, or are those of the file; each
has eight districts of 200 corners and six rules: small towns, as most are.
"""

import argparse
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

from bench.own_database import load, own_database
from bench.routing_towns import (
    COLUMNS,
    LINES,
    RULES,
    TEXTS,
    MadeTown,
    fill_with_reports,
    large_town,
    towns_of_state,
)

DATABASE = "anliegen_bench_routing"
LIMIT_MS, LIMIT_QUERIES, LIMIT_RATE = 15.0, 6, 3000
BARE_TOWN = """
    SELECT id FROM accounts_municipality
    WHERE is_live AND ST_Covers(coverage, ST_SetSRID(ST_MakePoint(%s, %s), 4326))
"""
BARE_AREAS = """
    SELECT level, key, id, name FROM routing_area
    WHERE municipality_id = %s AND ST_Covers(geometry, ST_SetSRID(ST_MakePoint(%s, %s), 4326))
"""
BARE_RULES = """
    SELECT r.* FROM routing_rule r WHERE r.rule_set_id = (
        SELECT id FROM routing_ruleset WHERE municipality_id = %s AND version IS NOT NULL
        AND in_force_from <= now() ORDER BY in_force_from DESC, version DESC LIMIT 1
    ) ORDER BY r.priority
"""


def main() -> None:
    """Load, decide, replay, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--decisions", type=int, default=500)
    options.add_argument("--reports", type=int, default=62_000)
    options.add_argument("--towns", type=int, default=1100)
    options.add_argument("--boundaries", type=Path, help="GeoJSON (.gz) of a state's towns")
    asked = options.parse_args()
    random.seed(7)
    with own_database(DATABASE):
        large = large_town()
        analyse()
        print(f"1 town, {COLUMNS * LINES} areas, {RULES} rules; {load()}")
        measure([large], asked.decisions, warm=True)
        measure([large], asked.decisions, warm=False)
        begun = time.perf_counter()
        fill_with_reports(DATABASE, large, asked.reports)
        print(f"{asked.reports} reports written in {time.perf_counter() - begun:.0f} s")
        replay(large, asked.reports)
        towns = towns_of_state(asked.boundaries, asked.towns)
        analyse()
        print(f"{len(towns)} towns of a state, found by their outlines; {load()}")
        measure(towns, asked.decisions, warm=False, find_town=True)


def analyse() -> None:
    """Let the planner know what was just written."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE routing_area, routing_rule, routing_ruleset, accounts_municipality")


def measure(towns: Sequence[MadeTown], count: int, *, warm: bool, find_town: bool = False) -> None:
    """Decide so many times; print milliseconds, queries, and the bare SQL beside it."""
    from django.conf import settings
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from routing.assignment import assign
    from routing.coverage import town_at

    settings.REMEMBER_SECONDS = 2 if warm else 0
    ours, bare, now = [], [], timezone.now()

    def decide(made: MadeTown) -> None:
        point = made.somewhere()
        begun = time.perf_counter()
        if find_town:
            found = town_at(point)
            assert found is not None
        assign(
            municipality_id=made.town.pk, category_id=random.choice(made.categories), point=point,
            at=now, text=random.choice(TEXTS), source="web",
        )  # fmt: skip
        between = time.perf_counter()
        with connection.cursor() as cursor:
            if find_town:
                cursor.execute(BARE_TOWN, [point.x, point.y])
                cursor.fetchall()
            cursor.execute(BARE_AREAS, [made.town.pk, point.x, point.y])
            cursor.fetchall()
            cursor.execute(BARE_RULES, [made.town.pk])
            cursor.fetchall()
        ours.append((between - begun) * 1000)
        bare.append((time.perf_counter() - between) * 1000)

    for _warming in range(20):
        decide(random.choice(towns))
    ours.clear()
    bare.clear()
    for _turn in range(count):
        decide(random.choice(towns))
    with CaptureQueriesContext(connection) as captured:
        decide(towns[0])
    queries = len(captured) - 2 - find_town  # without the bare ones
    name = f"decision, {'warm' if warm else 'cold'}"
    print_line(name, ours)
    print_line("bare SQL", bare)
    ratio = quantiles(ours, n=20)[-1] / quantiles(bare, n=20)[-1]
    print(f"  ratio at p95 {ratio:.1f}; {queries} queries (limit {LIMIT_QUERIES})")
    print(f"  p95 against {LIMIT_MS:.0f} ms: {quantiles(ours, n=20)[-1] / LIMIT_MS:.2f}")


def replay(made: MadeTown, count: int) -> None:
    """Try a draft on the past reports as a worker does, and only look without keeping anything."""
    from django.utils import timezone

    from accounts.models import RoleAssignment, User
    from reports.actions.try_rules import load_trial, request_replay, run_replay
    from reports.replays import ReplayedCase
    from routing.rules.loading import rule_set_in_force
    from routing.rules.versions import start_draft

    person = User.objects.create(email="mess@stadt.example")
    RoleAssignment.objects.create(user=person, municipality=made.town, role="admin")
    now, today = timezone.now(), timezone.localdate()
    draft = start_draft(made.town.pk, reason="Messung", by=person, now=now)
    tenth = draft.rules.filter(priority__in=range(0, 10 * RULES, 100))
    tenth.update(office=draft.rules.order_by("-office")[0].office)
    since = today - timedelta(days=800)
    begun, busy = time.perf_counter(), time.process_time()
    trial = load_trial(made.town, draft, rule_set_in_force(made.town.pk, now), since, today)
    position, looked_at = None, 0
    while True:
        compared, position = trial.after(position)
        looked_at += len(compared)
        if position is None:
            break
    looking = looked_at / (time.perf_counter() - begun)
    ours = looked_at / (time.process_time() - busy)
    assert looked_at == count
    run = request_replay(draft, first=since, last=today, by=person, now=now)
    begun = time.perf_counter()
    run_replay(run.pk)
    whole = count / (time.perf_counter() - begun)
    kept = ReplayedCase.objects.filter(replay=run).count()
    print(f"replay of {count} reports with text, one process; {load()}")
    print(f"  {looking:,.0f} reports a second decided twice and compared")
    print(f"  {ours:,.0f} a second of our own processor time, without the database's")
    print(f"  {whole:,.0f} reports a second as the whole job ({kept} cases kept by id)")
    print(f"  against {LIMIT_RATE:,} a second: {whole / LIMIT_RATE:.2f}")


def print_line(name: str, milliseconds: Sequence[float]) -> None:
    """p50 and p95."""
    cuts = quantiles(milliseconds, n=20)
    print(f"  {name:<15} p50 {cuts[9]:6.2f} ms   p95 {cuts[18]:6.2f} ms")


if __name__ == "__main__":
    main()
