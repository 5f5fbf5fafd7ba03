"""What staff see: their queue with its counters. Every list here asks a fixed number of queries."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.absence import represented_by
from accounts.models import Office
from reports.lifecycle import CLOSED, OPEN, Status, WaitingFor
from reports.models import (
    DangerAlert,
    Handover,
    Photo,
    PhotoState,
    Priority,
    Publication,
    Report,
    Screening,
)
from reports.pauses import resting
from reports.policies import Staff, may_work, moderated_by, visible_cases
from reports.queries.assets import about_thing
from reports.queries.offers import receives
from reports.queries.silence import awaiting_interim
from routing.models import Category, Rule

PAGE = 50
SOON = timedelta(days=2)
NEVER_DUE = datetime(9999, 1, 1, tzinfo=UTC)


class Urgency(IntEnum):
    """Why a case stands where it does in a queue; the smallest number comes first."""

    DANGER = 0
    OFFERED = 1
    OVERDUE = 2
    DUE_SOON = 3
    NEW = 4
    MINE = 5
    OTHER = 6


class Tab(StrEnum):
    NOW = "jetzt"
    DANGER = "gefahr"
    MINE = "meine"
    OFFERED = "angeboten"
    NEW = "neu"
    OVERDUE = "ueberfaellig"
    SOON = "bald-faellig"
    INTERIM = "zwischennachricht"
    RESTING = "frist-ruht"
    HELD = "zurueckgehalten"
    HELD_TOO_LONG = "zu-lange-zurueckgehalten"
    SPAM = "spam"
    UNREAD = "nachrichten"
    OPEN = "offen"
    CLOSED = "abgeschlossen"


TAB_LABELS = {
    Tab.NOW: _("Jetzt wichtig"),
    Tab.DANGER: _("Gefahr"),
    Tab.MINE: _("Meine"),
    Tab.OFFERED: _("Uns angeboten"),
    Tab.NEW: _("Neu"),
    Tab.OVERDUE: _("Überfällig"),
    Tab.SOON: _("Bald fällig"),
    Tab.INTERIM: _("Zwischennachricht"),
    Tab.RESTING: _("Frist ruht"),
    Tab.HELD: _("Zurückgehalten"),
    Tab.HELD_TOO_LONG: _("Zu lange zurückgehalten"),
    Tab.SPAM: _("Spam"),
    Tab.UNREAD: _("Neue Nachrichten"),
    Tab.OPEN: _("Alle offenen"),
    Tab.CLOSED: _("Abgeschlossen"),
}


@dataclass(frozen=True)
class Filters:
    """What a queue is narrowed to; a search looks at all visible cases, also closed ones."""

    office_id: int | None = None
    category_id: int | None = None
    status: Status | None = None
    mine: bool = False
    search: str = ""
    priority: str = ""
    tag: str = ""
    by_priority: bool = False

    @property
    def any(self) -> bool:
        """Whether fewer cases are shown; their order is no filter."""
        return replace(self, by_priority=False) != Filters()


@dataclass(frozen=True)
class QueueRow:
    """One line of a queue."""

    report: Report
    urgency: Urgency
    excerpt: str
    address: str
    photo_count: int
    thumbnail: int | None  # place of the first photo with a safe copy


@dataclass(frozen=True)
class QueuePage:
    """At most PAGE rows and the mark from which the next page continues, empty on the last."""

    rows: Sequence[QueueRow]
    next_mark: str = ""


@dataclass(frozen=True)
class Choices:
    """What the filters offer."""

    offices: Sequence[Office] = field(default_factory=list)
    categories: Sequence[Category] = field(default_factory=list)
    tags: Sequence[str] = field(default_factory=list)


def queue(staff: Staff, tab: Tab, filters: Filters, *, now: datetime, mark: str = "") -> QueuePage:
    """One page of a tab, most urgent first (closed and found ones: newest first). Two queries.

    `mark` continues an earlier page as of the moment that page was drawn, so that no case is
    skipped because it became urgent in between.
    """
    order = _order(tab, filters)
    continued = _read_mark(mark)
    as_of = continued.as_of if continued else now
    cases = _annotated(staff, as_of).filter(_narrow(staff, tab, filters, as_of))
    if continued:
        cases = cases.filter(order.after(continued))
    reports = list(cases.order_by(*order.fields)[: PAGE + 1])
    more = len(reports) > PAGE
    last = order.mark(reports[PAGE - 1], as_of) if more else None
    return QueuePage(_rows(reports[:PAGE]), _write_mark(last) if last else "")


def _order(tab: Tab, filters: Filters) -> "_Newest | _MostUrgent":
    if filters.by_priority:
        return _MostUrgent("pressing")
    return _Newest() if tab == Tab.CLOSED or filters.search else _MostUrgent("urgency")


@dataclass(frozen=True)
class DangerRow:
    """A danger nobody has taken on yet, and whether this person may."""

    report: Report
    may_acknowledge: bool


def unacknowledged_dangers(staff: Staff) -> list[DangerRow]:
    """Open danger cases that nobody has taken on yet, oldest first; at most five. One query."""
    alerts = DangerAlert.objects.filter(report=OuterRef("pk"), person_id=staff.user_id)
    dangers = (
        Report.objects.filter(visible_cases(staff), _DANGER, status__in=OPEN)
        .annotate(was_alerted=Exists(alerts))
        .select_related("category", "district", "submission")
        .defer("district__geometry")
        .order_by("received_at", "pk")
    )
    return [
        DangerRow(report, may_work(staff, report) or report.was_alerted) for report in dangers[:5]
    ]


def find_number(staff: Staff, number: str) -> Report | None:
    """The visible case with exactly this number, so that typing it opens it. One query."""
    found = Report.objects.filter(visible_cases(staff), number=number.strip().upper())
    return found.only("number").first()


def visible_photo(staff: Staff, number: str, ordinal: int) -> Photo | None:
    """A photo of a case this person may see, by its place in the report. One query."""
    cases = Report.objects.filter(visible_cases(staff), number=number)
    return Photo.objects.filter(report__in=cases, ordinal=ordinal).first()


def choices(staff: Staff) -> Choices:
    """Offices, categories and tags of the municipality for the filters. Three queries."""
    town = staff.municipality_id
    return Choices(
        offices=list(Office.objects.filter(municipality_id=town).order_by("number", "name")),
        categories=list(
            Category.objects.filter(municipality_id=town, parent__isnull=False)
            .select_related("parent")
            .order_by("parent__sort_order", "parent__name", "sort_order", "name")
        ),
        tags=_tags(town),
    )


def _tags(municipality_id: int) -> list[str]:
    """The tags that rules of the town give or gave."""
    given = Rule.objects.filter(municipality_id=municipality_id).exclude(tags=[])
    tags = given.annotate(tag=Func("tags", function="unnest")).values_list("tag", flat=True)
    return sorted(set(tags))


def tab_filter(tab: Tab, staff: Staff, now: datetime) -> Q:
    """Which cases stand in a tab, of those a person may see."""
    conditions = {
        Tab.NOW: _ALONE & _TO_WORK_ON & _needs(staff, now),
        Tab.DANGER: _DANGER,
        Tab.MINE: _mine(staff, now),
        Tab.OFFERED: _offered_to(staff),
        Tab.NEW: _ALONE & _TO_WORK_ON & _NEW,
        Tab.OVERDUE: _ALONE & _TO_WORK_ON & _overdue(now),
        Tab.SOON: _ALONE & _TO_WORK_ON & _due_soon(now),
        Tab.RESTING: _TO_WORK_ON & resting(now),
        Tab.INTERIM: _ALONE & _TO_WORK_ON & awaiting_interim(),
        Tab.HELD: Q(screening=Screening.HELD),
        Tab.HELD_TOO_LONG: _held_too_long(now),
        Tab.SPAM: Q(screening=Screening.SPAM),
        Tab.OPEN: _TO_WORK_ON,
    }
    if tab == Tab.CLOSED:
        return Q(status__in=CLOSED)
    if tab == Tab.UNREAD:
        # People also write about cases that are closed, and nobody would look there.
        return UNREAD & (_own_queue(staff) | _mine(staff, now))
    return Q(status__in=OPEN) & conditions[tab]


# What is held back is looked at before it is worked on; dangers wait for nobody.
_TO_WORK_ON = Q(screening=Screening.CLEAR) | Q(screening=Screening.HELD, is_danger=True)
# Cases of an incident are answered there; a danger stays in sight until somebody takes it on.
_ALONE = Q(incident__isnull=True) | Q(is_danger=True, danger_acknowledged_at__isnull=True)
_DANGER = _TO_WORK_ON & Q(is_danger=True, danger_acknowledged_at__isnull=True)
_NEW = Q(status=Status.RECEIVED, assignee__isnull=True)
NEVER_SHOWN_AGAIN = [Status.WITHDRAWN, Status.ARCHIVED]
UNREAD = Q(unread_since__isnull=False) & ~Q(screening=Screening.SPAM)


def _held_too_long(now: datetime) -> Q:
    allowed = F("municipality__held_hours") * timedelta(hours=1)
    return Q(screening=Screening.HELD, received_at__lt=now - allowed)


def _overdue(now: datetime) -> Q:
    unanswered = Q(first_answered_at__isnull=True, first_answer_due_at__lt=now)
    planned_before = Q(
        waiting_for=WaitingFor.PLANNED_DATE, planned_date__lt=timezone.localdate(now)
    )
    return ~resting(now) & (Q(due_at__lt=now) | unanswered | planned_before)


def _due_soon(now: datetime) -> Q:
    return ~resting(now) & Q(due_at__lt=now + SOON) & ~_overdue(now)


def _mine(staff: Staff, now: datetime) -> Q:
    """The own cases, and those of people one stands in for today."""
    represented = represented_by(staff.user_id, timezone.localdate(now))
    return Q(assignee_id=staff.user_id) | Q(assignee_id__in=represented)


def _offered_to(staff: Staff) -> Q:
    waiting = Handover.objects.filter(receives(staff), state=Handover.State.OFFERED)
    return Q(pk__in=waiting.values("report_id"))


def open_question() -> Q:
    """Cases with a part that waits for approval and may be public at all, whoever sees them."""
    words = Q(publication=Publication.PENDING) | Q(text_publication=Publication.PENDING)
    shown = ~Q(publication=Publication.WITHHELD) & ~Q(status__in=NEVER_SHOWN_AGAIN)
    ours = Q(is_confidential=False, screening=Screening.CLEAR)
    return (words | Exists(undecided_photos())) & shown & ours


def undecided_photos() -> QuerySet[Photo]:
    """Photos of the case around it that wait for approval."""
    return Photo.objects.filter(
        publication=Publication.PENDING, state=PhotoState.READY, report=OuterRef("pk")
    )


def undecided(staff: Staff) -> QuerySet[Report]:
    """Those of them that this person sees and decides on."""
    return Report.objects.filter(visible_cases(staff), moderated_by(staff)).filter(open_question())


def _own_queue(staff: Staff) -> Q:
    """Cases of the own offices; to a dispatcher come those of the dispatch office."""
    own = Q(office_id__in=staff.offices)
    return own | Q(office__is_dispatch=True) if staff.is_dispatcher else own


def _needs(staff: Staff, now: datetime) -> Q:
    """What waits for this person now: nobody's urgent cases and all that is theirs."""
    pressing = _NEW | _overdue(now) | _due_soon(now) | UNREAD
    untaken = _own_queue(staff) & Q(assignee__isnull=True) & pressing
    return _DANGER | _offered_to(staff) | _mine(staff, now) | untaken


