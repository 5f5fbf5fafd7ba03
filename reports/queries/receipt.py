"""What the holder of a receipt sees: the state of the report, what happened, and their own words.

Read with the app's role, for one report whose receipt was shown. Of the timeline only the public
entries are told, without names of staff; notes and reasons between offices stay inside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from reports.actions.publish import may_be_public
from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.models import Contact, Photo, Remark, Report, Screening, Submission, TimelineEntry

_SENTENCES: dict[str, str | Promise] = {
    "received": _("Ihre Meldung ist eingegangen."),
    "taken_over": _("Die Meldung wurde aus einem früheren System übernommen."),
    "routed": _("Zuständig ist: %(office)s."),
    "rerouted": _("Zuständig ist jetzt: %(office)s."),
    "handover_accepted": _("Zuständig ist jetzt: %(office)s."),
    "brought_to_dispatch": _("Die Zuständigkeit wird neu geklärt."),
    "answered": _("Die Verwaltung hat geantwortet."),
    "reopened": _("Die Meldung wird wieder bearbeitet."),
    "withdrawn": _("Sie haben die Meldung zurückgezogen."),
    "entry_taken_back": _("Wir haben die Aufnahme dieser Meldung zurückgenommen."),
    "made_safe": _("Die Stelle wurde gesichert."),
}
_STATUS_SENTENCES: dict[str, str | Promise] = {
    Status.IN_PROGRESS: _("Die Meldung wird bearbeitet."),
    Status.WAITING: _("Die Bearbeitung wartet."),
    Status.DONE: _("Die Meldung ist abgeschlossen."),
    Status.REJECTED: _("Die Meldung wurde geprüft; sie ist nicht umsetzbar."),
    Status.DUPLICATE: _("Die Stelle war schon gemeldet; dort geht es weiter."),
    Status.WITHDRAWN: _("Sie haben die Meldung zurückgezogen."),
    Status.ARCHIVED: _("Die Meldung wurde abgelegt."),
}


@dataclass(frozen=True)
class Step:
    """Something that happened and may be told; empty words where a value does not apply."""

    kind: str
    at: datetime
    sentence: str
    status: str = ""
    closing_reason: str = ""
    waiting_for: str = ""
    planned_date: date | None = None
    office_name: str = ""
    text: str = ""


@dataclass(frozen=True)
class PhotoStatus:
    """What became of a photo: received, ready or failed, and whether the public may see it."""

    ordinal: int
    state: str
    failure_code: str
    publication: str


@dataclass(frozen=True)
class ReceiptView:
    """A report as its sender sees it. Place and times are the real ones.

    `address_state` is none, unconfirmed, expired or confirmed. `is_held` says that the report
    waits for a person to look at it before it is published or answered by mail.
    """

    number: str
    municipality_slug: str
    municipality_name: str
    category_code: str
    category_name: str
    office_name: str
    status: str
    waiting_for: str
    planned_date: date | None
    closing_reason: str
    received_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    lon: float
    lat: float
    accuracy_m: float | None
    place_chosen_by: str
    address: str
    description: str
    answers: dict[str, Any]
    is_danger: bool
    is_held: bool
    is_public: bool
    publication: str
    text_publication: str
    address_state: str
    answer: str
    photos: list[PhotoStatus]
    timeline: list[Step]


def receipt_view(report: Report, *, now: datetime) -> ReceiptView:
    """Everything the holder of the receipt may see of a report, sentences in the active language.

    `report` comes from reports.receipts (municipality, category and office loaded). Up to six
    queries.
    """
    submission = Submission.objects.filter(report=report).first() or Submission()
    timeline = _timeline(report)
    return ReceiptView(
        number=report.number,
        municipality_slug=report.municipality.slug,
        municipality_name=report.municipality.name,
        category_code=report.category.code,
        category_name=report.category.name,
        office_name=report.office.name if report.office else "",
        status=report.status,
        waiting_for=report.waiting_for or "",
        planned_date=report.planned_date,
        closing_reason=report.closing_reason or "",
        received_at=report.received_at,
        updated_at=report.updated_at,
        closed_at=report.closed_at,
        lon=report.place.x,
        lat=report.place.y,
        accuracy_m=report.accuracy_m,
        place_chosen_by=report.place_chosen_by,
        address=submission.address,
        description=submission.description,
        answers=submission.answers,
        is_danger=report.is_danger,
        is_held=report.screening == Screening.HELD,
        is_public=may_be_public(report),
        publication=report.publication,
        text_publication=report.text_publication,
        address_state=_address_state(report, now),
        answer=next((step.text for step in reversed(timeline) if step.text), ""),
        photos=_photos(report),
        timeline=timeline,
    )


def _photos(report: Report) -> list[PhotoStatus]:
    rows = Photo.objects.filter(report=report).order_by("ordinal")
    columns = rows.values_list("ordinal", "state", "failure_code", "publication")
    return [PhotoStatus(*values) for values in columns]


def _address_state(report: Report, now: datetime) -> str:
    contact = Contact.objects.filter(report=report).exclude(email="").first()
    if contact is None:
        return "none"
    if contact.email_confirmed_at is not None:
        return "confirmed"
    late = contact.confirm_until is None or contact.confirm_until < now
    return "expired" if late else "unconfirmed"


def _timeline(report: Report) -> list[Step]:
    entries = list(TimelineEntry.objects.filter(report=report, is_public=True).order_by("seq"))
    offices = _office_names(entries)
    answers = _answers(report, entries)
    return [_step(entry, offices, answers.get(entry.remark_id or 0, "")) for entry in entries]


def _step(entry: TimelineEntry, offices: dict[int, str], text: str) -> Step:
    data = entry.data
    office = offices.get(data.get("office", 0), "")
    return Step(
        kind=entry.kind,
        at=entry.at,
        sentence=_sentence(entry, office),
        status=_known(data.get("to"), Status),
        closing_reason=_known(data.get("reason"), ClosingReason),
        waiting_for=_known(data.get("waiting_for"), WaitingFor),
        planned_date=parse_date(data.get("planned_date") or ""),
        office_name=office,
        text=text,
    )


def _sentence(entry: TimelineEntry, office: str) -> str:
    by_status = _STATUS_SENTENCES.get(entry.data.get("to", ""))
    sentence = str(_SENTENCES.get(entry.kind) or by_status or "")
    return sentence % {"office": office} if "%(" in sentence else sentence


def _known(value: Any, words: Iterable[str]) -> str:
    return str(value) if value in set(words) else ""


def _office_names(entries: Iterable[TimelineEntry]) -> dict[int, str]:
    wanted = {entry.data["office"] for entry in entries if entry.data.get("office")}
    return dict(Office.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _answers(report: Report, entries: Iterable[TimelineEntry]) -> dict[int, str]:
    """Answers only: other remarks are internal even where an entry beside them is public."""
    wanted = {entry.remark_id for entry in entries if entry.remark_id and entry.data.get("answer")}
    if not wanted:
        return {}
    rows = Remark.objects.filter(report=report, pk__in=wanted, kind=Remark.Kind.ANSWER)
    return dict(rows.values_list("pk", "body"))
