"""Pass a case on to a body outside the town hall: not ours, and yet not refused.

The body gets the facts, the words the clerk wrote, photos the clerk chose with their masks, the
text of the reporter only where it was cleared for the public, and the reporter's name only with
a consent for this very body. A day to look again is always set.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from reports.actions.assign import CaseIsClosed
from reports.actions.change_status import change_status
from reports.danger_first import check_danger_is_safe
from reports.editing import checked_text, lock_case, record_change, save_case
from reports.history import write_remark
from reports.lifecycle import MOVES, ClosingReason, Status, WaitingFor
from reports.masks import copies_for_others
from reports.models import Contact, Effect, Photo, Remark, Report
from reports.outside import BodyChannel, BodyConsent, OutsideBody, Passing
from reports.outside_messages import write_to_body
from reports.owed import owe
from reports.policies import may_work


class BodyUnsuitable(Exception):
    """Not a body of this town's directory that is offered today."""


class ConsentMissing(Exception):
    """Nobody allowed this body to know who reported, or took it back."""


class PhotoUnsuitable(Exception):
    """Not a photo of the case whose masked copies are ready."""


class FollowUpInvalid(Exception):
    """The day to look again must lie ahead."""

    field = "follow_up_on"


@dataclass(frozen=True)
class Parcel:
    """What goes to a body: whom to, words, photos by ordinal, and whether the reporter's name."""

    body_id: int
    letter: str
    follow_up_on: date
    photos: Sequence[int] = field(default_factory=tuple)
    with_contact: bool = False


def pass_on(
    report_id: int,
    *,
    parcel: Parcel,
    closes: bool,
    answer: str = "",
    by: User,
    now: datetime,
    expected_version: int,
) -> Passing:
    """Pass a case on; it ends as "weitergegeben" with a public answer, or waits for the body.

    Raises NotPermitted, CaseChanged, CaseIsClosed, DangerNotSafe, BodyUnsuitable, ConsentMissing,
    PhotoUnsuitable, FollowUpInvalid, ClosingIncomplete, TextMissing, TextTooLong.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        if not report.is_open:
            raise CaseIsClosed
        check_danger_is_safe(report)
        body = _check(report, parcel, now)
        passing = _write(report, body, parcel, by, now)
        save_case(report, now=now)
        _record(report, passing, parcel, by=by, now=now)
        _send(report, passing)
        _go_on(report, closes=closes, answer=answer, by=by, now=now)
    return passing


def has_consent(report: Report, body_id: int) -> bool:
    """Whether the reporter allows this body to know them, and there is something to know."""
    stands = BodyConsent.objects.filter(report=report, body=body_id, revoked_at__isnull=True)
    return stands.exists() and Contact.objects.filter(report=report, erased_at=None).exists()


def _check(report: Report, parcel: Parcel, now: datetime) -> OutsideBody:
    body = OutsideBody.objects.filter(
        pk=parcel.body_id, municipality_id=report.municipality_id, is_active=True
    ).first()
    if body is None:
        raise BodyUnsuitable
    if parcel.follow_up_on <= now.astimezone(report.municipality.tz).date():
        raise FollowUpInvalid
    if parcel.with_contact and not has_consent(report, body.pk):
        raise ConsentMissing
    found = Photo.objects.filter(report=report, ordinal__in=parcel.photos)
    ready = {photo.ordinal for photo in found if copies_for_others(photo)}
    if ready != set(parcel.photos):
        raise PhotoUnsuitable
    return body


def _write(report: Report, body: OutsideBody, parcel: Parcel, by: User, now: datetime) -> Passing:
    remark = write_remark(report, Remark.Kind.LETTER, checked_text(parcel.letter, "letter"))
    return Passing.objects.create(
        report=report,
        body=body,
        channel=body.channel,
        letter_remark_id=remark.pk,
        photos=sorted(set(parcel.photos)),
        with_contact=parcel.with_contact,
        passed_by=by,
        passed_at=now,
        follow_up_on=parcel.follow_up_on,
    )


def _record(report: Report, passing: Passing, parcel: Parcel, *, by: User, now: datetime) -> None:
    # Whether the reporter's name went along is a decision somebody must be able to look up.
    record_change(
        report,
        "passed_on",
        by=by,
        now=now,
        public=True,
        remark=Remark.objects.get(pk=passing.letter_remark_id),
        passing=passing.pk,
        body=passing.body_id,
        contact=parcel.with_contact,
        photos=passing.photos,
        until=passing.follow_up_on.isoformat(),
    )


def _send(report: Report, passing: Passing) -> None:
    if passing.channel == BodyChannel.MAIL:
        write_to_body(report, passing)
    elif passing.channel == BodyChannel.TOWN:
        owe(report, Effect.Kind.PASS_TO_TOWN, version=passing.pk)


def _go_on(report: Report, *, closes: bool, answer: str, by: User, now: datetime) -> None:
    """End the case, or let it wait for the body; what waits already goes on waiting."""
    if closes:
        change_status(
            report.pk,
            to=Status.DONE,
            closing_reason=ClosingReason.FORWARDED,
            answer=answer,
            by=by,
            now=now,
            expected_version=report.version,
        )
    elif Status.WAITING in MOVES[Status(report.status)]:
        change_status(
            report.pk,
            to=Status.WAITING,
            waiting_for=WaitingFor.THIRD_PARTY,
            answer=answer,
            by=by,
            now=now,
            expected_version=report.version,
        )
