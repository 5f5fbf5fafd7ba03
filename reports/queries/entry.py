"""What staff need while they enter a report for somebody: similar cases, unsent and own entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import Distance as Measure
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from reports.desk_entry import EntryDraft
from reports.lifecycle import OPEN, Status
from reports.models import Contact, Publication, Report, Screening, Submission, TimelineEntry
from reports.policies import Staff, visible_cases
from reports.queries.around import box_around
from routing import catalogue
from routing.models import Category

# A place named on the telephone is seldom exact to the metre.
LEAST_RADIUS_M = 100
MOST_SIMILAR = 6
# So long the person who entered a report may look at its receipt, to repeat the code.
SHOWN_FOR = timedelta(hours=12)
DRAFTS_SHOWN = 5


@dataclass(frozen=True)
class SimilarCase:
    """An open case near a place; `address` and `excerpt` only where the person may see the case."""

    number: str
    category: str
    status: Status
    distance_m: int
    received_at: datetime
    same_category: bool
    is_visible: bool
    address: str = ""
    excerpt: str = ""


def similar_cases(staff: Staff, point: Point, category_code: str = "") -> list[SimilarCase]:
    """Open cases around a point (WGS84): same category first, then same group, then the nearest.

    Lists what the person may see, and of all others what is public anyway. Three queries at most.
    """
    category = catalogue.find_category(staff.municipality_id, category_code)
    radius = max(category.duplicate_radius_m if category else 0, LEAST_RADIUS_M)
    visible = Report.objects.filter(visible_cases(staff), pk=OuterRef("pk"))
    rows = (
        Report.objects.filter(
            municipality_id=staff.municipality_id,
            status__in=OPEN,
            screening=Screening.CLEAR,
            place__within=box_around(point, radius),
        )
        .annotate(
            metres=Distance("place", point),
            is_visible=Exists(visible),
            kinship=_kinship(category),
        )
        .filter(metres__lte=Measure(m=radius))
        .filter(Q(is_visible=True) | Q(publication=Publication.APPROVED, is_confidential=False))
        .select_related("category", "submission")
        .order_by("kinship", "metres", "pk")
    )
    return [_similar(row) for row in rows[:MOST_SIMILAR]]


def entered_report(staff: Staff, number: str, *, now: datetime) -> Report | None:
    """A report this person has entered today; its receipt is for the caller. One query."""
    own = TimelineEntry.objects.filter(
        report=OuterRef("pk"), kind="received", actor_id=staff.user_id
    )
    return (
        Report.objects.filter(
            Exists(own),
            number=number,
            municipality_id=staff.municipality_id,
            received_at__gt=now - SHOWN_FOR,
        )
        .select_related("municipality", "category", "office", "submission")
        .defer("municipality__coverage", "municipality__pages")
        .first()
    )


def contact_of(report: Report) -> Contact | None:
    """How somebody wants to be answered, for the person who has just typed it. One query."""
    return Contact.objects.filter(report=report, erased_at__isnull=True).first()


@dataclass(frozen=True)
class UnsentEntry:
    """An entry that was begun and not sent, newest first, with a word to recognise it by."""

    form_key: str
    updated_at: datetime
    hint: str


def unsent_entries(staff: Staff) -> list[UnsentEntry]:
    """What this person has begun here and not sent. One query."""
    rows = EntryDraft.objects.filter(
        user_id=staff.user_id, municipality_id=staff.municipality_id
    ).order_by("-updated_at")
    return [
        UnsentEntry(row.form_key, row.updated_at, _hint(row.values)) for row in rows[:DRAFTS_SHOWN]
    ]


def unsent_values(staff: Staff, form_key: str) -> Mapping[str, Sequence[str]] | None:
    """What was typed into one of one's own unsent entries, or None. One query."""
    row = EntryDraft.objects.filter(
        user_id=staff.user_id, municipality_id=staff.municipality_id, form_key=form_key
    ).first()
    return row.values if row else None


def _kinship(category: Category | None) -> Case | Value:
    if category is None:
        return Value(1, output_field=IntegerField())
    group = When(category__parent_id=category.parent_id, then=1)
    return Case(
        When(category_id=category.pk, then=0),
        *([group] if category.parent_id else []),
        default=2,
        output_field=IntegerField(),
    )


def _similar(row: Report) -> SimilarCase:
    submission: Submission = row.submission
    is_visible: bool = row.is_visible  # type: ignore[attr-defined]
    return SimilarCase(
        number=row.number,
        category=row.category.name,
        status=Status(row.status),
        distance_m=round(row.metres.m),  # type: ignore[attr-defined]
        received_at=row.received_at,
        same_category=row.kinship == 0,  # type: ignore[attr-defined]
        is_visible=is_visible,
        address=submission.address if is_visible else "",
        excerpt=submission.description[:120] if is_visible else "",
    )


def _hint(values: Mapping[str, Sequence[str]]) -> str:
    for name in ("address", "description", "name"):
        words = values.get(name)
        if words and words[0].strip():
            return words[0].strip()[:60]
    return ""
