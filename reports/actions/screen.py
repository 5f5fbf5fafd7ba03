"""Look at reports that were held back: release them, or mark them as spam; one or a whole wave."""

from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from accounts.models import User
from reports.abuse import Suspicion
from reports.actions.publish import republish
from reports.editing import lock_case, record_change, save_case
from reports.held_waves import Waiting, WaveKey, waiting_of
from reports.messages import tell_office_new_case, tell_reporter_received
from reports.models import Contact, Effect, Report, RoutingDecision, Screening
from reports.owed import owe
from reports.policies import (
    Staff,
    load_staff,
    may_screen,
    may_screen_at_all,
    moderated_by,
    visible_cases,
)
from reports.screening import Reason

# So many of a wave by one click; each is a change of its own with its entry in the timeline.
WAVE_AT_ONCE = 1000
_CHUNK = 50
BY_HAND = Reason.EARLIER.value


def screen(
    report_id: int,
    *,
    verdict: Screening,
    by: User,
    now: datetime,
    expected_version: int,
    batch: UUID | None = None,
) -> Report:
    """Decide on a report that was held back; what it was owed on arrival is caught up with.

    Also takes a verdict back; `batch` is a mark by which `take_back` finds it. Raises
    NotPermitted, CaseChanged.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_screen)
        _decide(report, Screening(verdict), by=by, now=now, batch=batch)
    return report


def screen_wave(
    municipality_id: int, key: WaveKey, *, verdict: Screening, by: User, now: datetime
) -> tuple[UUID, int]:
    """Decide on what still waits of a wave; returns the mark of this click and how many it was.

    At most WAVE_AT_ONCE by one click. What somebody else is deciding on at the moment is left.
    """
    batch, done = uuid4(), 0
    staff = load_staff(by, municipality_id)
    while done < WAVE_AT_ONCE:
        changed = _decide_some(staff, waiting_of(municipality_id, key), verdict, by, now, batch)
        done += changed
        if not changed:
            break
    return batch, done


def take_back(municipality_id: int, batch: UUID, *, by: User, now: datetime) -> int:
    """Hold again what one click decided; returns how many. What was mailed stays mailed."""
    staff = load_staff(by, municipality_id)
    decided = Suspicion.objects.filter(municipality_id=municipality_id, batch=batch)
    taken = 0
    while changed := _decide_some(staff, decided, Screening.HELD, by, now, None):
        taken += changed
    return taken


def _decide_some(
    staff: Staff,
    suspicions: Waiting,
    verdict: Screening,
    by: User,
    now: datetime,
    batch: UUID | None,
) -> int:
    if not may_screen_at_all(staff):
        return 0
    with transaction.atomic():
        reports = (
            Report.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
            .select_related("municipality", "category__parent", "office", "district")
            .defer("municipality__coverage", "municipality__pages", "district__geometry")
            .filter(visible_cases(staff), moderated_by(staff))
            .filter(pk__in=suspicions.values("report_id"))
            .order_by("pk")[:_CHUNK]
        )
        changed = 0
        for report in reports:
            _decide(report, verdict, by=by, now=now, batch=batch)
            changed += 1
    return changed


def _decide(
    report: Report, verdict: Screening, *, by: User, now: datetime, batch: UUID | None
) -> None:
    was = report.screening
    report.screening = verdict
    save_case(report, "screening", now=now)
    record_change(report, "screened", by=by, now=now, verdict=verdict)
    is_decided = verdict != Screening.HELD
    decision = {
        "decided_at": now if is_decided else None,
        "decided_by": by if is_decided else None,
        "batch": batch,
    }
    first = {"municipality_id": report.municipality_id, "reasons": [BY_HAND], "held_at": now}
    Suspicion.objects.update_or_create(
        report=report, defaults=decision, create_defaults=first | decision
    )
    if verdict == Screening.CLEAR:
        _catch_up(report, now)
    if Screening.CLEAR in {was, verdict}:
        republish(report)


def _catch_up(report: Report, now: datetime) -> None:
    # Messages have unique keys, so releasing twice tells nobody twice.
    decision = RoutingDecision.objects.filter(report=report).order_by("-pk").first()
    if decision is not None and report.is_open:
        tell_office_new_case(report, decision_id=decision.pk)
        owe(report, Effect.Kind.FIND_ALIKE, version=report.version)
    contact = Contact.objects.filter(report=report, email_confirmed_at__isnull=True).first()
    if contact is not None and contact.email:
        contact.confirm_until = now + settings.CONFIRM_ADDRESS_WITHIN
        was_told, contact.told_at = contact.told_at is not None, contact.told_at or now
        contact.save(update_fields=["confirm_until", "told_at"])
        if not was_told:
            tell_reporter_received(report, contact)
