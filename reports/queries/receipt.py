"""What the holder of a receipt sees: the state of the report, what happened, and their own words.

Read with the app's role, for one report whose receipt was shown. Of the timeline only the public
entries are told, without names of staff; notes and reasons between offices stay inside.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from places.geometry import metres_between
from reports.actions.publish import may_be_public
from reports.additions import closed_to_citizens
from reports.feedback_window import feedback_until, was_asked_in_incident
from reports.lifecycle import MOVES, ClosingReason, Status, WaitingFor
from reports.models import (
    ActorKind,
    Contact,
    Photo,
    PhotoState,
    Remark,
    Report,
    RoutingDecision,
    Screening,
    Submission,
    TimelineEntry,
)
from reports.open_question import OpenQuestion
from reports.participation import Feedback, Objection, Wish
from reports.queries.bodies import Sharing, sharing_of
from reports.queries.forecast import Forecast, forecast_of
from reports.queries.passed import name_in, names_of_others

_SENTENCES: dict[str, str | Promise] = {
    "received": _("Ihre Meldung ist eingegangen."),
    "taken_over": _("Die Meldung wurde aus einem früheren System übernommen."),
    "routed": _("Zuständig ist: %(office)s."),
    "rerouted": _("Zuständig ist jetzt: %(office)s."),
    "notice_given": _("Zu Ihrer Meldung gibt es einen Hinweis."),
    "reorganised": _("Zuständig ist jetzt: %(office)s."),
    "handover_accepted": _("Zuständig ist jetzt: %(office)s."),
    "brought_to_dispatch": _("Die Zuständigkeit wird neu geklärt."),
    "passed_on": _("Ihre Meldung ist weitergegeben an: %(office)s."),
    "came_from_town": _("Die Meldung kam von einer anderen Kommune."),
    "town_answered": _("Die Kommune, die jetzt zuständig ist, hat geantwortet."),
    "town_ended": _("Die Kommune, die jetzt zuständig ist, hat die Meldung abgeschlossen."),
    "answered": _("Die Verwaltung hat geantwortet."),
    "reopened": _("Die Meldung wird wieder bearbeitet."),
    "withdrawn": _("Sie haben die Meldung zurückgezogen."),
    "entry_taken_back": _("Wir haben die Aufnahme dieser Meldung zurückgenommen."),
    "made_safe": _("Die Stelle wurde gesichert."),
    "repaired": _("Die Stelle wurde repariert."),
    "interim_sent": _("Es dauert länger; wir haben Sie nicht vergessen."),
    "citizen_wrote": _("Sie haben geschrieben."),
    "question_answered": _("Sie haben unsere Frage beantwortet."),
    "photo_added": _("Sie haben ein Foto ergänzt."),
    "partner_wrote": _("Über die App, mit der Sie gemeldet haben, kam eine Nachricht."),
    "objected": _("Sie haben der Veröffentlichung widersprochen."),
    "right_requested": _("Sie haben einen Antrag zu Ihren Daten gestellt."),
    "right_granted": _("Ihr Antrag zu Ihren Daten ist erfüllt."),
    "right_refused": _("Ihr Antrag zu Ihren Daten ist abgelehnt."),
    "objection_overruled": _(
        "Ihr Widerspruch wurde geprüft; über die Freigabe wird neu entschieden."
    ),
}
_FEEDBACK_SENTENCES: dict[bool, str | Promise] = {
    True: _("Sie haben gesagt: Es ist in Ordnung."),
    False: _("Sie haben gesagt: Es ist noch nicht in Ordnung."),
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
    own_words: bool = False


@dataclass(frozen=True)
class PhotoStatus:
    """What became of a photo: received, ready or failed, and whether the public may see it.

    `replaces` is the place of the unreadable photo this one was sent for; `is_replaced` says that
    there is one for this photo. `taken_at`, `taken_lon`, `taken_lat` (WGS84) are what the camera
    claims, for the sender alone, and `taken_distance_m` how far that is from the report's place.
    """

    ordinal: int
    state: str
    failure_code: str
    publication: str
    replaces: int | None = None
    is_replaced: bool = False
    taken_at: datetime | None = None
    taken_lon: float | None = None
    taken_lat: float | None = None
    taken_distance_m: int | None = None


@dataclass(frozen=True)
class FeedbackState:
    """Whether "Stimmt das?" is asked, until when, and what was answered."""

    open_until: datetime | None = None
    is_fixed: bool | None = None
    satisfaction: int | None = None


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
    office_phone: str
    question: OpenQuestion | None
    forecast: Forecast
    feedback: FeedbackState
    wants: str
    objections: list[str]
    photos_left: int
    actions: list[str]
    sharing: list[Sharing]


def receipt_view(report: Report, *, now: datetime) -> ReceiptView:
    """Everything the holder of the receipt may see of a report, sentences in the active language.

    `report` comes from reports.receipts (municipality, category and office loaded). Up to thirteen
    queries.
    """
    submission = Submission.objects.filter(report=report).first() or Submission()
    entries = list(TimelineEntry.objects.filter(report=report, is_public=True).order_by("seq"))
    timeline = _timeline(report, entries)
    # Without a name or an address there is nothing to share.
    known = Contact.objects.filter(report=report, erased_at__isnull=True).first()
    contact = known if known is not None and known.email else None
    photos = _photos(report)
    feedback = _feedback(report, contact, now)
    question = _question(report, entries, timeline)
    left = _photos_left(report, photos)
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
        address_state=_address_state(contact, now),
        answer=_last_answer(timeline),
        photos=photos,
        timeline=timeline,
        office_phone=report.office.phone if report.office else "",
        question=question,
        forecast=forecast_of(report, now=now),
        feedback=feedback,
        wants=contact.wants if contact else "",
        objections=_objections(report),
        photos_left=left,
        actions=_actions(report, question, feedback, contact, left),
        sharing=sharing_of(report) if known else [],
    )


def _photos(report: Report) -> list[PhotoStatus]:
    rows = Photo.objects.filter(report=report, proof_of__isnull=True).order_by("ordinal")
    found = [_photo_status(photo, report) for photo in rows]
    replaced = {photo.replaces for photo in found}
    return [replace(photo, is_replaced=photo.ordinal in replaced) for photo in found]


def _photo_status(photo: Photo, report: Report) -> PhotoStatus:
    place = photo.taken_place
    here = (report.place.x, report.place.y)
    metres = metres_between((place.x, place.y), here) if place else None
    return PhotoStatus(
        ordinal=photo.ordinal,
        state=photo.state,
        failure_code=photo.failure_code,
        publication=photo.publication,
        replaces=photo.replaces,
        taken_at=photo.taken_at,
        taken_lon=place.x if place else None,
        taken_lat=place.y if place else None,
        taken_distance_m=None if metres is None else round(metres),
    )


def _photos_left(report: Report, photos: Iterable[PhotoStatus]) -> int:
    counted = sum(photo.state != PhotoState.FAILED for photo in photos)
    return max(settings.PHOTO_TOTAL_LIMIT - counted, 0) if report.is_open else 0


def _question(
    report: Report, entries: Iterable[TimelineEntry], timeline: Iterable[Step]
) -> OpenQuestion | None:
    """The same as reports.open_question, from what is loaded already."""
    if report.waiting_for != WaitingFor.CITIZEN:
        return None
    asked = [
        OpenQuestion(entry.seq, entry.at, step.text)
        for entry, step in zip(entries, timeline, strict=True)
        if step.waiting_for == WaitingFor.CITIZEN
    ]
    return asked[-1] if asked else None


def _feedback(report: Report, contact: Contact | None, now: datetime) -> FeedbackState:
    given = Feedback.objects.filter(report=report).first()
    if given is not None:
        return FeedbackState(None, given.is_fixed, given.satisfaction)
    until = feedback_until(report)
    opted_out = contact is not None and contact.wants == Wish.NONE
    closed = until is None or now > until or opted_out or bool(closed_to_citizens(report))
    closed = closed or was_asked_in_incident(report)
    return FeedbackState(None if closed else until)


def _objections(report: Report) -> list[str]:
    stand = Objection.objects.filter(report=report, ended_at__isnull=True)
    return list(stand.order_by("part").values_list("part", flat=True))


def _actions(
    report: Report,
    question: OpenQuestion | None,
    feedback: FeedbackState,
    contact: Contact | None,
    left: int,
) -> list[str]:
    """What the holder of the receipt can do now; the actions themselves check again."""
    ended = closed_to_citizens(report)
    offered = {
        "add_text": not ended,
        "add_photos": not ended and left > 0,
        "answer": not ended and question is not None,
        "withdraw": Status.WITHDRAWN in MOVES[Status(report.status)],
        "object": ended in {"", Status.ARCHIVED},
        "give_feedback": feedback.open_until is not None,
        "choose_messages": contact is not None,
    }
    return [name for name, is_offered in offered.items() if is_offered]


def _last_answer(timeline: list[Step]) -> str:
    told = (step for step in reversed(timeline) if step.text and not step.own_words)
    return next((step.text for step in told if step.kind != "notice_given"), "")


def _address_state(contact: Contact | None, now: datetime) -> str:
    if contact is None:
        return "none"
    if contact.email_confirmed_at is not None:
        return "confirmed"
    late = contact.confirm_until is None or contact.confirm_until < now
    return "expired" if late else "unconfirmed"


def _timeline(report: Report, entries: list[TimelineEntry]) -> list[Step]:
    offices, others = _office_names(entries), names_of_others(entries)
    words, notices = _words(report, entries), _notices(report, entries)
    return [
        _step(
            entry,
            name_in(others, entry.data) or offices.get(entry.data.get("office", 0), ""),
            words.get(entry.remark_id or 0),
            notices,
        )
        for entry in entries
    ]


def _step(
    entry: TimelineEntry, office: str, remark: Remark | None, notices: dict[int, str]
) -> Step:
    data = entry.data
    return Step(
        kind=entry.kind,
        at=entry.at,
        sentence=_sentence(entry, office),
        status=_known(data.get("to"), Status),
        closing_reason=_known(data.get("reason"), ClosingReason),
        waiting_for=_known(data.get("waiting_for"), WaitingFor),
        planned_date=parse_date(data.get("planned_date") or ""),
        office_name=office,
        text=remark.body if remark else _notice(entry, notices),
        own_words=remark is not None and remark.kind == Remark.Kind.CITIZEN,
    )


def _notice(entry: TimelineEntry, notices: dict[int, str]) -> str:
    is_notice = entry.kind == "notice_given"
    return notices.get(entry.data["decision"], "") if is_notice else ""


def _sentence(entry: TimelineEntry, office: str) -> str:
    if entry.kind == "feedback_given":
        return str(_FEEDBACK_SENTENCES[bool(entry.data.get("fixed"))])
    by_status = _STATUS_SENTENCES.get(entry.data.get("to", ""))
    sentence = str(_SENTENCES.get(entry.kind) or by_status or "")
    return sentence % {"office": office} if "%(" in sentence else sentence


def _known(value: Any, words: Iterable[str]) -> str:
    return str(value) if value in set(words) else ""


def _office_names(entries: Iterable[TimelineEntry]) -> dict[int, str]:
    wanted = {entry.data["office"] for entry in entries if entry.data.get("office")}
    return dict(Office.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _notices(report: Report, entries: Iterable[TimelineEntry]) -> dict[int, str]:
    """What rules have the sender told, by decision; one query where there is any."""
    told = [entry.data["decision"] for entry in entries if entry.kind == "notice_given"]
    if not told:
        return {}
    rows = RoutingDecision.objects.filter(report=report, pk__in=told)
    return dict(rows.values_list("pk", "notice"))


def _words(report: Report, entries: Iterable[TimelineEntry]) -> dict[int, Remark]:
    """Answers and the sender's own words: others are internal even beside a public entry."""
    told = [entry for entry in entries if entry.remark_id]
    answers = [entry.remark_id for entry in told if entry.data.get("answer")]
    own = [entry.remark_id for entry in told if entry.actor_kind == ActorKind.CITIZEN]
    if not answers and not own:
        return {}
    wanted = Q(pk__in=answers, kind=Remark.Kind.ANSWER) | Q(pk__in=own, kind=Remark.Kind.CITIZEN)
    return {remark.pk: remark for remark in Remark.objects.filter(wanted, report=report)}
