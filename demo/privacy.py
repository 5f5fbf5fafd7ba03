"""Gives the demo towns deletion classes, requests of people, and hand-overs in every state."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Municipality, RoleAssignment, User
from reports.filing import ArchiveDecision, FileHandover, FilingState
from reports.history import write_remark
from reports.lifecycle import CLOSED
from reports.models import Remark, Report
from reports.retention import ClassOfCategory, DeletionClass
from reports.rights import Ground, RequestState, Right, RightsRequest
from routing.models import Category, PublicationPolicy

_ASKED = (
    (Right.ERASE, "Ich bin umgezogen und möchte, dass meine Daten gelöscht werden.", 12),
    (Right.RECTIFY, "Es war die Laterne gegenüber, nicht die vor dem Haus.", 25),
    (Right.RESTRICT, "Bitte warten, bis mein Widerspruch geklärt ist.", 34),
)
_FILED = (
    FilingState.ACKNOWLEDGED,
    FilingState.DELIVERED,
    FilingState.FAILED,
    FilingState.REFUSED,
    FilingState.ACKNOWLEDGED,
)


def load_privacy(town: Municipality, *, now: datetime | None = None) -> None:
    """Write the rows once; a town that has classes is left alone."""
    now = now or timezone.now()
    if DeletionClass.objects.filter(municipality=town).exists():
        return
    _classes(town)
    closed = Report.objects.filter(municipality=town, status__in=sorted(CLOSED))
    cases = list(closed.order_by("-closed_at")[: len(_ASKED) + len(_FILED) + 1])
    person = _officer(town)
    for (right, words, days), report in zip(_ASKED, cases, strict=False):
        _ask(report, right, words, now - timedelta(days=days))
    for state, report in zip(_FILED, cases[len(_ASKED) :], strict=False):
        _file(report, state, now)
    if person is not None and len(cases) > len(_ASKED) + len(_FILED):
        _refused(cases[-1], person, now)


def _classes(town: Municipality) -> None:
    DeletionClass.objects.create(municipality=town, name="Standard", is_standard=True)
    early = DeletionClass.objects.create(
        municipality=town,
        name="vertraulich, früh löschen",
        contact_days=30,
        words_days=30,
        original_days=30,
        public_days=30,
        case_days=180,
        coarse_m=1000,
    )
    never_public = Category.objects.filter(
        municipality=town, parent__isnull=False, publication_policy=PublicationPolicy.NEVER
    )
    ClassOfCategory.objects.bulk_create(
        ClassOfCategory(category=category, deletion_class=early) for category in never_public
    )


def _officer(town: Municipality) -> User | None:
    role = RoleAssignment.objects.filter(municipality=town, role="privacy").first()
    return role.user if role else None


def _ask(report: Report, right: Right, words: str, at: datetime) -> None:
    remark = write_remark(report, Remark.Kind.CITIZEN, words)
    RightsRequest.objects.create(
        report=report,
        right=right,
        remark_id=remark.pk,
        received_at=at,
        due_on=(at + timedelta(days=30)).date(),
    )


def _refused(report: Report, person: User, now: datetime) -> None:
    RightsRequest.objects.create(
        report=report,
        right=Right.RECTIFY,
        state=RequestState.REFUSED,
        ground=Ground.CORRECT,
        received_at=now - timedelta(days=40),
        due_on=(now - timedelta(days=10)).date(),
        decided_at=now - timedelta(days=20),
        decided_by=person,
    )


def _file(report: Report, state: FilingState, now: datetime) -> None:
    arrived = state in {FilingState.DELIVERED, FilingState.ACKNOWLEDGED, FilingState.REFUSED}
    answered = state in {FilingState.ACKNOWLEDGED, FilingState.REFUSED}
    FileHandover.objects.create(
        report=report,
        state=state,
        booked_at=now - timedelta(days=3),
        delivered_at=now - timedelta(days=3) if arrived else None,
        byte_size=184_320 if arrived else None,
        fault="" if arrived else "Unreachable",
        acknowledged_at=now - timedelta(days=2) if answered else None,
        archive=ArchiveDecision.NONE,
    )
