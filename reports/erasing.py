"""Takes parts of a case away, inside the caller's transaction and under the lock of its row.

Rows first, files after the commit: a row never points to a missing file, and what cannot be
removed then is removed by the daily sweep, which asks every row. The timeline stays: it holds
codes and salted hashes, and its chain verifies without the words.
"""

import contextlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from notifications import outbox, push
from reports import masks, photo_storage
from reports.actions.publish import republish
from reports.actions.settle_mail import erase_mail
from reports.delegating import Delegation, DelegationState
from reports.inbox import IncomingMail
from reports.letters_to_others import supporter_ref
from reports.models import (
    Contact,
    IdempotencyRecord,
    Photo,
    Publication,
    Remark,
    RemotePhoto,
    Report,
    RoutingDecision,
    Submission,
)
from reports.outside import BodyConsent, Passing
from reports.participation import Support
from reports.place_precision import snap_to_grid, truncate_time
from reports.reply_tasks import drop_replies, forget_caller
from suggestion import versions

_PHOTO_FIELDS = ["original_key", "original_deleted_at", "taken_at", "taken_place", "derivatives"]
TIMES = (
    "received_at",
    "routed_at",
    "first_answer_due_at",
    "first_answered_at",
    "due_at",
    "closed_at",
    "danger_acknowledged_at",
    "made_safe_at",
)


def erase_contact(report: Report, *, now: datetime) -> None:
    """Name, address, telephone, who was written to, and which devices are told."""
    Contact.objects.filter(report=report).update(
        name="", email="", phone="", postal_address="", confirm_until=None, erased_at=now
    )
    outbox.erase(report.number)
    forget_devices(report)
    drop_replies(report, now=now)


def forget_devices(report: Report) -> None:
    """Devices of the sender, and of others who joined."""
    supports = Support.objects.filter(report=report).values_list("pk", flat=True)
    refs = [supporter_ref(report.number, pk) for pk in supports]
    push.forget_devices([report.number, *refs])


def erase_supports(report: Report, *, now: datetime) -> None:
    """Who else was affected; how many stays."""
    for support in Support.objects.filter(report=report, erased_at__isnull=True).order_by("pk"):
        erase_support(support, now=now)


def erase_support(support: Support, *, now: datetime) -> None:
    """One of them: a confirmed one goes on counting and points to nobody, another one goes."""
    outbox.erase(supporter_ref(support.report.number, support.pk))
    forget_caller(support.pk, now=now)
    if support.confirmed_at is None:
        support.delete()
        return
    # A hash of an address can be tried out; a random one points to nobody.
    support.person_hash, support.email, support.nonce = secrets.token_hex(32), "", None
    support.erased_at = now
    support.save(update_fields=["person_hash", "email", "nonce", "erased_at"])


def erase_words(report: Report, *, now: datetime) -> None:
    """What citizens wrote after reporting."""
    texts = Remark.objects.filter(report=report, kind=Remark.Kind.CITIZEN, erased_at__isnull=True)
    texts.update(body="", salt="", erased_at=now)


def erase_originals(report: Report, *, now: datetime) -> None:
    """The sealed originals, what the camera wrote in them, and copies without their masks."""
    for photo in Photo.objects.filter(report=report).exclude(original_key="").order_by("pk"):
        _remove_sealed([photo.original_key])
        photo.original_key, photo.original_deleted_at = "", now
        photo.taken_at = photo.taken_place = None
        if masks.covering(masks.read(photo.masks)) and masks.is_current(photo):
            photo.derivatives = photo.masked
        photo.save(update_fields=_PHOTO_FIELDS)


def end_outside(report: Report, *, now: datetime) -> None:
    """No link of a body or firm opens the case any more."""
    Passing.objects.filter(report=report, settled_at=None).update(
        state=Passing.State.SETTLED, settled_at=now
    )
    Delegation.objects.filter(report=report, ended_at=None).update(
        state=DelegationState.REVOKED, ended_at=now, key_version=F("key_version") + 1
    )
    BodyConsent.objects.filter(report=report).delete()


def end_publication(report: Report) -> None:
    """The text and the photos leave the public pages; kind, place and status may stay."""
    Report.objects.filter(pk=report.pk).update(text_publication=Publication.WITHHELD)
    Photo.objects.filter(report=report).update(publication=Publication.WITHHELD)
    republish(report)


def erase_content(report: Report, *, now: datetime) -> None:
    """Everything that anybody wrote or sent, public or not; the bare row stays."""
    Submission.objects.filter(report=report).update(
        description="", public_text="", address="", answers={}, erased_at=now
    )
    erase_contact(report, now=now)
    erase_supports(report, now=now)
    Remark.objects.filter(report=report).update(body="", salt="", erased_at=now)
    _erase_photos(report, now)
    RemotePhoto.objects.filter(report=report).delete()
    end_outside(report, now=now)
    for mail in (IncomingMail.objects.filter(report=report)
                 | IncomingMail.objects.filter(about=report)).filter(erased_at=None):  # fmt: skip
        erase_mail(mail, now=now)
    IdempotencyRecord.objects.filter(report=report).delete()
    RoutingDecision.objects.filter(report=report).update(sentences=[])
    outbox.erase(report.number, staff_too=True)
    Report.objects.filter(pk=report.pk).update(
        publication=Publication.WITHHELD, text_publication=Publication.WITHHELD
    )
    republish(report)
    _forget_learned(report)


def make_anonymous(report: Report, *, coarse_m: int, now: datetime) -> None:
    """Leave kind, office, coarse place and month; the number stops being one.

    Call it when the public row is gone. The new "number" was never given to anybody, and the
    receipt's secret opens nothing any more.
    """
    outbox.drop(report.number)
    report.place.x, report.place.y = snap_to_grid(report.place.x, report.place.y, coarse_m)
    report.number = f"{report.municipality.receipt_prefix}-0000-{report.pk:06d}"
    report.secret_version += 1
    report.accuracy_m = report.import_key = None
    report.assignee = report.unread_since = report.planned_date = None
    _move_to_month(report)
    report.updated_at = report.anonymised_at = now
    report.save()


def _move_to_month(report: Report) -> None:
    """Received on the first of its month; how long the answer and the end took stays true."""
    month = truncate_time(report.received_at, "month", report.municipality.tz)
    by = report.received_at - month
    for name in TIMES:
        at = getattr(report, name)
        setattr(report, name, at and at - by)


def _erase_photos(report: Report, now: datetime) -> None:
    photos = list(Photo.objects.filter(report=report))
    _remove_sealed([photo.original_key for photo in photos if photo.original_key])
    Photo.objects.filter(report=report).delete()


def _remove_sealed(keys: Sequence[str]) -> None:
    """Each original has a seal of its own, so its file is nobody else's."""

    def remove() -> None:
        for key in keys:
            with contextlib.suppress(OSError):
                photo_storage.delete_original(key)

    transaction.on_commit(remove)


def _forget_learned(report: Report) -> None:
    """Better no suggestions until the night than some that remember."""
    model = versions.in_use(report.municipality_id)
    if model is not None and report.pk in set(model.sources):
        versions.withdraw(report.municipality_id)
