"""Open data at a million published reports: files, features, changes, catalogue.

Makes a database of its own beside the demo's, fills it inside PostgreSQL, and takes it away again.
Each file is written by a process of its own, so that its peak memory is its own.

    make bench NAME=opendata ARGS="--rows 1000000"
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from statistics import quantiles
from typing import Any

import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
DATABASE = "anliegen_bench_opendata"
AIM_SHARE, AIM_MEGABYTES, AIM_PAGE_MS = 0.5, 150, 60
MOST_ROWS = 2_000_000

# One town of 14 by 15 km, two years, a sixth open; some text, an answer for most, few photos.
FILL = """
SET session_replication_role = replica;
INSERT INTO accounts_municipality (slug, name, official_name, receipt_prefix, coverage, center,
                                   contact_email, {columns})
VALUES ('messstadt', 'Messstadt', 'Stadt Messstadt', 'MS',
        ST_Multi(ST_MakeEnvelope(9.1, 49.05, 9.3, 49.2, 4326)),
        ST_SetSRID(ST_MakePoint(9.2, 49.14), 4326), 'mess@stadt.example', {defaults});
INSERT INTO published_report (number, municipality_slug, category_code, category_name, group_name,
    status, closing_reason, received_at, updated_at, closed_at, place, precision_m, time_precision,
    district, office_name, text, answer, first_answer_hours, completion_hours, supports,
    attributes, revision, published_at, change, photo_names)
SELECT 'MS-' || 2024 + n * 2 / {rows} || '-' || lpad(n::text, 7, '0'), 'messstadt',
    'strasse.art' || n % 40, 'Schlagloch oder Schaden Nr. ' || n % 40, 'Straßen und Wege',
    CASE WHEN n % 6 = 0 THEN 'received' ELSE 'done' END,
    CASE WHEN n % 6 = 0 THEN '' ELSE 'done' END,
    at, at + interval '3 days', CASE WHEN n % 6 = 0 THEN NULL ELSE at + interval '3 days' END,
    ST_SetSRID(ST_MakePoint(round((9.1 + 0.2 * random())::numeric, 5),
                            round((49.05 + 0.15 * random())::numeric, 5)), 4326),
    20, 'minute', 'Stadtteil ' || n % 12, 'Amt für Straßenwesen',
    CASE WHEN n % 3 = 0 THEN 'Vor dem Haus ist seit Tagen ein "Loch", bitte beheben.' ELSE '' END,
    CASE WHEN n % 6 = 0 THEN '' ELSE 'Der Schaden wurde vom Bauhof behoben. Danke!' END,
    round((random() * 90)::numeric, 1), CASE WHEN n % 6 = 0 THEN NULL ELSE 72 END, n % 5,
    '[]', 1, at, n, CASE WHEN n % 20 = 0 THEN 'ab/' || repeat('ab', 32) || '.jpg' ELSE '' END
FROM (SELECT n, date_trunc('minute', timestamptz '2024-01-01 08:00+01'
             + n * (interval '730 days' / {rows})) AS at FROM generate_series(1, {rows}) n) made;
INSERT INTO published_photo (number, ordinal, size, format, width, height, name)
SELECT number, 1, 800, 'jpeg', 800, 600, 'ab/' || repeat('ab', 32) || '.jpg'
FROM published_report WHERE change % 20 = 0;
INSERT INTO published_tombstone (number, municipality_slug, removed_at, change)
SELECT 'MS-2023-' || lpad(n::text, 7, '0'), 'messstadt', now(), {rows} + n
FROM generate_series(1, {rows} / 100) n;
SET session_replication_role = DEFAULT;
"""


def main() -> None:
    """Fill, measure, print, drop."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--keep", action="store_true", help="leave the database for another run")
    options.add_argument("--only", default="", help=argparse.SUPPRESS)
    asked = options.parse_args()
    os.environ["ANLIEGEN_DB_NAME"] = DATABASE
    if asked.only:
        measure_one(asked.only)
        return
    rows = max(1_000, min(asked.rows, MOST_ROWS))
    make_database(rows)
    try:
        for name in (*FILES, *PAGES):
            command = [sys.executable, "-m", "bench.opendata", "--only", name]
            # As the process that serves it: with the public role alone.
            environment = os.environ | {"ANLIEGEN_DB_ROLE": "public"}
            subprocess.run(command, check=False, env=environment)
    finally:
        if not asked.keep:
            with _owner("postgres") as owner:
                owner.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def make_database(rows: int) -> None:
    """A migrated database with one town; an earlier one of the same size is used again."""
    with _owner("postgres") as owner:
        if _rows_there(owner) == rows:
            return
        owner.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {DATABASE} TEMPLATE anliegen_template")
    begun = time.perf_counter()
    environment = os.environ | {"ANLIEGEN_DB_ROLE": "owner"}
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env=environment, check=True)
    with _owner(DATABASE) as owner:
        missing = owner.execute(
            "SELECT column_name, CASE WHEN data_type = 'boolean' THEN 'true'"
            " WHEN data_type IN ('smallint', 'integer') THEN '14'"
            " WHEN data_type = 'jsonb' THEN '''{}''::jsonb' ELSE 'DEFAULT' END"
            " FROM information_schema.columns WHERE table_name = 'accounts_municipality'"
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " AND column_name NOT IN ('slug', 'name', 'official_name', 'receipt_prefix',"
            " 'coverage', 'center', 'contact_email')"
        ).fetchall()
        words = {"time_zone": "'Europe/Berlin'", "state": "'BW'"}
        words["licence"] = "'https://www.govdata.de/dl-de/zero-2-0'"
        values = [words.get(name, "''" if made == "DEFAULT" else made) for name, made in missing]
        columns = ", ".join(name for name, _made in missing)
        owner.execute(
            FILL.replace("{columns}", columns)
            .replace("{defaults}", ", ".join(values))
            .replace("{rows}", str(rows))
        )
        owner.execute("VACUUM ANALYZE published_report, published_photo, published_tombstone")
    print(f"{rows:,} rows made in {time.perf_counter() - begun:.0f} s", flush=True)