def _annotated(staff: Staff, now: datetime) -> QuerySet[Report]:
    urgency = Case(
        When(_DANGER & Q(status__in=OPEN), then=Urgency.DANGER),
        When(status__in=CLOSED, then=Urgency.OTHER),
        When(_offered_to(staff), then=Urgency.OFFERED),
        When(_overdue(now), then=Urgency.OVERDUE),
        When(_due_soon(now), then=Urgency.DUE_SOON),
        When(_NEW, then=Urgency.NEW),
        When(_mine(staff, now), then=Urgency.MINE),
        default=Urgency.OTHER,
        output_field=IntegerField(),
    )
    never = Value(NEVER_DUE, output_field=DateTimeField())
    return (
        Report.objects.filter(visible_cases(staff))
        .annotate(urgency=urgency, due_key=Coalesce(F("due_at"), never))
        .annotate(pressing=_pressing())
        .select_related("category__parent", "office", "assignee", "district", "submission")
        .defer("district__geometry")
    )


def _pressing() -> Case:
    """Dangers first, then by what rules and repeated failure say, within that by urgency."""
    ranks = [Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW]
    steps = [When(priority=name, then=10 * rank + F("urgency")) for rank, name in enumerate(ranks)]
    danger = When(urgency=Urgency.DANGER, then=Value(-1))
    return Case(danger, *steps, default=Value(99), output_field=IntegerField())


