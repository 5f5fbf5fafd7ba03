"""Which open cases may be the same as a new one, among a million reports, beside raw SQL.

Makes a database of its own in the test cluster, fills it by COPY with reports that lie in clusters
as in a city (2 % of them open), asks, and drops it. Needs no demo:

    make services-up; set -a; . var/test.env; set +a
    var/venv/bin/python -m bench.duplicates --reports 1000000
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import quantiles

from bench.own_database import copy_rows, load, own_database, owner

DATABASE = "anliegen_bench_duplicates"
WEST, SOUTH, WIDE, HIGH = 9.10, 49.05, 0.25, 0.20
CLUSTERS, SPREAD = 400, 0.004
OPEN_SHARE = 0.02
KINDS = 60
SAID = """
Laterne Straßenlaterne defekt dunkel Schlagloch Gehweg Müll Sperrmüll Ampel Baum Ast umgestürzt
Radweg Scherben Spielplatz kaputt Graffiti Container voll Bank Schild verdreht Kanal verstopft
"""
WORDS = SAID.split()
# The bare question: the nearest open case of the kind within its radius.
NEAREST = """
    SELECT id FROM reports_report
    WHERE status IN ('in_progress', 'received', 'waiting') AND screening = 'clear'
      AND category_id = %s
      AND ST_DWithin(place, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s)
    ORDER BY place <-> ST_SetSRID(ST_MakePoint(%s, %s), 4326) LIMIT 1
"""


def main() -> None:
    """Fill, ask, print, drop."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reports", type=int, default=1_000_000)
    options.add_argument("--questions", type=int, default=500)
    options.add_argument("--plan", action="store_true", help="print the plan of one question")
    asked = options.parse_args()
    random.seed(7)
    with own_database(DATABASE):
        fill(asked.reports)
        measure(asked.questions, plan=asked.plan)


def fill(reports: int) -> None:
    """One town with 60 kinds in ten groups and so many reports, by COPY."""
    from django.contrib.gis.geos import MultiPolygon, Point, Polygon
    from django.db import transaction

    from accounts.models import Municipality, Office
    from routing.models import Category

    box = Polygon.from_bbox((WEST, SOUTH, WEST + WIDE, SOUTH + HIGH))
    with transaction.atomic():
        town = Municipality.objects.create(
            slug="messstadt", name="Messstadt", official_name="Messstadt", receipt_prefix="MS",
            coverage=MultiPolygon(box, srid=4326), center=Point(9.2, 49.14, srid=4326),
            contact_email="mess@stadt.example",
        )  # fmt: skip
        Office.objects.create(
            municipality=town, key="d", name="Disposition", is_dispatch=True, email="d@s.example"
        )
    groups = [
        Category.objects.create(municipality=town, code=f"g{n}", name=f"G {n}") for n in range(10)
    ]
    kinds = [
        Category.objects.create(
            municipality=town, code=f"k{n}", name=f"K {n}", parent=groups[n % 10]
        ).pk
        for n in range(KINDS)
    ]
    begun = time.perf_counter()
    with owner(DATABASE) as raw:
        raw.execute("SET session_replication_role = replica")
        copy_rows(raw, "reports_report", report_rows(reports, town.pk, kinds))
        copy_rows(raw, "reports_submission", submission_rows(reports))
        raw.execute("VACUUM ANALYZE reports_report, reports_submission, routing_category")
    print(f"{reports} reports in {time.perf_counter() - begun:.0f} s")


def places() -> Iterator[tuple[float, float]]:
    """Points around some hundred middles, as people live."""
    middles = [
        (WEST + random.random() * WIDE, SOUTH + random.random() * HIGH) for _n in range(CLUSTERS)
    ]
    while True:
        lon, lat = random.choice(middles)
        yield lon + random.gauss(0, SPREAD), lat + random.gauss(0, SPREAD)