def _rows_there(owner: "psycopg.Connection[Any]") -> int:
    if not owner.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
        return 0
    with _owner(DATABASE) as there:
        if not there.execute("SELECT FROM pg_tables WHERE tablename = 'published_report'").rowcount:
            return 0
        found = there.execute("SELECT count(*) FROM published_report").fetchone()
    return found[0] if found else 0


def measure_one(name: str) -> None:
    """Measure one thing in this process and print its line."""
    import django

    django.setup()
    if name in FILES:
        measure_file(name)
    else:
        measure_page(name)


def measure_file(name: str) -> None:
    """Rows a second and peak memory, beside COPY of the same view before and after."""
    from django.test import Client

    client, path = Client(SERVER_NAME="127.0.0.1"), f"/opendata/messstadt/{FILES[name]}"
    rows, before = control()
    begun = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, answer
    size = drain(answer.streaming_content)  # type: ignore[attr-defined]
    took = time.perf_counter() - begun
    limit = (before + control()[1]) / 2
    share = (rows / took) / (rows / limit)
    print(
        f"{name:10} {rows / took:10,.0f} rows/s  {size / 1e6:6.0f} MB   COPY {rows / limit:10,.0f}"
        f" rows/s   share {share:4.0%} (aim {AIM_SHARE:.0%})   peak {peak():4.0f} MB"
        f" (aim {AIM_MEGABYTES})",
        flush=True,
    )


def control() -> tuple[int, float]:
    """COPY of the whole view to a reader that throws it away: rows and seconds."""
    from django.db import connections

    rows = 0
    with connections["public"].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        begun = time.perf_counter()
        with cursor.cursor.copy("COPY (SELECT * FROM reports) TO STDOUT (FORMAT csv)") as copy:
            for _line in copy:
                rows += 1
        took = time.perf_counter() - begun
        cursor.execute("RESET statement_timeout")
    return rows, took


def measure_page(name: str) -> None:
    """Median and 95th percentile of a page, walking on where it leads on."""
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    path, turns = PAGES[name]
    took, first = [], path
    for _turn in range(turns):
        begun = time.perf_counter()
        answer = client.get(path)
        content = b"".join(answer) if answer.streaming else answer.content
        took.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, (path, content[:300])
        path = _next(answer.headers["Content-Type"], content) or first
    cuts = quantiles(took, n=20)
    aim = f" (aim {AIM_PAGE_MS})" if name == "features" else ""
    print(
        f"{name:10} p50 {cuts[9]:6.1f}  p95 {cuts[18]:6.1f} ms{aim}   first {took[0]:6.1f} ms",
        flush=True,
    )


def _next(kind: str, content: bytes) -> str:
    if "json" not in kind:
        return ""
    links = json.loads(content).get("links", [])
    return next((link["href"] for link in links if link["rel"] == "next"), "")


def drain(pieces: Iterable[bytes]) -> int:
    """Read everything, keep nothing."""
    return sum(map(len, pieces))


def peak() -> float:
    """The most memory this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _owner(database: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(
        host=os.environ["ANLIEGEN_DB_HOST"],
        port=os.environ.get("ANLIEGEN_DB_PORT", "5432"),
        user=os.environ.get("ANLIEGEN_DB_OWNER_USER", "anliegen_owner"),
        dbname=database,
        autocommit=True,
    )


FILES = {"csv": "reports.csv", "geojson": "reports.geojson", "geopackage": "reports.gpkg"}
_ITEMS = "/opendata/ogc/collections/messstadt-reports/items?limit=1000"
PAGES: dict[str, tuple[str, int]] = {
    "features": (_ITEMS, 200),
    "in a box": (f"{_ITEMS}&bbox=9.18,49.12,9.20,49.14", 60),
    "changes": ("/opendata/messstadt/changes.json?limit=1000", 200),
    "catalogue": ("/opendata/catalog.ttl", 20),
    "page": ("/opendata/messstadt/", 20),
}

if __name__ == "__main__":
    main()
