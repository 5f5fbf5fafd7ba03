"""The nearest lamps and trees to a place, and the areas at a point, beside the bare SQL underneath.

Makes a database of its own in the test cluster. With `--file` a real register is read first
(GeoJSON, GeoPackage, CSV), and its import is timed.

    make bench-own NAME=assets [ARGS="--file trees.geojson.gz --key-field NR"]
"""

import argparse
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.own_database import load, own_database

DATABASE = "anliegen_bench_assets"
WEST, SOUTH, WIDE, HIGH = 9.03, 49.08, 0.28, 0.16
CATEGORY = "mess.ding"
# What the ORM is compared with: the same question in one statement.
NEAREST = """
SELECT a.id, ST_DistanceSphere(a.place, p.at) AS metres
FROM routing_asset a, (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS at) p
WHERE a.layer_id = ANY(%(layers)s) AND a.gone_since IS NULL
  AND a.place && ST_Expand(p.at, %(wide)s, %(high)s)
  AND ST_DistanceSphere(a.place, p.at) <= %(radius)s
ORDER BY metres, a.id LIMIT 8
"""
COVERING = """
SELECT id FROM routing_area
WHERE municipality_id = %(town)s AND ST_Covers(geometry, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))
"""  # noqa: E501


def main() -> None:
    """Load, ask, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--file", type=Path)
    options.add_argument("--key-field", default="BAUM_NR")
    options.add_argument("--made", type=int, default=200_000)
    options.add_argument("--parcels", type=int, default=50_000)
    options.add_argument("--questions", type=int, default=500)
    asked = options.parse_args()
    with own_database(DATABASE):
        town = _town()
        print(load())
        print(f"{'':34}{'ours p50':>10}{'p95':>8}{'SQL p50':>10}{'p95':>8}   ms")
        if asked.file:
            layer = _layer(town, "echt")
            _import(asked.file, asked.key_field, layer)
            _measure("real register", town, [layer], asked.questions)
        layer = _layer(town, "gemacht")
        _make(layer, asked.made)
        _measure(f"{asked.made} made ones beside", town, None, asked.questions)
        _measure_areas(town, asked.parcels, asked.questions)


def _town() -> Any:
    from django.contrib.gis.geos import MultiPolygon, Point, Polygon
    from django.db import transaction

    from accounts.models import Municipality, Office
    from routing.models import Category

    box = Polygon.from_bbox((WEST, SOUTH, WEST + WIDE, SOUTH + HIGH))
    with transaction.atomic():
        town = Municipality.objects.create(
            slug=f"mess-{uuid.uuid4().hex[:8]}", name="Messstadt", official_name="Messstadt",
            receipt_prefix="MESS", is_live=False, coverage=MultiPolygon(box, srid=4326),
            center=Point(9.2, 49.14, srid=4326), contact_email="mess@stadt.example",
        )  # fmt: skip
        Office.objects.create(municipality=town, key="d", name="Disposition", is_dispatch=True)
    Category.objects.create(municipality=town, code=CATEGORY, name="Ding")
    return town


def _layer(town: Any, code: str) -> Any:
    from routing.asset import AssetLayer
    from routing.models import Category

    layer = AssetLayer.objects.create(municipality=town, code=code, name=code, one="Ding")
    layer.categories.set(Category.objects.filter(municipality=town))
    return layer


def _import(path: Path, key_field: str, layer: Any) -> None:
    from routing.asset_import import Wish, import_assets, read_file

    wish = Wish(layer, key_field, source=path.name)
    for which in ("first import", "the same again"):
        begun = time.perf_counter()
        report = import_assets(read_file(path, wish), wish)
        counts = ", ".join(f"{count} {word}" for word, count in report.counts.items() if count)
        print(f"{path.name}, {which}: {time.perf_counter() - begun:.1f} s ({counts})")


def _make(layer: Any, count: int) -> None:
    from django.contrib.gis.geos import Point
    from django.db import connection

    from routing.asset import Asset

    rows = (
        Asset(layer=layer, key=str(at), number=str(at), label=f"Ding {at}",
              place=Point(*_somewhere(), srid=4326))
        for at in range(count)
    )  # fmt: skip
    Asset.objects.bulk_create(rows, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE routing_asset")


def _measure(name: str, town: Any, layers: Any, questions: int) -> None:
    from django.contrib.gis.geos import Point
    from django.db import connection

    from routing.asset import Asset, AssetLayer
    from routing.assets import assets_near
    from routing.coverage import box_around

    layers = layers or list(AssetLayer.objects.filter(municipality=town))
    known = list(Asset.objects.filter(layer=layers[0]).values_list("place", flat=True)[:5000])
    points = [random.choice(known) for _each in range(questions)]
    radius = max(layer.radius_m for layer in layers)

    def bare(at: Any) -> None:
        west, south, east, north = box_around(at, radius).extent
        values = {
            "lon": at.x, "lat": at.y, "layers": [layer.pk for layer in layers],
            "wide": (east - west) / 2, "high": (north - south) / 2, "radius": radius,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(NEAREST, values)
            cursor.fetchall()

    ours = _timed([lambda at=at: assets_near(town.pk, CATEGORY, at) for at in points])  # type: ignore[misc]
    theirs = _timed([lambda at=at: bare(at) for at in points])  # type: ignore[misc]
    _print(name, ours, theirs)
    here = Point(points[0].x, points[0].y, srid=4326)
    rows = Asset.objects.filter(layer__in=layers, place__coveredby=box_around(here, radius))
    print(*_plan(rows), sep="\n")


def _measure_areas(town: Any, parcels: int, questions: int) -> None:
    from django.contrib.gis.geos import MultiPolygon, Point, Polygon
    from django.db import connection
    from django.utils import timezone

    from routing.boundaries import areas_around
    from routing.models import Area

    across = round(parcels**0.5)
    wide, high = WIDE / across, HIGH / across

    def shapes() -> Iterator[Area]:
        for at in range(across * across):
            west, south = WEST + at % across * wide, SOUTH + at // across * high
            box = Polygon.from_bbox((west, south, west + wide, south + high))
            shape = MultiPolygon(box, srid=4326)
            name = str(at)
            yield Area(municipality=town, level="parcel", key=name, name=name, geometry=shape)

    Area.objects.bulk_create(shapes(), batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE routing_area")
    points = [Point(*_somewhere(), srid=4326) for _each in range(questions)]
    today = timezone.localdate()

    def bare(at: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(COVERING, {"town": town.pk, "lon": at.x, "lat": at.y})
            cursor.fetchall()

    ours = _timed([lambda at=at: areas_around(town.pk, at, today, 15) for at in points])  # type: ignore[misc]
    theirs = _timed([lambda at=at: bare(at) for at in points])  # type: ignore[misc]
    _print(f"{across * across} parcels, 15 m", ours, theirs)
    print(*_plan(Area.objects.filter(geometry__covers=points[0])), sep="\n")


def _plan(rows: Any) -> Iterator[str]:
    for line in rows.values("pk").explain(analyze=True).splitlines():
        if "Scan" in line or "Execution" in line:
            yield f"    {line.strip()}"


def _somewhere() -> tuple[float, float]:
    return WEST + random.random() * WIDE, SOUTH + random.random() * HIGH


def _timed(calls: Sequence[Callable[[], object]]) -> tuple[float, float]:
    """Median and 95th percentile of so many calls in milliseconds."""
    took = []
    for call in calls:
        begun = time.perf_counter()
        call()
        took.append((time.perf_counter() - begun) * 1000)
    cuts = quantiles(took, n=100)
    return cuts[49], cuts[94]


def _print(name: str, ours: tuple[float, float], theirs: tuple[float, float]) -> None:
    ratio = ours[0] / theirs[0]
    print(
        f"{name:34}{ours[0]:10.2f}{ours[1]:8.2f}{theirs[0]:10.2f}{theirs[1]:8.2f}   × {ratio:.1f}"
    )


if __name__ == "__main__":
    main()
