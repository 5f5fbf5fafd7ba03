"""Which open cases may be the same as a new one, among a million reports, beside raw SQL.

Makes a database of its own in the test cluster, fills it by COPY with reports that lie as in a city
(2 % of them open), asks where people report, and drops it. Most reports are of spots along streets
where much is reported, few of them very often and most now and then (Zipf's law), each spot with a
kind of its own; the rest lie anywhere. Needs no demo:

    make bench-own NAME=duplicates ARGS="--reports 1000000"
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from statistics import quantiles

from bench.own_database import copy_rows, load, own_database, owner

DATABASE = "anliegen_bench_duplicates"
WEST, SOUTH, WIDE, HIGH = 9.10, 49.05, 0.25, 0.20
# Spots along streets of 400 metres; how flat the head of their ranks is; how exactly people point.
SPOTS, SPOTS_OF_A_STREET, STREET, FLAT_HEAD, ERROR = 2000, 10, 0.0036, 30, 0.0001
AT_SPOTS, OWN_KIND, KIN = 0.7, 0.7, 0.15
OPEN_SHARE, KINDS, GROUPS = 0.02, 60, 10
SAID = """
Laterne Straßenlaterne defekt dunkel Schlagloch Gehweg Müll Sperrmüll Ampel Baum Ast umgestürzt
Radweg Scherben Spielplatz kaputt Graffiti Container voll Bank Schild verdreht Kanal verstopft
"""
WORDS = SAID.split()
# The bare questions: the nearest open case of the kind within its radius, and all that we compare.
NEAREST = """
    SELECT id FROM reports_report
    WHERE status IN ('in_progress', 'received', 'waiting') AND screening = 'clear'
      AND category_id = %s
      AND ST_DWithin(place, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s)
    ORDER BY place <-> ST_SetSRID(ST_MakePoint(%s, %s), 4326) LIMIT 1
