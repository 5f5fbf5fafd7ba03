"""Take over cases of another system with their dates, states and offices; nobody is mailed.

Records are written in batches. A record is known by its key in the old system: taking the same
file over twice makes nothing twice.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.contrib.gis.geos.prepared import PreparedGeometry
from django.db import connection, transaction

from accounts.models import Municipality, Office
from leases.models import Lane
from reports.actions.submit import first_publication
from reports.actors import SYSTEM
from reports.draft import Sender
from reports.history import hash_of
from reports.lifecycle import CLOSED, ClosingReason, Status, WaitingFor
from reports.models import (
    Contact,
    Effect,
    PlaceChosenBy,
    Publication,
    Remark,
    Report,
    RoutingDecision,
    Source,
    Submission,
    TimelineEntry,
)
from reports.personal_data import find_in, sure
from routing.models import Area, AreaLevel, Category, PublicationPolicy

BATCH = 500
KEY_LIMIT = 120
# Old systems like to write a date of their own for "unknown": 1.1.0001, 1.1.1900.
FIRST_YEAR = 1901


@dataclass(frozen=True)
class OldRecord:
    """One case of another system as values; times aware, lon/lat WGS84."""

    key: str
    category_code: str
    lon: float
    lat: float
    received_at: datetime
    status: Status = Status.RECEIVED
    description: str = ""
    address: str = ""
    office_key: str = ""
    closed_at: datetime | None = None
    closing_reason: ClosingReason | None = None
    answer: str = ""
    answered_at: datetime | None = None
    source: Source = Source.IMPORT
    place_chosen_by: PlaceChosenBy = PlaceChosenBy.IMPORT
    accuracy_m: float | None = None
    language: str = "de"
    answers: dict[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    sender: Sender = field(default_factory=Sender)
    waiting_for: WaitingFor = WaitingFor.THIRD_PARTY
    is_danger: bool = False
    is_confidential: bool = False
    text_approved: bool = False
    report_approved: bool = False


@dataclass(frozen=True)
class Refused:
    """A record that was not taken over: its key, a stable code, and why in words."""

    key: str
    code: str
    message: str


@dataclass
class Outcome:
    """What a run did. `numbers` maps the old key of every new case to its receipt number."""

    taken: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Book:
    town: Municipality
    offices: dict[str, Office]
    categories: dict[str, Category]
    districts: Sequence[tuple[int, PreparedGeometry]]
    now: datetime


def take_over(
    town: Municipality,
    records: Iterable[OldRecord],
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Outcome:
    """Take records over in batches of 500, each in one transaction; tells `progress` the count.

    Cases without an office are routed by the usual effect, on the lane for bulk work.
    """
    book = _Book(
        town,
        {office.key: office for office in Office.objects.filter(municipality=town)},
        {
            category.code: category
            for category in Category.objects.filter(municipality=town).select_related("parent")
        },
        _districts(town, now),
        now,
    )
    outcome, batch, seen = Outcome(), [], 0
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            seen += len(batch)
            _take_batch(book, batch, outcome)
            progress(seen)
            batch = []
    if batch:
        _take_batch(book, batch, outcome)
        progress(seen + len(batch))
    return outcome


def _districts(town: Municipality, now: datetime) -> list[tuple[int, PreparedGeometry]]:
    """Today's districts, in the order that decides on a shared edge."""
    areas = Area.objects.filter(municipality=town, level=AreaLevel.DISTRICT)
    today = now.astimezone(town.tz).date()
    rows = areas.valid_on(today).order_by("key", "pk").values_list("pk", "geometry")
    return [(pk, geometry.prepared) for pk, geometry in rows]


def _take_batch(book: _Book, batch: Sequence[OldRecord], outcome: Outcome) -> None:
    keys = [record.key for record in batch]
    known = set(
        Report.objects.filter(municipality=book.town, import_key__in=keys).values_list(
            "import_key", flat=True
        )
    )
    inside = _inside(book.town, batch)
    fresh: dict[str, OldRecord] = {}
    for record in batch:
        if record.key in known or record.key in fresh:
            outcome.known += 1
        elif (refusal := _why_not(book, record, inside)) is not None:
            outcome.refused.append(refusal)
        else:
            fresh[record.key] = record
    with transaction.atomic():
        for report in _write(book, list(fresh.values())):
            outcome.numbers[str(report.import_key)] = report.number
    outcome.taken += len(fresh)


