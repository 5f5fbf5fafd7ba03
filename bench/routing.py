"""A decision per report: one town with 200 areas and 300 rules, and every town of a state.

Beside it, in the same run, the bare SQL that finds the areas at the point and reads the rules.
Makes towns of its own in one transaction, which is rolled back at the end.

    make bench NAME=routing
    make bench NAME=routing ARGS="--boundaries municipalities.geojson.gz"
"""

import argparse
import gzip
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
os.environ["ANLIEGEN_DB_ROLE"] = "owner"  # who alone may gather statistics on the rows made here
LIMIT_MS, LIMIT_QUERIES = 15.0, 6
WEST, SOUTH, WIDE, HIGH = 9.10, 49.05, 0.25, 0.20
COLUMNS, LINES, RULES = 20, 10, 300
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
TEXTS = (
    "Vor der Schule liegt Glatteis auf dem Gehweg.",
    "Die Straßenlaterne flackert seit Tagen.",
    "Tiefes Schlagloch, Radfahrer stürzen.",
)


def main() -> None:
    """Load, decide, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--decisions", type=int, default=500)
    options.add_argument("--boundaries", type=Path, help="GeoJSON (.gz) of a state's towns")
    asked = options.parse_args()
    django.setup()
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        town = large_town()
        analyse()
        print(f"1 town, {COLUMNS * LINES} areas, {RULES} rules")
        measure([(town, inside_the_box)], asked.decisions)
        if asked.boundaries:
            towns = towns_of_state(asked.boundaries)
            analyse()
            print(f"{len(towns)} towns of a state, town found by its outline")
            measure(towns, asked.decisions, find_town=True)
        transaction.set_rollback(True)


def large_town() -> Any:
    """A town with a grid of areas, 30 categories, and rules of every kind over them."""
    from django.contrib.gis.geos import MultiPolygon, Polygon

    from routing.models import Area, Rule
    from routing.rules.versions import write_version

    town, offices, categories = new_town(0, Polygon.from_bbox((9.1, 49.05, 9.35, 49.25)))
    dx, dy = WIDE / COLUMNS, HIGH / LINES
    areas = Area.objects.bulk_create(
        Area(
            municipality=town, key=f"{x}-{y}", name=f"Gebiet {x}-{y}",
            geometry=MultiPolygon(wavy(WEST + x * dx, SOUTH + y * dy, dx, dy), srid=4326),
        )
        for x in range(COLUMNS) for y in range(LINES)
    )  # fmt: skip
    rules = [
        Rule(
            municipality=town, priority=10 * place, name=f"Regel {place}",
            category=random.choice(categories) if place % 3 else None,
            area=random.choice(areas) if place % 3 != 1 else None,
            condition=condition(place), office=random.choice(offices), tags=["Probe"],
        )
        for place in range(1, RULES + 1)
    ]  # fmt: skip
    from django.utils import timezone

    write_version(town.pk, rules, reason="Messung", now=timezone.now())
    return town


def condition(place: int) -> dict[str, Any]:
    """Something that rarely holds, so that most rules are asked."""
    words = {"is": "words", "words": [f"Wort{place}", "Glatteis"]}
    season = {"is": "season", "from": "06-01", "to": "06-02"}
    night = {"is": "time", "from": "22:00", "to": "05:00"}
    return ({}, {"all": [words, season]}, {"any": [season, {"all": [night, words]}]})[place % 3]


def wavy(west: float, south: float, dx: float, dy: float, points: int = 200) -> Any:
    """A box whose edges have as many points as real outlines."""
    from django.contrib.gis.geos import Polygon

    quarter, ring = points // 4, []
    corners = ((0, 0, 1, 0), (1, 0, 0, 1), (1, 1, -1, 0), (0, 1, 0, -1))
    for x, y, along_x, along_y in corners:
        for step in range(quarter):
            part = step / quarter
            ring.append((west + dx * (x + along_x * part), south + dy * (y + along_y * part)))
    return Polygon([*ring, ring[0]])


def new_town(number: int, outline: Any) -> tuple[Any, list[Any], list[Any]]:
    """A town with a dispatch office, ten offices and 30 categories."""
    from django.contrib.gis.geos import MultiPolygon, Polygon

    from accounts.models import Municipality, Office
    from routing.models import Category

    shape = MultiPolygon(outline, srid=4326) if isinstance(outline, Polygon) else outline
    letters = "".join(chr(65 + number // 26**place % 26) for place in (3, 2, 1, 0))
    town = Municipality.objects.create(
        slug=f"mess-{number}-{random.randrange(10**6)}", name=f"Messstadt {number}",
        official_name="Messstadt", receipt_prefix=f"Y{letters}", coverage=shape,
        center=shape.point_on_surface, contact_email="mess@stadt.example", is_live=True,
    )  # fmt: skip
    offices = Office.objects.bulk_create(
        Office(municipality=town, key=f"amt-{each}", name=f"Amt {each}", is_dispatch=each == 0)
        for each in range(10 if number == 0 else 2)
    )
    categories = Category.objects.bulk_create(
        Category(municipality=town, code=f"art-{each}", name=f"Art {each}")
        for each in range(30 if number == 0 else 2)
    )
    return town, offices, categories


def towns_of_state(path: Path) -> list[tuple[Any, Callable[[Any], Any]]]:
    """A town for every outline of the file, each with one rule."""
    from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
    from django.utils import timezone

    from routing.models import Rule
    from routing.rules.versions import write_version

    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    made = []
    for number, feature in enumerate(features, start=1):
        shape = GEOSGeometry(json.dumps(feature["geometry"]))
        shape = shape if isinstance(shape, MultiPolygon) else MultiPolygon(shape, srid=4326)
        town, offices, _categories = new_town(number, shape)
        rule = Rule(municipality=town, priority=10, name="Alles", office=offices[1])
        write_version(town.pk, [rule], reason="Messung", now=timezone.now())
        made.append((town, lambda each: each.center))
    return made


def inside_the_box(town: Any) -> Any:
    """Any point of the large town."""
    from django.contrib.gis.geos import Point

    x, y = random.random(), random.random()
    return Point(WEST + WIDE * x, SOUTH + HIGH * y, srid=4326)


def analyse() -> None:
    """Let the planner know what was just written."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE routing_area, routing_rule, routing_ruleset, accounts_municipality")


