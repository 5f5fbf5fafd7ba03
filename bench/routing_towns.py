"""Made towns for bench/routing.py: one with 200 areas and 300 rules, and those of a state."""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.own_database import Row, copy_rows, owner

WEST, SOUTH, WIDE, HIGH = 9.10, 49.05, 0.25, 0.20
COLUMNS, LINES, RULES = 20, 10, 300
TOWNS_ACROSS, DISTRICTS, CORNERS = 34, 8, 600
STATE_WEST, STATE_SOUTH, STEP = 7.6, 47.6, 0.08
TEXTS = (
    "Vor der Schule liegt Glatteis auf dem Gehweg.",
    "Die Straßenlaterne flackert seit Tagen.",
    "Tiefes Schlagloch, Radfahrer stürzen.",
    "Der Mülleimer am Spielplatz ist seit einer Woche voll, es stinkt und zieht Ratten an.",
)


@dataclass(frozen=True)
class MadeTown:
    """A town, its categories (ids), and how to find any point in it."""

    town: Any
    categories: Sequence[int]
    somewhere: Callable[[], Any]


def large_town() -> MadeTown:
    """A town with a grid of areas, 30 categories, and rules of every kind over them."""
    from django.contrib.gis.geos import Point, Polygon
    from django.utils import timezone

    from routing.models import Rule
    from routing.rules.versions import write_version

    outline = Polygon.from_bbox((WEST, SOUTH, WEST + WIDE, SOUTH + HIGH))
    town, offices, categories = new_town(0, outline, offices=10, categories=30)
    areas = districts(town, (WEST, SOUTH, WIDE, HIGH), COLUMNS, LINES)
    rules = [
        Rule(
            municipality=town, priority=10 * place, name=f"Regel {place}",
            category=random.choice(categories) if place % 3 else None,
            area=random.choice(areas) if place % 3 != 1 else None,
            condition=condition(place), office=random.choice(offices), tags=["Probe"],
        )
        for place in range(1, RULES + 1)
    ]  # fmt: skip
    write_version(town.pk, rules, reason="Messung", now=timezone.now())

    def somewhere() -> Any:
        return Point(WEST + WIDE * random.random(), SOUTH + HIGH * random.random(), srid=4326)

    return MadeTown(town, [each.pk for each in categories], somewhere)


def condition(place: int) -> dict[str, Any]:
    """Something that rarely holds, so that most rules are asked."""
    words = {"is": "words", "words": [f"Wort{place}", "Glatteis"]}
    season = {"is": "season", "from": "06-01", "to": "06-02"}
    night = {"is": "time", "from": "22:00", "to": "05:00"}
    return ({}, {"all": [words, season]}, {"any": [season, {"all": [night, words]}]})[place % 3]


def towns_of_state(path: Path | None, count: int = 1100) -> list[MadeTown]:
    """So many towns in a grid, or one for every outline of a GeoJSON file."""
    outlines = list(_outlines_in(path) if path else _grid(count))
    return [_small_town(number, outline) for number, outline in enumerate(outlines, start=1)]