def _narrow(staff: Staff, tab: Tab, filters: Filters, now: datetime) -> Q:
    narrowed = Q()
    if filters.search:
        narrowed &= _found(filters.search) | about_thing(staff, filters.search)
    else:
        narrowed &= tab_filter(tab, staff, now)
    if filters.office_id:
        narrowed &= Q(office_id=filters.office_id)
    if filters.category_id:
        narrowed &= Q(category_id=filters.category_id)
    if filters.status:
        narrowed &= Q(status=filters.status)
    if filters.priority:
        narrowed &= Q(priority=filters.priority)
    if filters.tag:
        narrowed &= Q(tags__contains=[filters.tag])
    if filters.mine:
        narrowed &= _mine(staff, now)
    return narrowed


def _found(search: str) -> Q:
    words = search.strip()
    return (
        Q(number__icontains=words)
        | Q(submission__description__icontains=words)
        | Q(submission__address__icontains=words)
    )


def _rows(reports: Sequence[Report]) -> list[QueueRow]:
    photos: dict[int, list[tuple[int, str]]] = {}
    listed = Photo.objects.filter(report__in=[report.pk for report in reports])
    for pk, ordinal, state in listed.order_by("ordinal").values_list(
        "report_id", "ordinal", "state"
    ):
        photos.setdefault(pk, []).append((ordinal, state))
    return [_row(report, photos.get(report.pk, [])) for report in reports]