def measure(
    towns: Sequence[tuple[Any, Callable[[Any], Any]]], count: int, *, find_town: bool = False
) -> None:
    """Decide so many times; print milliseconds, queries, and the bare SQL beside it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from routing.assignment import assign
    from routing.coverage import town_at
    from routing.models import Category

    kinds: dict[int, list[int]] = {}
    for pk, town_id in Category.objects.values_list("pk", "municipality_id"):
        kinds.setdefault(town_id, []).append(pk)
    ours, bare, queries, now = [], [], 0, timezone.now()
    for turn in range(count + 20):
        town, place = random.choice(towns)
        point, kind = place(town), random.choice(kinds[town.pk])
        started = time.perf_counter()
        if find_town:
            found = town_at(point, among=[town.pk])
            assert found is not None
        assign(
            municipality_id=town.pk, category_id=kind, point=point, at=now,
            text=random.choice(TEXTS), source="web",
        )  # fmt: skip
        between = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(BARE_AREAS, [town.pk, point.x, point.y])
            cursor.fetchall()
            cursor.execute(BARE_RULES, [town.pk])
            cursor.fetchall()
        ended = time.perf_counter()
        if turn >= 20:  # the first ones warm up
            ours.append((between - started) * 1000)
            bare.append((ended - between) * 1000)
    with CaptureQueriesContext(connection) as captured:
        assign(municipality_id=town.pk, category_id=kind, point=point, at=now)
    queries = len(captured)
    print_line("decision", ours)
    print_line("bare SQL", bare)
    ratio = quantiles(ours, n=20)[-1] / quantiles(bare, n=20)[-1]
    print(f"  ratio at p95 {ratio:.1f}; {queries} queries (limit {LIMIT_QUERIES})")
    print(f"  p95 against {LIMIT_MS:.0f} ms: {quantiles(ours, n=20)[-1] / LIMIT_MS:.2f}")


def print_line(name: str, milliseconds: Sequence[float]) -> None:
    """p50 and p95."""
    cuts = quantiles(milliseconds, n=20)
    print(f"  {name:<10} p50 {cuts[9]:6.2f} ms   p95 {cuts[18]:6.2f} ms")


if __name__ == "__main__":
    main()