def _inside(town: Municipality, batch: Sequence[OldRecord]) -> set[str]:
    covered = town.coverage.prepared
    return {
        record.key for record in batch if covered.covers(Point(record.lon, record.lat, srid=4326))
    }


def _why_not(book: _Book, record: OldRecord, inside: set[str]) -> Refused | None:
    if record.key not in inside:
        return Refused(record.key, "outside", f"Ort außerhalb von {book.town.name}")
    if len(record.key) > KEY_LIMIT:
        return Refused(record.key, "key_too_long", f"Schlüssel mit mehr als {KEY_LIMIT} Zeichen")
    if record.category_code not in book.categories:
        return Refused(record.key, "unknown_category", f"Anliegenart {record.category_code!r}")
    if record.office_key and record.office_key not in book.offices:
        return Refused(record.key, "unknown_office", f"Amt {record.office_key!r}")
    return _why_not_these_times(book, record)


def _why_not_these_times(book: _Book, record: OldRecord) -> Refused | None:
    received = record.received_at
    if received.year < FIRST_YEAR:
        return Refused(record.key, "implausible_date", f"Eingang im Jahr {received.year}")
    later = [at for at in (record.closed_at, record.answered_at) if at is not None]
    if max([received, *later]) > book.now:
        return Refused(record.key, "in_the_future", f"Eingang {received:%d.%m.%Y}, Ende später")
    if min([received, *later]) < received:
        return Refused(
            record.key, "ends_before_it_began", f"Ende vor dem Eingang am {received:%d.%m.%Y}"
        )
    return None


def _write(book: _Book, records: Sequence[OldRecord]) -> list[Report]:
    numbers = _next_numbers(book.town, records)
    reports = Report.objects.bulk_create(
        _report(book, record, number) for record, number in zip(records, numbers, strict=True)
    )
    pairs = list(zip(records, reports, strict=True))
    Submission.objects.bulk_create(
        Submission(
            report=report,
            description=record.description,
            address=record.address[:200],
            answers=record.answers,
        )
        for record, report in pairs
    )
    _write_contacts(pairs)
    _write_history(book, pairs)
    _write_decisions(pairs)
    _owe_in_bulk(pairs)
    return reports


def _report(book: _Book, record: OldRecord, number: str) -> Report:
    closed = record.status in CLOSED
    waiting = record.status == Status.WAITING
    category = book.categories[record.category_code]
    office = book.offices.get(record.office_key)
    point = Point(record.lon, record.lat, srid=4326)
    last = record.closed_at or record.answered_at or record.received_at
    return Report(
        municipality=book.town,
        number=number,
        source=record.source,
        language=record.language,
        import_key=record.key,
        place=point,
        district_id=next((pk for pk, area in book.districts if area.covers(point)), None),
        accuracy_m=record.accuracy_m,
        place_chosen_by=record.place_chosen_by,
        category=category,
        office=office,
        office_chosen_by_hand=office is not None,
        routed_at=record.received_at if office else None,
        status=record.status,
        waiting_for=record.waiting_for if waiting else None,
        waiting_since=last if waiting else None,
        closing_reason=_reason(record) if closed else None,
        closed_at=last if closed else None,
        first_answered_at=record.answered_at,
        is_danger=record.is_danger,
        is_confidential=record.is_confidential,
        publication=_publication(record, category),
        text_publication=_text_publication(record, category),
        received_at=record.received_at,
        updated_at=last,
    )


def _reason(record: OldRecord) -> ClosingReason | None:
    if record.closing_reason or record.status in {Status.WITHDRAWN, Status.ARCHIVED}:
        return record.closing_reason
    return ClosingReason.NOT_POSSIBLE if record.status == Status.REJECTED else ClosingReason.DONE


def _publication(record: OldRecord, category: Category) -> Publication:
    if record.is_confidential:
        return Publication.WITHHELD
    first = first_publication(category)
    if record.report_approved and first == Publication.PENDING:
        return Publication.APPROVED
    return first


def _text_publication(record: OldRecord, category: Category) -> Publication:
    silent = category.publication_policy in {PublicationPolicy.NEVER, PublicationPolicy.COARSE}
    if silent or record.is_confidential or not record.description:
        return Publication.WITHHELD
    if not record.text_approved or sure(find_in(record.description, category.municipality_id)):
        # What the other system let pass is looked at again before it is public here.
        return Publication.PENDING
    return Publication.APPROVED