def _small_town(number: int, outline: Any) -> MadeTown:
    from django.contrib.gis.geos import Point
    from django.utils import timezone

    from routing.models import Rule
    from routing.rules.versions import write_version

    town, offices, categories = new_town(number, outline, offices=3, categories=6)
    west, south, east, north = outline.extent
    areas = districts(town, (west, south, east - west, north - south), DISTRICTS // 2, 2)
    rules = [
        Rule(
            municipality=town, priority=10 * place, name=f"Regel {place}",
            office=offices[place % 3], category=categories[place % 6],
            area=areas[place] if place % 2 else None,
            condition=condition(place),
        )
        for place in range(1, 7)
    ]  # fmt: skip
    write_version(town.pk, rules, reason="Messung", now=timezone.now())
    middle = outline.point_on_surface

    def somewhere() -> Any:
        shift = (random.random() - 0.5) * 0.004
        return Point(middle.x + shift, middle.y + shift, srid=4326)

    return MadeTown(town, [each.pk for each in categories], somewhere)


def new_town(number: int, outline: Any, *, offices: int, categories: int) -> tuple[Any, ...]:
    """A town with a dispatch office, offices and categories."""
    from django.contrib.gis.geos import MultiPolygon, Polygon
    from django.db import transaction

    from accounts.models import Municipality, Office
    from routing.models import Category

    shape = MultiPolygon(outline, srid=4326) if isinstance(outline, Polygon) else outline
    letters = "".join(chr(65 + number // 26**place % 26) for place in (3, 2, 1, 0))
    with transaction.atomic():
        town = Municipality.objects.create(
            slug=f"mess-{number}", name=f"Messstadt {number}", official_name="Messstadt",
            receipt_prefix=f"Y{letters}", coverage=shape, center=shape.point_on_surface,
            contact_email="mess@stadt.example", is_live=True,
        )  # fmt: skip
        made = Office.objects.bulk_create(
            Office(municipality=town, key=f"amt-{each}", name=f"Amt {each}", is_dispatch=not each)
            for each in range(offices)
        )
    kinds = Category.objects.bulk_create(
        Category(
            municipality=town, code=f"art-{each}", name=f"Art {each}",
            default_office=made[each % offices],
        )
        for each in range(categories)
    )  # fmt: skip
    return town, made, kinds


def districts(
    town: Any, box: tuple[float, float, float, float], columns: int, lines: int
) -> list[Any]:
    """A grid of districts with 200 corners each over a box (west, south, width, height)."""
    from django.contrib.gis.geos import MultiPolygon

    from routing.models import Area

    west, south, wide, high = box
    dx, dy = wide / columns, high / lines
    return list(
        Area.objects.bulk_create(
            Area(
                municipality=town, key=f"{x}-{y}", name=f"Gebiet {x}-{y}",
                geometry=MultiPolygon(wavy(west + x * dx, south + y * dy, dx, dy), srid=4326),
            )
            for x in range(columns) for y in range(lines)
        )
    )  # fmt: skip


def wavy(west: float, south: float, dx: float, dy: float, points: int = 200) -> Any:
    """A box whose edges have as many points as real outlines."""
    from django.contrib.gis.geos import Polygon

    quarter, ring = points // 4, []
    corners = ((0, 0, 1, 0), (1, 0, 0, 1), (1, 1, -1, 0), (0, 1, 0, -1))
    for x, y, along_x, along_y in corners:
        for step in range(quarter):
            part = step / quarter
            ring.append((west + dx * (x + along_x * part), south + dy * (y + along_y * part)))
    return Polygon([*ring, ring[0]], srid=4326)


def _grid(count: int) -> Iterator[Any]:
    for number in range(count):
        west = STATE_WEST + number % TOWNS_ACROSS * STEP
        yield wavy(west, STATE_SOUTH + number // TOWNS_ACROSS * STEP, STEP, STEP, CORNERS)


def _outlines_in(path: Path) -> Iterator[Any]:
    from django.contrib.gis.geos import GEOSGeometry

    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for feature in json.load(file)["features"]:
            yield GEOSGeometry(json.dumps(feature["geometry"]))


def fill_with_reports(database: str, made: MadeTown, count: int) -> None:
    """So many routed reports of two years with text and first decision, by COPY."""
    from accounts.models import Office

    office = Office.objects.filter(municipality=made.town).values_list("pk", flat=True)[1]
    with owner(database) as raw:
        raw.execute("SET session_replication_role = replica")
        copy_rows(raw, "reports_report", _report_rows(made, office, count))
        copy_rows(raw, "reports_submission", _submission_rows(count))
        copy_rows(raw, "reports_routingdecision", _decision_rows(office, count))
        raw.execute("VACUUM ANALYZE reports_report, reports_submission, reports_routingdecision")


def _report_rows(made: MadeTown, office: int, count: int) -> Iterator[Row]:
    now = datetime.now(UTC)
    for number in range(1, count + 1):
        at, place = now - timedelta(days=random.random() * 720), made.somewhere()
        yield {
            "id": number, "municipality_id": made.town.pk, "number": f"MS-2026-{number:06d}",
            "secret_version": 1, "source": "web", "language": "de",
            "place": f"SRID=4326;POINT({place.x} {place.y})", "place_chosen_by": "map",
            "category_id": random.choice(made.categories), "office_chosen_by_hand": False,
            "office_id": office, "status": "done", "closing_reason": "done", "closed_at": at,
            "routed_at": at, "reopened_count": 0, "handover_count": 0, "return_count": 0,
            "screening": "clear", "is_danger": False, "is_confidential": False,
            "publication": "approved", "text_publication": "pending", "received_at": at,
            "updated_at": at, "version": 1, "publication_revision": 1,
        }  # fmt: skip


def _submission_rows(count: int) -> Iterator[Row]:
    for number in range(1, count + 1):
        yield {
            "report_id": number, "description": f"{random.choice(TEXTS)} Nr. {number}",
            "public_text": "", "address": "", "answers": "{}",
        }  # fmt: skip


def _decision_rows(office: int, count: int) -> Iterator[Row]:
    for number in range(1, count + 1):
        yield {
            "report_id": number, "office_id": office, "basis": "rule",
            "sentences": '["Regel"]',
        }  # fmt: skip
