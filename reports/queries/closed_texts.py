"""Closed cases as examples to learn from: masked text, category, place, time; nobody's name."""

from collections.abc import Collection, Sequence

from django.db.models import Q, QuerySet

from reports.lifecycle import CLOSED, Status
from reports.models import Report, Screening, Source
from suggestion.context import Seen
from suggestion.judging import Case
from suggestion.masking import masked

MOST = 12_000


def examples(town_id: int) -> Sequence[Case]:
    """The town's latest closed cases with a text, at most 12,000; texts are masked. One query."""
    rows = (
        _allowed(town_id)
        .filter(status__in=CLOSED - {Status.WITHDRAWN})
        .exclude(source=Source.SENSOR)
        .order_by("-received_at", "-pk")
        .values_list(
            "pk",
            "submission__description",
            "place",
            "received_at",
            "category__code",
            "category__parent__code",
        )[:MOST]
    )
    return [
        Case(
            seen=Seen(text=masked(text), at=at, lon=place.x, lat=place.y),
            category=code,
            group=group or "",
            source=pk,
        )
        for pk, text, place, at, code, group in rows.iterator(chunk_size=1000)
    ]


def no_longer_allowed(town_id: int, report_ids: Collection[int]) -> int:
    """How many of some reports may not be learned from any more: erased, confidential, spam."""
    allowed = _allowed(town_id).filter(pk__in=report_ids).count()
    return len(set(report_ids)) - allowed


def _allowed(town_id: int) -> QuerySet[Report]:
    """Reports whose text may be learned from."""
    return Report.objects.filter(
        ~Q(submission__description=""),
        municipality_id=town_id,
        screening=Screening.CLEAR,
        is_confidential=False,
        restricted_at__isnull=True,
        submission__erased_at__isnull=True,
    )
