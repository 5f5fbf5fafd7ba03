"""Search and reverse lookup with 100,000 addresses, beside the bare SQL underneath.

Makes a town of its own in one transaction, which is rolled back at the end.

    make bench NAME=places
"""

import argparse
import os
import random
import time
import uuid
from collections.abc import Callable, Sequence
from statistics import quantiles

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
os.environ["ANLIEGEN_DB_ROLE"] = "owner"  # who alone may gather statistics on the rows made here
LIMIT_MS = 30.0
WEST, SOUTH, WIDE, HIGH = 9.10, 49.05, 0.25, 0.20
FIRST = "Kaiser Linden Berg Mühl Schiller Goethe Rosen Wald Salz Kloster"
FIRST += " Eichen Neckar Turm Garten Hohen Unter Ober Wein Korn Stein"
SECOND = "bach burg feld hof tal hausen brunnen acker wiesen stein heim rain hecken grund see markt"
SECOND += " graben winkel hang au"
LAST = "straße weg gasse platz allee ring ufer steige pfad -Promenade"


def main() -> None:
    """Load, ask, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--addresses", type=int, default=100_000)
    options.add_argument("--questions", type=int, default=300)
    asked = options.parse_args()
    django.setup()
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:  # making a hundred thousand rows takes its time
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        measure(load_town(asked.addresses), asked.questions)
        transaction.set_rollback(True)


def load_town(addresses: int):  # type: ignore[no-untyped-def]  # models load after setup
    """A live town of its own with so many house numbers on 4,000 streets."""
    from django.contrib.gis.geos import MultiPolygon, Point, Polygon
    from django.db import connection

    from accounts.models import Municipality
    from places.folding import fold
    from places.models import HouseNumber, Place, Source

    box = Polygon.from_bbox((WEST, SOUTH, WEST + WIDE, SOUTH + HIGH))
    slug = f"mess-{uuid.uuid4().hex[:8]}"
    town = Municipality.objects.create(
        slug=slug, name="Messstadt", official_name="Messstadt", is_live=False,
        receipt_prefix="".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=5)),
        coverage=MultiPolygon(box, srid=4326), center=Point(9.2, 49.14, srid=4326),
        contact_email="mess@stadt.example",
    )  # fmt: skip
    source = Source.objects.create(municipality=town, key="bench", version=1)
    names = [f"{a}{b}{c}" for a in FIRST.split() for b in SECOND.split() for c in LAST.split()]
    random.shuffle(names)
    streets, points = [], []
    for name in names:
        lon, lat = WEST + random.random() * WIDE, SOUTH + random.random() * HIGH
        points.append((lon, lat))
        streets.append(
            Place(municipality=town, source=source, version=1, kind="street", name=name,
                  key=f"s.{fold(name)}", folded=fold(name), point=Point(lon, lat, srid=4326),
                  radius_m=200)
        )  # fmt: skip
    Place.objects.bulk_create(streets, batch_size=1000)
    each = addresses // len(streets)
    rows = (
        HouseNumber(street=street, source=source, version=1, number=number, suffix="",
                    point=Point(lon + number / 20_000, lat, srid=4326))
        for street, (lon, lat) in zip(streets, points, strict=True) for number in range(1, each + 1)
    )  # fmt: skip
    HouseNumber.objects.bulk_create(rows, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE places_place, places_housenumber")
    print(f"{len(streets)} streets, {each * len(streets)} house numbers")
    return town


def measure(town, questions: int) -> None:  # type: ignore[no-untyped-def]
    """Time whole calls and the bare queries they make, on the same questions."""
    from django.db import connection

    from places import local_search
    from places.folding import fold_typed
    from places.lookup import describe, search
    from places.models import Place

    names = list(Place.objects.filter(municipality=town).values_list("name", flat=True))
    chosen = random.choices(names, k=questions)
    numbers = [random.randint(1, 20) for _name in chosen]
    points = [(WEST + random.random() * WIDE, SOUTH + random.random() * HIGH) for _name in chosen]
    kinds: dict[str, list[str]] = {
        "beginning": [name[:5] for name in chosen],
        "address": [f"{name} {n}" for name, n in zip(chosen, numbers, strict=True)],
        "typo": [f"{name[:4]}q{name[5:]} {n}" for name, n in zip(chosen, numbers, strict=True)],
    }

    def bare(text: str) -> None:
        name = text.rpartition(" ")[0] or text
        with connection.cursor() as cursor:
            wanted = {"names": [fold_typed(name)], "town": town.pk, "limit": 8}
            cursor.execute(local_search._NAMES, wanted)
            cursor.fetchall()

    print(f"{'':12}{'ours p50':>10}{'p95':>8}{'SQL p50':>10}{'p95':>8}   ms")
    worst = 0.0
    for kind, texts in kinds.items():
        ours = timed([lambda text=text: search(text, town, near=points[0]) for text in texts])  # type: ignore[misc]
        theirs = timed([lambda text=text: bare(text) for text in texts])  # type: ignore[misc]
        print(f"{kind:12}{ours[0]:10.1f}{ours[1]:8.1f}{theirs[0]:10.1f}{theirs[1]:8.1f}")
        worst = max(worst, ours[1])
    ours = timed([lambda at=at: describe(town, *at) for at in points])  # type: ignore[misc]
    print(f"{'reverse':12}{ours[0]:10.1f}{ours[1]:8.1f}")
    print(f"worst p95 {worst:.1f} ms, wanted at most {LIMIT_MS:.0f}")


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
