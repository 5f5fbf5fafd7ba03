"""Which cases may be the same as another one, and why: found around a place, kept by pair."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q

from reports.duplicates import Likeness as Pair
from reports.lifecycle import OPEN, Status
from reports.models import Photo, PhotoState, Remark, Report, Screening
from reports.policies import Staff, visible_cases
from reports.queries.around import box_around
from routing import likeness
from routing.likeness import Kinship, Likeness, Sight
from routing.models import Category

MOST_COMPARED = 40
MOST_SHOWN = 5

# The open cases alone stand in the index `report_open_place`, which answers this by distance.
_AROUND = """
    SELECT r.id, ST_DistanceSphere(r.place, near.point) AS metres, r.category_id, c.parent_id,
           c.duplicate_radius_m, r.received_at, left(s.description, 600),
           ARRAY(SELECT n.asset_id FROM reports_namedasset n WHERE n.report_id = r.id)
    FROM (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS point) near,
         reports_report r
         JOIN routing_category c ON c.id = r.category_id
         LEFT JOIN reports_submission s ON s.report_id = r.id
    WHERE r.status IN ('in_progress', 'received', 'waiting') AND r.screening = 'clear'
      AND r.place && ST_GeomFromEWKB(%(box)s) AND r.municipality_id = %(town)s
      AND r.id <> %(self)s
      AND (r.category_id = %(category)s OR c.parent_id = %(group)s
           OR r.id IN (SELECT report_id FROM reports_namedasset WHERE asset_id = ANY(%(assets)s)))
    ORDER BY r.place <-> ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)
    LIMIT %(most)s
"""


@dataclass(frozen=True)
class Found:
    """Another open case, by id, and what speaks for one and the same."""

    report_id: int
    likeness: Likeness


def candidates(
    town_id: int,
    point: Point,
    category: Category,
    *,
    text: str,
    at: datetime,
    without: int = 0,
    assets: Collection[int] = (),
) -> list[Found]:
    """Open cases that may be the same as something at a point (WGS84), the likeliest first.

    Compares the nearest of the same kind, its group, and about the same things (ids). One query.
    """
    reach = category.duplicate_radius_m
    mine = Sight(category.pk, category.parent_id, reach, at, text, frozenset(assets))
    values: dict[str, str | int | float | bytes | list[int] | None] = {
        "lon": point.x,
        "lat": point.y,
        "box": bytes(box_around(point, category.duplicate_radius_m).ewkb),
        "town": town_id,
        "self": without,
        "category": category.pk,
        "group": category.parent_id,
        "assets": list(assets),
        "most": MOST_COMPARED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, values)
        rows = cursor.fetchall()
    found = [
        Found(
            pk,
            likeness.compare(
                mine, Sight(kind, group, radius, received, words or "", frozenset(things)), metres
            ),
        )
        for pk, metres, kind, group, radius, received, words, things in rows
    ]
    return sorted(found, key=lambda each: (-each.likeness.score, each.report_id))


@dataclass(frozen=True)
class PossibleDuplicate:
    """Another case that may be the same, for somebody who may see it."""

    report: Report
    score: int
    reason: str


def possible_duplicates(staff: Staff, report: Report, *, now: datetime) -> list[PossibleDuplicate]:
    """What may be the same as a case and nobody has decided yet, the likeliest first. One query.

    Only cases this person may see; ended ones are asked about no more.
    """
    if report.status == Status.DUPLICATE:
        return []
    pairs = Pair.objects.filter(Q(first=report) | Q(second=report), dismissed_at__isnull=True)
    others = (
        Report.objects.filter(visible_cases(staff), status__in=OPEN, screening=Screening.CLEAR)
        .filter(
            Q(pk__in=pairs.values("first_id")) | Q(pk__in=pairs.values("second_id")),
        )
        .exclude(pk=report.pk)
        .select_related("category", "submission", "office", "district")
        .defer("district__geometry")
    )
    by_other = {pair.first_id + pair.second_id - report.pk: pair for pair in pairs}
    if not by_other:
        return []
    found = [_possible(other, by_other[other.pk], now) for other in others]
    return sorted(found, key=lambda each: (-each.score, each.report.pk))[:MOST_SHOWN]


def pair_of(one: Report, other: Report) -> Pair | None:
    """What was found for two cases, or None. One query."""
    first, second = sorted([one.pk, other.pk])
    return Pair.objects.filter(first_id=first, second_id=second).first()


def words_for(pair: Pair, other: Report, *, now: datetime) -> str:
    """Why the cases of a pair may be one; `other` is the one that is looked at from its twin."""
    facts = Likeness(
        pair.score, pair.metres, Kinship(pair.kinship), pair.text_share, pair.same_asset
    )
    return likeness.reason(facts, days_ago=max((now - other.received_at).days, 0))


@dataclass(frozen=True)
class MergedCase:
    """A duplicate as it is shown in its leading case; everything stays with the duplicate."""

    report: Report
    notes: Sequence[str]
    photos: Sequence[Photo]


def duplicates_of(staff: Staff, report: Report) -> Sequence[MergedCase]:
    """What a case leads, as far as this person may see it, oldest first; one to three queries."""
    cases = list(
        Report.objects.filter(visible_cases(staff), leading=report)
        .select_related("category", "submission", "office")
        .order_by("received_at", "pk")
    )
    if not cases:
        return []
    notes, photos = defaultdict(list), defaultdict(list)
    for remark in Remark.objects.filter(report__in=cases, kind=Remark.Kind.NOTE).order_by("pk"):
        if remark.body:
            notes[remark.report_id].append(remark.body)
    for photo in Photo.objects.filter(report__in=cases, state=PhotoState.READY).order_by("pk"):
        photos[photo.report_id].append(photo)
    return [MergedCase(case, notes[case.pk], photos[case.pk]) for case in cases]


def _possible(other: Report, pair: Pair, now: datetime) -> PossibleDuplicate:
    return PossibleDuplicate(other, pair.score, words_for(pair, other, now=now))