def _row(report: Report, photos: Sequence[tuple[int, str]]) -> QueueRow:
    ready = [ordinal for ordinal, state in photos if state == PhotoState.READY]
    return QueueRow(
        report=report,
        urgency=Urgency(report.urgency),  # type: ignore[attr-defined]
        excerpt=report.submission.description,
        address=report.submission.address,
        photo_count=len(photos),
        thumbnail=ready[0] if ready else None,
    )


@dataclass(frozen=True)
class _Mark:
    """Where a page ended: the sort values of its last row and the moment it was drawn."""

    as_of: datetime
    urgency: int
    moment: datetime
    number: str

    @property
    def is_sane(self) -> bool:
        """Whether the database can be asked for it; a link may hold anything."""
        times = (self.as_of, self.moment)
        usable = all(time.tzinfo == UTC and time.year > 1 for time in times)
        return usable and self.as_of.year < 9999 and "\x00" not in self.number


class _MostUrgent:
    def __init__(self, key: str) -> None:
        self.key = key
        self.fields = (key, "due_key", "number")

    def after(self, mark: _Mark) -> Q:
        same = Q(**{self.key: mark.urgency})
        return (
            Q(**{f"{self.key}__gt": mark.urgency})
            | same & Q(due_key__gt=mark.moment)
            | same & Q(due_key=mark.moment, number__gt=mark.number)
        )

    def mark(self, last: Report, as_of: datetime) -> _Mark:
        return _Mark(as_of, getattr(last, self.key), last.due_key, last.number)  # type: ignore[attr-defined]


class _Newest:
    fields = ("-received_at", "-number")

    def after(self, mark: _Mark) -> Q:
        return Q(received_at__lt=mark.moment) | Q(received_at=mark.moment, number__lt=mark.number)

    def mark(self, last: Report, as_of: datetime) -> _Mark:
        return _Mark(as_of, 0, last.received_at, last.number)


def _write_mark(mark: _Mark) -> str:
    values = [mark.as_of.isoformat(), mark.urgency, mark.moment.isoformat(), mark.number]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _read_mark(text: str) -> _Mark | None:
    """The mark from a link; None for none and for one that was tampered with."""
    try:
        as_of, urgency, moment, number = json.loads(base64.urlsafe_b64decode(text))
        mark = _Mark(
            datetime.fromisoformat(as_of), int(urgency), datetime.fromisoformat(moment), str(number)
        )
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        return None
    return mark if mark.is_sane else None