def report_rows(reports: int, town: int, kinds: Sequence[int]) -> Iterator[dict]:  # type: ignore[type-arg]
    """Rows of reports_report, oldest first."""
    now, at = datetime.now(UTC), places()
    for number in range(1, reports + 1):
        is_open = random.random() < OPEN_SHARE
        age = timedelta(days=random.random() * (60 if is_open else 3000))
        lon, lat = next(at)
        yield {
            "id": number, "municipality_id": town, "number": f"MS-2026-{number:06d}",
            "secret_version": 1, "source": "web", "language": "de",
            "place": f"SRID=4326;POINT({lon} {lat})", "place_chosen_by": "map",
            "category_id": random.choice(kinds), "office_chosen_by_hand": False,
            "status": "received" if is_open else "done",
            "closing_reason": None if is_open else "done",
            "closed_at": None if is_open else now - age + timedelta(days=5),
            "reopened_count": 0, "handover_count": 0, "return_count": 0, "screening": "clear",
            "is_danger": False, "is_confidential": False, "publication": "approved",
            "text_publication": "pending", "received_at": now - age, "updated_at": now - age,
            "version": 1, "publication_revision": 1,
        }  # fmt: skip


def submission_rows(reports: int) -> Iterator[dict]:  # type: ignore[type-arg]
    """A few words each."""
    for number in range(1, reports + 1):
        yield {
            "report_id": number, "description": " ".join(random.choices(WORDS, k=6)),
            "public_text": "", "address": "", "answers": "{}",
        }  # fmt: skip


def measure(questions: int, *, plan: bool) -> None:
    """Whole lookups and the bare nearest neighbour, for the same questions in turn."""
    from django.contrib.gis.geos import Point
    from django.db import connection

    from reports.queries.alike import candidates
    from routing.models import Category

    now, at = datetime.now(UTC), places()
    kinds = list(Category.objects.filter(parent__isnull=False).select_related("parent"))
    asked = [(random.choice(kinds), *next(at)) for _n in range(questions)]
    found: list[int] = []

    def whole(kind: Category, lon: float, lat: float) -> None:
        point = Point(lon, lat, srid=4326)
        text = " ".join(random.choices(WORDS, k=6))
        found.append(len(candidates(kind.municipality_id, point, kind, text=text, at=now)))

    def bare(kind: Category, lon: float, lat: float) -> None:
        degrees = kind.duplicate_radius_m / 111_195
        with connection.cursor() as cursor:
            cursor.execute(NEAREST, [kind.pk, lon, lat, degrees, lon, lat])
            cursor.fetchall()

    for kind, lon, lat in asked[:20]:  # warm
        whole(kind, lon, lat)
        bare(kind, lon, lat)
    ours = timed([lambda each=each: whole(*each) for each in asked])  # type: ignore[misc]
    theirs = timed([lambda each=each: bare(*each) for each in asked])  # type: ignore[misc]
    print(load())
    print(f"{'':22}{'p50':>8}{'p95':>8}   ms")
    print(f"{'possible duplicates':22}{ours[0]:8.2f}{ours[1]:8.2f}")
    print(f"{'raw nearest neighbour':22}{theirs[0]:8.2f}{theirs[1]:8.2f}")
    print(f"ratio of p95 {ours[1] / theirs[1]:.1f}; {sum(found) / len(found):.1f} compared a time")
    if plan:
        show_plan(*asked[0])


def show_plan(kind, lon: float, lat: float) -> None:  # type: ignore[no-untyped-def]
    """EXPLAIN of the one query behind a lookup."""
    from django.contrib.gis.geos import Point
    from django.db import connection

    from reports.queries import alike
    from reports.queries.around import box_around

    point = Point(lon, lat, srid=4326)
    values = {
        "lon": lon, "lat": lat, "box": bytes(box_around(point, kind.duplicate_radius_m).ewkb),
        "town": kind.municipality_id, "self": 0, "category": kind.pk, "group": kind.parent_id,
        "most": alike.MOST_COMPARED,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF) " + alike._AROUND, values)
        print("\n".join(row[0] for row in cursor.fetchall()))


def timed(calls: Sequence[Callable[[], object]]) -> tuple[float, float]:
    """Median and 95th percentile of so many calls in milliseconds."""
    took = []
    for call in calls:
        begun = time.perf_counter()
        call()
        took.append((time.perf_counter() - begun) * 1000)
    cuts = quantiles(took, n=100)
    return cuts[49], cuts[94]


if __name__ == "__main__":
    main()
