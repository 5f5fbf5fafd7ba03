"""One case as a member of staff may see it, with everything its page shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.absence import absent_people
from accounts.models import Office, Role, User
from notifications import outbox
from reports import policies
from reports.actions.moderate import REPORT, TEXT, may_ever_be_public, photo_part
from reports.actions.publish import public_values
from reports.delegating import Delegation
from reports.models import (
    Contact,
    Handover,
    Photo,
    Remark,
    Report,
    RoutingDecision,
    Submission,
    TextModule,
    TimelineEntry,
)
from reports.outside import Passing
from reports.participation import Feedback, Objection, ObjectionPart
from reports.pauses import ClockPause
from reports.policies import Circle, Staff
from reports.queries.alike import (
    MergedCase,
    PossibleDuplicate,
    duplicates_of,
    possible_duplicates,
)
from reports.queries.answers_in_words import Answer, answers_of
from reports.queries.assets import NamedThing, things_of
from reports.queries.handoff import handoff_modules
from reports.queries.incidents import Membership, membership_of
from reports.queries.passed import delegations_of, name_in, names_of_others, passings_of
from reports.queries.seldom import around
from reports.queries.silence import awaiting_interim
from routing.models import Category


@dataclass(frozen=True)
class Powers:
    """What this person may do with this case."""

    work: bool
    contact: bool
    moderate: bool
    screen: bool
    reroute: bool
    decide_offer: bool
    acknowledge: bool


@dataclass(frozen=True)
class Event:
    """A timeline entry with the words that belong to it and the names behind its numbers."""

    entry: TimelineEntry
    text: str
    text_erased: bool
    person: str
    office: str
    outside: str


@dataclass(frozen=True)
class Part:
    """A part that can be approved apart: what it is called and where its approval stands."""

    name: str
    publication: str
    may_be_public: bool
    photo: Photo | None = None


@dataclass(frozen=True)
class StandingObjection:
    """What the sender does not want public, since when, and why as far as they said it."""

    part: ObjectionPart
    raised_at: datetime
    reason: str


@dataclass(frozen=True)
class CaseFile:
    """Everything the page of a case shows to one person."""

    report: Report
    submission: Submission
    contact: Contact | None
    answers: Sequence[Answer]
    parts: Sequence[Part]
    preview: Mapping[str, Any]
    decision: RoutingDecision | None
    offer: Handover | None
    offer_reason: str
    events: Sequence[Event]
    messages: Sequence[Any]
    powers: Powers
    offices: Sequence[Office]
    colleagues: Sequence[User]
    categories: Sequence[Category]
    text_modules: Sequence[TextModule]
    handoff: Sequence[TextModule]
    leading: str
    duplicates: Sequence[MergedCase]
    possible: Sequence[PossibleDuplicate]
    membership: Membership | None
    objections: Sequence[StandingObjection]
    feedback: Feedback | None
    supports: int
    copies: Sequence[Office]
    pauses: Sequence[ClockPause]
    things: Sequence[NamedThing]
    wants_interim: bool
    passings: Sequence[Passing]
    delegations: Sequence[Delegation]


def load_case(staff: Staff, number: str) -> CaseFile | None:
    """The case with a number, or None where it does not exist for this person.

    A fixed number of queries for what every case holds; what most have not (queries/seldom.py, and
    a team, a hold or who has seen a danger) is asked for where it is there.
    """
    report = _files().filter(number=number, municipality_id=staff.municipality_id).first()
    if report is None:
        return None
    near = around(report.pk)
    offer = _offer_of(report) if "offer" in near.has else None
    circle = Circle(offer.to_office_id if offer else None, near.people, near.copies)
    if not policies.may_see(staff, report, circle):
        return None
    return _assemble(staff, report, offer, circle, near.has)


@cache
def _files() -> QuerySet[Report]:
    """Cases with what their first query brings along; put together once for each process."""
    return Report.objects.select_related(
        "municipality",
        "category__parent",
        "office",
        "assignee",
        "district",
        "submission",
        "contact",
        "feedback",
    ).defer("municipality__coverage", "municipality__pages", "district__geometry")


def powers_of(staff: Staff, report: Report, circle: Circle) -> Powers:
    """What a person may do, for drawing the page; the actions check again."""
    return Powers(
        work=policies.may_work(staff, report),
        contact=policies.may_see_contact(staff, report),
        moderate=policies.may_moderate(staff, report),
        screen=policies.may_screen(staff, report),
        reroute=policies.may_reroute(staff, report),
        decide_offer=circle.offered_to is not None
        and policies.may_decide_offer(staff, report, circle.offered_to),
        acknowledge=policies.may_acknowledge(staff, report, circle),
    )


def _offer_of(report: Report) -> Handover | None:
    return (
        Handover.objects.filter(report=report, state=Handover.State.OFFERED)
        .select_related("from_office", "to_office", "offered_by")
        .first()
    )


def _assemble(
    staff: Staff, report: Report, offer: Handover | None, circle: Circle, has: frozenset[str]
) -> CaseFile:
    powers = powers_of(staff, report, circle)
    offices = list(
        Office.objects.filter(municipality_id=report.municipality_id).order_by("number", "name")
    )
    remarks = {remark.pk: remark for remark in Remark.objects.filter(report=report)}
    contact: Contact | None = getattr(report, "contact", None)
    preview = public_values(report)
    events = _events(report, remarks, offices)
    handoff = handoff_modules(report, (event.entry for event in events))
    return CaseFile(
        report=report,
        submission=report.submission,
        contact=contact if powers.contact else None,
        answers=answers_of(report, may_see=powers.contact),
        parts=_parts(report),
        preview=preview,
        decision=RoutingDecision.objects.filter(report=report).order_by("-pk").first(),
        offer=offer,
        offer_reason=remarks[offer.reason_remark_id].body if offer else "",
        events=events,
        messages=outbox.states_for(report.number),
        powers=powers,
        offices=offices,
        colleagues=_colleagues(report),
        categories=_categories(report),
        text_modules=handoff
        + list(TextModule.objects.filter(municipality_id=report.municipality_id).order_by("title")),
        handoff=handoff,
        leading=_leading(staff, report),
        duplicates=duplicates_of(staff, report) if "duplicates" in has else [],
        membership=membership_of(report) if "membership" in has else None,
        possible=possible_duplicates(staff, report, now=timezone.now()) if "pairs" in has else [],
        objections=_objections(report, remarks) if "objections" in has else [],
        feedback=getattr(report, "feedback", None),
        supports=preview["supports"] or 0,
        copies=[office for office in offices if office.pk in circle.copied_to],
        wants_interim=_wants_interim(report),
        pauses=_pauses(report) if "pauses" in has else [],
        things=things_of(report) if "things" in has else [],
        passings=passings_of(report) if "passings" in has else [],
        delegations=delegations_of(report) if "delegations" in has else [],
    )


def _pauses(report: Report) -> list[ClockPause]:
    return list(ClockPause.objects.filter(report=report).order_by("began_at"))


def _wants_interim(report: Report) -> bool:
    if not report.municipality.interim_days:
        return False
    return Report.objects.filter(awaiting_interim(), pk=report.pk).exists()


def _objections(report: Report, remarks: Mapping[int, Remark]) -> list[StandingObjection]:
    rows = Objection.objects.filter(report=report, ended_at__isnull=True).order_by("pk")
    return [
        StandingObjection(
            ObjectionPart(row.part),
            row.raised_at,
            _body(remarks.get(row.reason_remark_id or 0)),
        )
        for row in rows
    ]


def _body(remark: Remark | None) -> str:
    return remark.body if remark else ""


def _leading(staff: Staff, report: Report) -> str:
    """The number of the leading case, unless it is a confidential one this person may not see."""
    if report.leading_id is None:
        return ""
    known = Q(is_confidential=False) | policies.visible_cases(staff)
    rows = Report.objects.filter(known, pk=report.leading_id)
    return rows.values_list("number", flat=True).first() or ""


def _parts(report: Report) -> list[Part]:
    """Report, text (where there is one) and photos, in the order in which they are looked at."""

    def part(name: str, publication: str, photo: Photo | None = None) -> Part:
        return Part(name, publication, may_ever_be_public(report, name), photo)

    parts = [part(REPORT, report.publication)]
    if report.submission.description:
        parts.append(part(TEXT, report.text_publication))
    photos = Photo.objects.filter(report=report).order_by("ordinal")
    return parts + [part(photo_part(each.ordinal), each.publication, each) for each in photos]


@dataclass(frozen=True)
class _Names:
    """Names by id of whom entries speak."""

    people: Mapping[int, str]
    offices: Mapping[int, str]
    others: Mapping[tuple[str, int], str]


def _events(
    report: Report, remarks: Mapping[int, Remark], offices: Iterable[Office]
) -> list[Event]:
    """The timeline, newest first."""
    entries = list(
        TimelineEntry.objects.filter(report=report).select_related("actor").order_by("-seq")
    )
    mentioned = {entry.data["person"] for entry in entries if "person" in entry.data}
    # Most entries speak of people who have acted themselves.
    people = {entry.actor.pk: str(entry.actor) for entry in entries if entry.actor}
    if unknown := mentioned - people.keys():
        people |= {person.pk: str(person) for person in User.objects.filter(pk__in=unknown)}
    labels = {office.pk: office.label for office in offices}
    names = _Names(people, labels, names_of_others(entries))
    return [_event(entry, remarks, names) for entry in entries]


def _event(
    entry: TimelineEntry,
    remarks: Mapping[int, Remark],
    names: _Names,
) -> Event:
    remark = remarks.get(entry.remark_id) if entry.remark_id else None
    return Event(
        entry=entry,
        text=remark.body if remark else "",
        text_erased=entry.remark_id is not None and (remark is None or not remark.body),
        person=names.people.get(entry.data.get("person", 0), ""),
        office=names.offices.get(entry.data.get("office", 0), ""),
        outside=name_in(names.others, entry.data),
    )


def _colleagues(report: Report) -> list[User]:
    """Who can be assigned: clerks of the office and dispatchers who are there, by name."""
    roles = Q(roles__role=Role.CLERK, roles__office_id=report.office_id)
    roles |= Q(roles__role=Role.DISPATCHER, roles__municipality_id=report.municipality_id)
    people = User.objects.filter(roles, is_active=True)
    people = people.exclude(pk__in=absent_people(timezone.localdate()))
    return list(people.distinct().order_by("last_name", "first_name"))


def _categories(report: Report) -> list[Category]:
    offered = Category.objects.filter(
        municipality_id=report.municipality_id, is_active=True, parent__isnull=False
    )
    return list(
        offered.select_related("parent").order_by(
            "parent__sort_order", "parent__name", "sort_order", "name"
        )
    )
