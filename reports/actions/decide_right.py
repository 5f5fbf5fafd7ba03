"""Decide a request about somebody's own data: fulfil it, or refuse it for a lawful reason."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from reports.actions.erase_on_request import OnHold, erase_on_request
from reports.actions.publish import republish
from reports.actions.restrict import freeze
from reports.actors import Actor
from reports.editing import save_case
from reports.history import record
from reports.messages import tell_about_right, tell_reporter_received
from reports.models import Contact, Publication, Report, Submission
from reports.policies import NotPermitted, load_staff, may_decide_rights
from reports.rights import Ground, RequestState, Right, RightsRequest


class DecidedAlready(Exception):
    """Somebody else was first."""


class GroundMissing(Exception):
    """A refusal needs one of the lawful reasons."""


@dataclass(frozen=True)
class Correction:
    """What is written instead; empty words leave a value as it is."""

    description: str = ""
    address: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""


def refuse_right(request_id: int, *, ground: str, by: User, now: datetime) -> RightsRequest:
    """Refuse, and tell the person why. Raises NotPermitted, DecidedAlready, GroundMissing."""
    if ground not in Ground.values:
        raise GroundMissing
    with transaction.atomic():
        request = _open(request_id, by)
        _close(request, RequestState.REFUSED, Ground(ground), by, now)
        record(
            request.report,
            "right_refused",
            by=Actor.staff(by),
            public=True,
            at=now,
            right=request.right,
            ground=ground,
        )
    return request


def grant_right(
    request_id: int, *, by: User, now: datetime, correction: Correction | None = None
) -> RightsRequest:
    """Fulfil a request at once and tell the person.

    A hold keeps a case from being erased: then it is refused for that reason. Raises NotPermitted,
    DecidedAlready.
    """
    with transaction.atomic():
        request = _open(request_id, by)
        report = request.report
        state, ground = RequestState.DONE, ""
        if request.right == Right.RESTRICT:
            freeze(report, now=now)
        elif request.right == Right.ERASE:
            state, ground = _what_can_be_erased(report, now)
        # First the decision: of a corrected address the one before must hear, too.
        _close(request, state, ground, by, now)
        if request.right == Right.RECTIFY:
            _rectify(report, correction or Correction(), now)
        kind = "right_refused" if state == RequestState.REFUSED else "right_granted"
        record(
            report,
            kind,
            by=Actor.staff(by),
            public=True,
            at=now,
            right=request.right,
            ground=ground,
        )
    if request.right == Right.ERASE and state != RequestState.REFUSED:
        _erase(request, now)
    return request


def _erase(request: RightsRequest, now: datetime) -> None:
    try:
        erase_on_request(request.report_id, now=now)
    except OnHold:
        # Somebody has set it this very moment; it wins.
        request.state, request.ground = RequestState.REFUSED, Ground.CLAIMS
        request.save(update_fields=["state", "ground"])


def _what_can_be_erased(report: Report, now: datetime) -> tuple[RequestState, str]:
    if report.hold_until is not None and report.hold_until >= timezone.localdate(now):
        return RequestState.REFUSED, Ground.CLAIMS
    if report.is_open:
        return RequestState.PARTLY, Ground.PUBLIC_TASK
    return RequestState.DONE, ""


def _rectify(report: Report, correction: Correction, now: datetime) -> None:
    description = correction.description.strip()
    before = Submission.objects.filter(report=report).values_list("description", flat=True).first()
    says_else = bool(description) and description != before
    texts = {"description": correction.description, "address": correction.address}
    person = {"name": correction.name, "phone": correction.phone}
    if words := _filled(texts):
        Submission.objects.filter(report=report, erased_at=None).update(**words)
    if words := _filled(person):
        Contact.objects.filter(report=report, erased_at=None).update(**words)
    _correct_address(report, correction.email.strip(), now)
    if says_else and report.text_publication == Publication.APPROVED:
        # What was approved was the old text.
        Submission.objects.filter(report=report).update(public_text="")
        report.text_publication = Publication.PENDING
        republish(report)
    save_case(report, "text_publication", now=now)


def _correct_address(report: Report, email: str, now: datetime) -> None:
    """A new address is used once its owner has confirmed it by the link that goes there now."""
    contact = Contact.objects.filter(report=report, erased_at=None).first()
    if contact is None or not email or email.lower() == contact.email.lower():
        return
    contact.email, contact.email_confirmed_at = email, None
    contact.confirm_until = now + settings.CONFIRM_ADDRESS_WITHIN
    contact.confirm_version += 1
    contact.told_at = now
    contact.save()
    tell_reporter_received(report, contact)


def _filled(values: dict[str, str]) -> dict[str, str]:
    return {name: words.strip() for name, words in values.items() if words.strip()}


def _open(request_id: int, by: User) -> RightsRequest:
    request = RightsRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    request.report = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category", "office")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=request.report_id)
    )
    staff = load_staff(by, request.report.municipality_id)
    if not may_decide_rights(staff, request.report):
        raise NotPermitted
    if request.state != RequestState.OPEN:
        raise DecidedAlready
    return request


def _close(
    request: RightsRequest, state: RequestState, ground: str, by: User, now: datetime
) -> None:
    request.state, request.ground = state, ground
    request.decided_at, request.decided_by = now, by
    request.save(update_fields=["state", "ground", "decided_at", "decided_by"])
    tell_about_right(request.report, request, event="rights_decided")
