"""Accepted reports per second through HTTP, beside what the same machine can do without us.

    make bench-own NAME=intake ARGS="--seconds 6"

Uses a database of its own in the tests' cluster; no worker runs, so that only accepting is
measured. In one run and with the same load program:

- a text report: our API, beside a bare Django view that writes the same rows in one transaction by
  raw SQL, beside the bare SQL without HTTP (aim: at least 60 % of the bare view);
- a report with a 12-megapixel photo: our API, beside a bare view that only takes the bytes (aim: at
  most 150 ms p50 beyond it), beside bare Pillow making the derivatives we make later.
"""

import argparse
import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import psycopg
from PIL import Image, ImageOps

from bench.bare_rows import count_rows, write_report
from deploy.local.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "anliegen_bench_intake"
CLIENTS = (1, 8)
LOOPBACK = "127.0.0.1"
JSON = "application/json"
# What tests switch off so that they see every change at once.
AS_IN_PRODUCTION = {"ANLIEGEN_WAKE_IN_BACKGROUND": "1", "ANLIEGEN_REMEMBER_SECONDS": "2"}


@dataclass(frozen=True)
class Load:
    """What one run did: answers per second and the latency of each, in milliseconds."""

    per_second: float
    latencies: list[float]

    @property
    def p50(self) -> float:
        """The middle latency in milliseconds."""
        return statistics.median(self.latencies)

    @property
    def p95(self) -> float:
        """The latency 95 % stay under, in milliseconds."""
        return statistics.quantiles(self.latencies, n=20)[18] if len(self.latencies) > 1 else 0.0


@dataclass(frozen=True)
class Target:
    """One address to load: where, and what to send each time."""

    name: str
    port: int
    path: str
    body: Callable[[], tuple[bytes, str]]


def text_report() -> tuple[bytes, str]:
    """A text report with an address, as an app sends it."""
    return json.dumps(_fields()).encode(), JSON


def _fields() -> dict[str, object]:
    return {
        "municipality": "heilbronn",
        "category": "strasse.schlagloch",
        "answers": {"lage": "fahrbahn"},
        "lon": 9.2187,
        "lat": 49.1427,
        "place_chosen_by": "map",
        "description": "Tiefes Schlagloch vor dem Rathaus.",
        "email": f"bench-{uuid.uuid4().hex[:10]}@buerger.example",
    }


def photo_report(photo: bytes) -> Callable[[], tuple[bytes, str]]:
    """The same with one photo, as multipart."""

    def body() -> tuple[bytes, str]:
        edge = uuid.uuid4().hex
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="report"\r\n\r\n'
            f"{json.dumps(_fields())}\r\n--{edge}\r\n"
            'Content-Disposition: form-data; name="photos"; filename="foto.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        return b"".join([head.encode(), photo, f"\r\n--{edge}--\r\n".encode()]), (
            f"multipart/form-data; boundary={edge}"
        )

    return body


def send_once(target: Target) -> float:
    """Post one report; milliseconds to the end of its answer."""
    body, kind = target.body()
    connection = http.client.HTTPConnection(LOOPBACK, target.port, timeout=60)
    headers = {"Content-Type": kind, "Idempotency-Key": uuid.uuid4().hex}
    begun = time.perf_counter()
    connection.request("POST", target.path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    took = (time.perf_counter() - begun) * 1000
    connection.close()
    if answer.status != 201:
        raise SystemExit(f"{target.name}: {answer.status} {text[:300]!r}")
    return took


def load(target: Target, *, clients: int, seconds: float) -> Load:
    """Post from `clients` threads, each its next request after the last answer."""
    latencies: list[float] = []
    ends = time.monotonic() + seconds

    def one() -> None:
        while time.monotonic() < ends:
            latencies.append(send_once(target))

    begun = time.monotonic()
    threads = [threading.Thread(target=one) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(latencies) / (time.monotonic() - begun), latencies)


def bare_sql(town: int, category: int, *, clients: int, seconds: float) -> float:
    """Reports a second when the same rows are written without HTTP, one process per client."""
    with get_context("spawn").Pool(clients) as pool:
        counts = pool.starmap(_insert_for, [(town, category, seconds)] * clients)
    return sum(counts) / seconds


def _insert_for(town: int, category: int, seconds: float) -> int:
    written, body = 0, _fields()
    with psycopg.connect(_dsn(), autocommit=True) as connection:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            with connection.transaction(), connection.cursor() as cursor:
                write_report(cursor, body, town, category)
            written += 1
    return written


def _dsn() -> str:
    host, port = os.environ["ANLIEGEN_DB_HOST"], os.environ["ANLIEGEN_DB_PORT"]
    return f"host={host} port={port} user={os.environ['ANLIEGEN_DB_APP_USER']} dbname={DATABASE}"


@contextmanager
def served(application: str, **more: str) -> Iterator[int]:
    """A gunicorn with two sync workers on a free loopback port; ended afterwards."""
    port = free_port(LOOPBACK, 8150)
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"{LOOPBACK}:{port}"]
    command += ["--workers", "2", "--log-level", "warning", "--no-control-socket"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | more)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    for _attempt in range(300):
        try:
            connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not come up")