"""
KIN_AROUND = """
    SELECT r.id, ST_DistanceSphere(r.place, p.at), left(s.description, 600)
    FROM (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4326) AS at) p, reports_report r
        JOIN routing_category c ON c.id = r.category_id
        JOIN reports_submission s ON s.report_id = r.id
    WHERE r.status IN ('in_progress', 'received', 'waiting') AND r.screening = 'clear'
      AND (r.category_id = %s OR c.parent_id = %s)
      AND r.place && ST_GeomFromEWKB(%s)
    ORDER BY r.place <-> p.at LIMIT 40
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
        Category.objects.create(municipality=town, code=f"g{n}", name=f"G {n}")
        for n in range(GROUPS)
    ]
    kinds = [
        Category.objects.create(
            municipality=town, code=f"k{n}", name=f"K {n}", parent=groups[n % GROUPS]
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


@dataclass(frozen=True)
class Spot:
    """A place where the same is reported again and again; `kind` is a position in the kinds."""

    lon: float
    lat: float
    kind: int


Reported = tuple[float, float, int]


def spots() -> list[Spot]:
    """Points along straight streets, each with what is usually reported there."""
    made = []
    for _street in range(SPOTS // SPOTS_OF_A_STREET):
        lon, lat = WEST + random.random() * WIDE, SOUTH + random.random() * HIGH
        dx, dy = random.gauss(0, 1), random.gauss(0, 1)
        length = (dx * dx + dy * dy) ** 0.5 or 1
        for _spot in range(SPOTS_OF_A_STREET):
            along = STREET * random.random() / length
            made.append(Spot(lon + dx * along, lat + dy * along, random.randrange(KINDS)))
    random.shuffle(made)
    return made


def reported() -> Iterator[Reported]:
    """Places and kinds of reports without end; always of the same city."""
    place = random.Random(11)
    state = random.getstate()
    random.seed(3)
    city = spots()
    random.setstate(state)
    weights = list(accumulate(1 / (rank + FLAT_HEAD) for rank in range(1, len(city) + 1)))
    while True:
        if place.random() > AT_SPOTS:
            lon, lat = WEST + place.random() * WIDE, SOUTH + place.random() * HIGH
            yield lon, lat, place.randrange(KINDS)
            continue
        spot = place.choices(city, cum_weights=weights)[0]
        kind, said = spot.kind, place.random()
        if said > OWN_KIND:
            steps = GROUPS if said < OWN_KIND + KIN else 1
            kind = (kind + steps * place.randrange(1, KINDS // GROUPS)) % KINDS
        yield spot.lon + place.gauss(0, ERROR), spot.lat + place.gauss(0, ERROR), kind


def report_rows(reports: int, town: int, kinds: Sequence[int]) -> Iterator[dict]:  # type: ignore[type-arg]
    """Rows of reports_report, oldest first."""
    now, at = datetime.now(UTC), reported()
    for number in range(1, reports + 1):
        is_open = random.random() < OPEN_SHARE
        age = timedelta(days=random.random() * (60 if is_open else 3000))
        lon, lat, kind = next(at)
        yield {
            "id": number, "municipality_id": town, "number": f"MS-2026-{number:06d}",
            "secret_version": 1, "source": "web", "language": "de",
            "place": f"SRID=4326;POINT({lon} {lat})", "place_chosen_by": "map",
            "category_id": kinds[kind], "office_chosen_by_hand": False,
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
    """Whole lookups and the bare statements, for the same questions in turn."""
    from django.contrib.gis.geos import Point
    from django.db import connection

    from reports.queries.alike import candidates
    from reports.queries.around import box_around
    from routing.models import Category

    now, at = datetime.now(UTC), reported()
    rows = Category.objects.filter(parent__isnull=False).select_related("parent").order_by("pk")
    kinds = list(rows)
    asked = [(kinds[kind], lon, lat) for lon, lat, kind in (next(at) for _n in range(questions))]
    found: list[int] = []

    def whole(kind: Category, lon: float, lat: float) -> None:
        point = Point(lon, lat, srid=4326)
        text = " ".join(random.choices(WORDS, k=6))
        found.append(len(candidates(kind.municipality_id, point, kind, text=text, at=now)))

    def ask(statement: str, values: Sequence[float | bytes | None]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.fetchall()

    def kin(kind: Category, lon: float, lat: float) -> None:
        box = box_around(Point(lon, lat, srid=4326), kind.duplicate_radius_m)
        ask(KIN_AROUND, [lon, lat, kind.pk, kind.parent_id, bytes(box.ewkb)])

    def nearest(kind: Category, lon: float, lat: float) -> None:
        ask(NEAREST, [kind.pk, lon, lat, kind.duplicate_radius_m / 111_195, lon, lat])

    for each in asked[:20]:  # warm
        for way in (whole, kin, nearest):
            way(*each)
    found.clear()
    took = {
        name: timed([lambda way=way, each=each: way(*each) for each in asked])  # type: ignore[misc]
        for name, way in (
            ("possible duplicates", whole),
            ("bare SQL, the same rows", kin),
            ("bare SQL, the nearest", nearest),
        )
    }
    print_figures(took, found)
    if plan:
        show_plan(*asked[0])


def print_figures(took: dict[str, tuple[float, float]], found: Sequence[int]) -> None:
    """Ours first, then the same rows in bare SQL, then the nearest alone."""
    print(load())
    print(f"{'':24}{'p50':>8}{'p95':>8}   ms")
    for name, (p50, p95) in took.items():
        print(f"{name:24}{p50:8.2f}{p95:8.2f}")
    ours, same, _one = took.values()
    cuts = quantiles(found, n=20)
    print(f"ratio to the same rows: p50 {ours[0] / same[0]:.1f}, p95 {ours[1] / same[1]:.1f}")
    print(f"compared a time: {sum(found) / len(found):.1f}, p50 {cuts[9]:.0f}, p95 {cuts[18]:.0f}")


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
        "most": alike.MOST_COMPARED, "assets": [],
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
