"""What waits for a decision on the public, for how long, and what may go out by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from reports.models import Publication, Report, Screening, TimelineEntry
from reports.participation import Objection
from reports.policies import Staff, moderated_by, visible_cases
from reports.publication import held_in_a_garden
from reports.queries.desk import (
    NEVER_SHOWN_AGAIN,
    open_question,
    undecided,
    undecided_photos,
)
from routing.ground import private_parcels_at
from routing.models import PublicationPolicy

PAGE = 50


class Kind(StrEnum):
    """What of a case waits; objections do not wait, but somebody should know of them."""

    REPORT = "meldung"
    TEXT = "text"
    PHOTO = "foto"
    OBJECTION = "widerspruch"


KIND_LABELS = {
    Kind.REPORT: _("Meldung"),
    Kind.TEXT: _("Text"),
    Kind.PHOTO: _("Fotos"),
    Kind.OBJECTION: _("Widersprüche"),
}


@dataclass(frozen=True)
class Wanted:
    """Which of the waiting cases; `days`: waiting for at least so long."""

    kind: Kind | None = None
    office_id: int | None = None
    category_id: int | None = None
    days: int = 0
    late: bool = False


@dataclass(frozen=True)
class Waiting:
    """A case that waits: what of it, since when, and until when it should be decided."""

    report: Report
    since: datetime
    due_at: datetime | None
    is_late: bool
    text: str
    waits_report: bool
    waits_text: bool
    waits_photos: int
    objections: int


@dataclass(frozen=True)
class WaitingList:
    """One page of what waits, the oldest first; `total` and `late` are of everything wanted."""

    rows: Sequence[Waiting]
    total: int
    late: int


EVERYTHING = Wanted()


def waiting_list(staff: Staff, wanted: Wanted, *, now: datetime, after: str = "") -> WaitingList:
    """What waits for this person, the oldest first; `after` is the last number of a page. Three
    queries."""
    cases = _wanted(staff, wanted, now)
    counted = cases.aggregate(total=Count("pk"), late=Count("pk", filter=_late(now)))
    if after:
        cases = cases.filter(pk__gt=Subquery(_id_of(staff, after)))
    rows = (
        cases.select_related("category__parent", "office", "submission", "district")
        .defer("district__geometry")
        .order_by("pk")[:PAGE]
    )
    return WaitingList([_row(report, now) for report in rows], counted["total"], counted["late"])


def next_waiting(
    staff: Staff, wanted: Wanted, *, now: datetime, after: str = "", but: Sequence[int] = ()
) -> str | None:
    """The number of the next case, the oldest first; one of `but` (report ids) only at the end."""
    cases = _wanted(staff, wanted, now).order_by("pk")
    if after:
        cases = cases.filter(pk__gt=Subquery(_id_of(staff, after)))
    numbers = cases.values_list("number", flat=True)
    return (numbers.exclude(pk__in=but).first() if but else None) or numbers.first()


def count_waiting(staff: Staff, wanted: Wanted, *, now: datetime) -> int:
    """How many are left. One query."""
    return _wanted(staff, wanted, now).count()


@dataclass(frozen=True)
class Late:
    """A town where decisions are overdue: how many wait, how many for too long."""

    municipality_id: int
    waiting: int
    late: int


def late_by_town(*, now: datetime) -> list[Late]:
    """Towns in which something waits for longer than its category allows. One query."""
    rows = (
        _timed(Report.objects.filter(open_question()))
        .values("municipality_id")
        .annotate(waiting=Count("pk"), late=Count("pk", filter=_late(now)))
        .filter(late__gt=0)
        .order_by("municipality_id")
    )
    return [Late(**row) for row in rows]


def due_by_time(*, now: datetime) -> QuerySet[Report]:
    """Reports whose category lets them out by now, about which nobody has decided or objected.

    A place on ground that was private when they came in waits for a person where the category
    says so.
    """
    waited = ExpressionWrapper(
        F("received_at") + F("category__publish_after_hours") * timedelta(hours=1),
        output_field=DateTimeField(),
    )
    objected = Objection.objects.filter(report=OuterRef("pk"), ended_at__isnull=True)
    decided = TimelineEntry.objects.filter(
        report=OuterRef("pk"), kind="moderated", actor__isnull=False
    )
    came_in = ExpressionWrapper(OuterRef("received_at"), output_field=DateTimeField())
    private = private_parcels_at(OuterRef("municipality_id"), OuterRef("place"), TruncDate(came_in))
    return (
        Report.objects.filter(
            category__publish_after_hours__isnull=False,
            category__publication_policy=PublicationPolicy.AFTER_APPROVAL,
            narrowed_policy__in=["", PublicationPolicy.AUTOMATIC, PublicationPolicy.AFTER_APPROVAL],
            publication=Publication.PENDING,
            screening=Screening.CLEAR,
            is_confidential=False,
            routed_at__isnull=False,
            restricted_at__isnull=True,
            import_key__isnull=True,
        )
        .exclude(status__in=NEVER_SHOWN_AGAIN)
        .alias(public_from=waited)
        .filter(public_from__lte=now)
        .filter(~Exists(objected), ~Exists(decided))
        .exclude(held_in_a_garden() & Exists(private))
        .order_by("pk")
    )


def _wanted(staff: Staff, wanted: Wanted, now: datetime) -> QuerySet[Report]:
    if wanted.kind == Kind.OBJECTION:
        cases = Report.objects.filter(visible_cases(staff), moderated_by(staff))
        cases = cases.filter(Exists(_objections()), is_confidential=False).exclude(
            status__in=NEVER_SHOWN_AGAIN
        )
    else:
        cases = undecided(staff)
    cases = _timed(cases)
    kinds = {
        Kind.REPORT: Q(publication=Publication.PENDING),
        Kind.TEXT: Q(text_publication=Publication.PENDING),
        Kind.PHOTO: Exists(undecided_photos()),
    }
    if wanted.kind in kinds:
        cases = cases.filter(kinds[wanted.kind])
    if wanted.office_id:
        cases = cases.filter(office_id=wanted.office_id)
    if wanted.category_id:
        cases = cases.filter(category_id=wanted.category_id)
    if wanted.days:
        waited = {"undecided_since__lte": now - timedelta(days=wanted.days)}
        cases = cases.filter(**waited)
    return cases.filter(_late(now)) if wanted.late else cases


def _timed(cases: QuerySet[Report]) -> QuerySet[Report]:
    """With the moment since when the oldest undecided part waits, and until when it should."""
    oldest = (
        undecided_photos().order_by().values("report").annotate(at=Min("created_at")).values("at")
    )
    words = Q(publication=Publication.PENDING) | Q(text_publication=Publication.PENDING)
    photos = (
        undecided_photos().order_by().values("report").annotate(number=Count("pk")).values("number")
    )
    objections = _objections().order_by().values("report").annotate(n=Count("pk")).values("n")
    return cases.annotate(
        undecided_since=Case(
            When(words, then=F("received_at")),
            default=Coalesce(Subquery(oldest), F("received_at")),
            output_field=DateTimeField(),
        ),
        waiting_photos=Coalesce(Subquery(photos), 0),
        standing_objections=Coalesce(Subquery(objections), 0),
    ).annotate(
        decide_by=ExpressionWrapper(
            F("undecided_since") + F("category__decide_within_hours") * timedelta(hours=1),
            output_field=DateTimeField(),
        )
    )


def _objections() -> QuerySet[Objection]:
    return Objection.objects.filter(report=OuterRef("pk"), ended_at__isnull=True)


def _late(now: datetime) -> Q:
    return Q(decide_by__lt=now)


def _id_of(staff: Staff, number: str) -> QuerySet[Report, int]:
    rows = Report.objects.filter(number=number, municipality_id=staff.municipality_id)
    return rows.values_list("pk", flat=True)[:1]


def _row(report: Report, now: datetime) -> Waiting:
    timed = cast("Any", report)
    return Waiting(
        report=report,
        since=timed.undecided_since,
        due_at=timed.decide_by,
        is_late=timed.decide_by is not None and timed.decide_by < now,
        text=report.submission.description,
        waits_report=report.publication == Publication.PENDING,
        waits_text=report.text_publication == Publication.PENDING,
        waits_photos=timed.waiting_photos,
        objections=timed.standing_objections,
    )