def prepare() -> tuple[int, int]:
    """A fresh database with the demo towns; ids of the town and the category that is reported."""
    from tests.databases import make_database

    make_database(DATABASE)
    os.environ["ANLIEGEN_DB_NAME"] = DATABASE
    manage = [sys.executable, "manage.py", "load_demo", "--without-cases"]
    subprocess.run(manage, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(_dsn(), autocommit=True) as connection:
        row = connection.execute(
            "SELECT municipality_id, c.id FROM routing_category c"
            " JOIN accounts_municipality m ON m.id = municipality_id"
            " WHERE m.slug = 'heilbronn' AND c.code = 'strasse.schlagloch'"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def compare_rows(ours: Target, bare: Target) -> None:
    """Say whether one report writes as many rows through our door as through the bare view."""
    with psycopg.connect(_dsn(), autocommit=True) as connection:

        def rows() -> dict[str, int]:
            return count_rows(lambda query: (connection.execute(query).fetchone() or [0])[0])

        counts = [rows()]
        for target in (ours, bare):
            send_once(target)
            counts.append(rows())
    by_us, by_bare = (
        {table: after[table] - before[table] for table in after}
        for before, after in pairwise(counts)
    )
    verdict = "the same" if by_us == by_bare else f"ours {by_us}, bare {by_bare}"
    print(f"rows written by one report: {verdict} ({sum(by_us.values())})")


def twelve_megapixels() -> bytes:
    """A drawn 4000 × 3000 JPEG of 3-4 MB."""
    from demo.photos import as_phone_jpeg, draw_scene

    scene = draw_scene("pothole", 7).resize((4000, 3000))
    noise = Image.effect_noise(scene.size, 28).convert("RGB")
    grainy = Image.blend(scene, noise, 0.18)
    return as_phone_jpeg(grainy, lon=9.2187, lat=49.1427, taken_at=datetime(2026, 5, 4, tzinfo=UTC))


def bare_pillow(photo: bytes) -> float:
    """Milliseconds bare Pillow takes for the six derivatives of a photo, with draft mode."""
    begun = time.perf_counter()
    with Image.open(io.BytesIO(photo)) as opened:
        opened.draft("RGB", (1600, 1200))
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    for edge in (1600, 800, 320):
        picture = picture.resize((edge, edge * 3 // 4), Image.Resampling.LANCZOS)
        for kind in ("webp", "jpeg"):
            picture.save(io.BytesIO(), kind, quality=80)
    return (time.perf_counter() - begun) * 1000


def show(label: str, measured: Load) -> None:
    """One line: rate and latencies."""
    print(
        f"  {label:34} {measured.per_second:7.1f}/s   p50 {measured.p50:7.1f} ms"
        f"   p95 {measured.p95:7.1f} ms"
    )


def main() -> None:
    """Measure text reports, then reports with a photo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--without-photo", action="store_true")
    options = parser.parse_args()
    town, category = prepare()
    with (
        served("backend.wsgi", **AS_IN_PRODUCTION) as ours,
        served(
            "bench.bare_site:application", BENCH_TOWN=str(town), BENCH_CATEGORY=str(category)
        ) as bare,
    ):
        measure_text(ours, bare, town, category, options.seconds)
        if not options.without_photo:
            measure_photo(ours, bare, options.seconds)


def measure_text(ours: int, bare: int, town: int, category: int, seconds: float) -> None:
    """Text reports: the bare SQL, the bare view, ours, and the ratio."""
    api = Target("our API", ours, "/api/v1/reports", text_report)
    view = Target("bare Django view, raw SQL", bare, "/report", text_report)
    for target in (api, view):
        load(target, clients=2, seconds=1)  # both workers have loaded everything
    compare_rows(api, view)
    for clients in CLIENTS:
        rate = bare_sql(town, category, clients=clients, seconds=seconds / 2)
        print(f"text report, {clients} client(s)")
        print(f"  {'bare SQL without HTTP':34} {rate:7.1f}/s")
        theirs = load(view, clients=clients, seconds=seconds)
        mine = load(api, clients=clients, seconds=seconds)
        again = load(view, clients=clients, seconds=seconds)
        floor = (theirs.per_second + again.per_second) / 2
        show(view.name, theirs)
        show(view.name + ", again", again)
        show(api.name, mine)
        print(f"  ratio to the bare view: {mine.per_second / floor:.0%} (aim: at least 60 %)")


def measure_photo(ours: int, bare: int, seconds: float) -> None:
    """Reports with a photo: what our answer takes beyond taking the bytes."""
    photo = twelve_megapixels()
    body = photo_report(photo)
    api = Target("our API", ours, "/api/v1/reports", body)
    view = Target("bare view that takes the bytes", bare, "/photo", body)
    pillow = statistics.median(bare_pillow(photo) for _ in range(3))
    print(f"photo: 12 MP, {len(photo) / 1e6:.1f} MB; bare Pillow, six derivatives: {pillow:.0f} ms")
    for clients in CLIENTS:
        theirs = load(view, clients=clients, seconds=seconds)
        mine = load(api, clients=clients, seconds=seconds)
        print(f"report with photo, {clients} client(s)")
        show(view.name, theirs)
        show(api.name, mine)
        print(f"  beyond the transfer: p50 {mine.p50 - theirs.p50:.0f} ms (aim: at most 150 ms)")


if __name__ == "__main__":
    main()
