"""Find alike: keep which open cases may be the same as a new one, for somebody to decide."""

from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction

from accounts.models import User
from reports.duplicates import Likeness
from reports.models import Report, Screening, Submission
from reports.policies import NotPermitted, load_staff, may_work, visible_cases
from reports.queries.alike import Found, candidates
from reports.queries.assets import assets_of
from routing.likeness import STAFF_FROM

MOST_KEPT = 10


def find_alike(report_id: int) -> None:
    """Compare a case with the open ones around it and keep the pairs that are worth a look.

    Safe to run twice: a pair stands once with its newest score, and what somebody has dismissed
    stays dismissed.
    """
    report = Report.objects.select_related("category").get(pk=report_id)
    if not report.is_open or report.screening != Screening.CLEAR:
        return
    text = Submission.objects.values_list("description", flat=True).get(report=report)
    found = candidates(
        report.municipality_id,
        Point(report.place.x, report.place.y, srid=4326),
        report.category,
        text=text,
        at=report.received_at,
        without=report.pk,
        assets=[asset.pk for asset in assets_of(report.pk)],
    )
    likely = [each for each in found if each.likeness.score >= STAFF_FROM][:MOST_KEPT]
    Likeness.objects.bulk_create(
        # In one order, so that two workers never wait for each other.
        sorted((_pair(report, each) for each in likely), key=lambda pair: pair.first_id),
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["score", "metres", "kinship", "text_share", "same_asset"],
    )


def dismiss(report_id: int, *, other_number: str, by: User, now: datetime) -> None:
    """Say that two cases are not the same; the pair is never offered again. Twice is once.

    Whoever works on one of them may say so of any case they see. Raises Report.DoesNotExist,
    NotPermitted.
    """
    with transaction.atomic():
        report = Report.objects.get(pk=report_id)
        staff = load_staff(by, report.municipality_id)
        if not may_work(staff, report):
            raise NotPermitted
        other = Report.objects.get(visible_cases(staff), number=other_number)
        first, second = sorted([report.pk, other.pk])
        found = {"score": 0, "metres": 0.0, "kinship": "other", "text_share": None}
        pair, _is_new = Likeness.objects.get_or_create(
            first_id=first, second_id=second, defaults=found
        )
        if pair.dismissed_at is None:
            pair.dismissed_at, pair.dismissed_by = now, by
            pair.save(update_fields=["dismissed_at", "dismissed_by"])


def _pair(report: Report, found: Found) -> Likeness:
    first, second = sorted([report.pk, found.report_id])
    facts = found.likeness
    return Likeness(
        first_id=first,
        second_id=second,
        score=facts.score,
        metres=facts.metres,
        kinship=facts.kinship,
        text_share=facts.text,
        same_asset=facts.same_asset,
    )