def _next_numbers(town: Municipality, records: Sequence[OldRecord]) -> list[str]:
    years = [record.received_at.astimezone(town.tz).year for record in records]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reports_next_number(%s, year) FROM unnest(%s::int[]) WITH ORDINALITY"
            " AS wanted (year, position) ORDER BY position",
            [town.pk, years],
        )
        serials = [row[0] for row in cursor.fetchall()]
    return [
        f"{town.receipt_prefix}-{year}-{serial:06d}"
        for year, serial in zip(years, serials, strict=True)
    ]


_Pairs = Sequence[tuple[OldRecord, Report]]


def _write_contacts(pairs: _Pairs) -> None:
    # An address counts as confirmed, as it was over there: its owner hears of later changes.
    Contact.objects.bulk_create(
        Contact(
            report=report,
            name=record.sender.name,
            email=record.sender.email,
            phone=record.sender.phone,
            email_confirmed_at=record.received_at if record.sender.email else None,
        )
        for record, report in pairs
        if record.sender != Sender()
    )


def _write_history(book: _Book, pairs: _Pairs) -> None:
    remarks = _write_remarks(pairs)
    TimelineEntry.objects.bulk_create(
        entry
        for record, report in pairs
        for entry in _story(book, record, report, remarks.get(report.pk, []))
    )


def _story(
    book: _Book, record: OldRecord, report: Report, remarks: Sequence[Remark]
) -> Iterator[TimelineEntry]:
    yield _entry(report, "received", record.received_at, public=True, source=record.source.value)
    if report.office_id:
        office = {"office": report.office_id, "basis": "import"}
        yield _entry(report, "routed", record.received_at, public=True, **office)
    for remark in remarks:
        yield _entry_of_remark(report, remark)
    if record.status != Status.RECEIVED:
        moved = {"from": Status.RECEIVED.value, "to": record.status.value}
        yield _entry(report, "status_changed", report.updated_at, public=True, **moved)
    yield _entry(report, "taken_over", book.now)


def _write_remarks(pairs: _Pairs) -> dict[int, list[Remark]]:
    remarks = [
        Remark(report=report, kind=kind, body=body, salt=secrets.token_hex(16), created_at=at)
        for record, report in pairs
        for kind, body, at in (
            *((Remark.Kind.NOTE, note, record.received_at) for note in record.notes),
            (Remark.Kind.ANSWER, record.answer, record.answered_at or report.updated_at),
        )
        if body
    ]
    by_report: dict[int, list[Remark]] = {}
    for remark in Remark.objects.bulk_create(remarks):
        by_report.setdefault(remark.report_id, []).append(remark)
    return by_report


def _entry_of_remark(report: Report, remark: Remark) -> TimelineEntry:
    answer = remark.kind == Remark.Kind.ANSWER
    entry = _entry(
        report,
        "answered" if answer else "noted",
        remark.created_at,
        public=answer,
        **({"answer": True} if answer else {}),
    )
    entry.remark_id, entry.remark_hash = remark.pk, hash_of(remark)
    return entry


def _entry(
    report: Report, kind: str, at: datetime, *, public: bool = False, **data: Any
) -> TimelineEntry:
    return TimelineEntry(
        report=report, kind=kind, at=at, actor_kind=SYSTEM.kind, is_public=public, data=data
    )


def _write_decisions(pairs: _Pairs) -> None:
    RoutingDecision.objects.bulk_create(
        RoutingDecision(
            report=report,
            office_id=report.office_id,
            basis="import",
            sentences=["Zuständigkeit aus dem früheren System übernommen."],
            decided_at=record.received_at,
        )
        for record, report in pairs
        if report.office_id
    )


def _owe_in_bulk(pairs: _Pairs) -> None:
    effects = []
    for _record, report in pairs:
        if report.office_id is None:
            effects.append(_effect(report, Effect.Kind.ROUTE, 1))
        if report.publication == Publication.APPROVED:
            report.publication_revision = 1
            effects.append(_effect(report, Effect.Kind.PUBLISH, 1))
    Effect.objects.bulk_create(effects)
    Report.objects.filter(
        pk__in=[report.pk for _record, report in pairs if report.publication_revision]
    ).update(publication_revision=1)


def _effect(report: Report, kind: Effect.Kind, version: int) -> Effect:
    return Effect(report=report, kind=kind, version=version, lane=Lane.BULK)
