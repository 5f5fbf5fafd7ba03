"""What a firm says through its link: accept, refuse, begin, done, a note, proof photos.

Who holds the code of the present key may say it; a revoked delegation hears nothing any more. The
office is told of what it must act on, and the case itself stays the clerk's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import datetime
from typing import Any, BinaryIO

from django.db.models import Max

from reports import photo_intake
from reports.actors import OUTSIDE
from reports.additions import Done, once
from reports.delegated import locked_delegation, mark_news
from reports.delegating import FIRM_STEPS, Delegation, DelegationState
from reports.editing import checked_text, save_case
from reports.history import record, write_remark
from reports.idempotency import Idempotency
from reports.models import Effect, Photo, Remark, Report
from reports.owed import owe
from reports.photo_intake import KeptPhoto, RefusedPhoto

PROOF_LIMIT = 20
LAST_ORDINAL = 50  # of all photos of a report, see Photo.ordinal
# What the office must act on, as words of the mail; the rest stands in the timeline.
_NEWS = {DelegationState.DONE: "firm_done", DelegationState.REFUSED: "firm_refused"}
_KINDS = {
    DelegationState.ACCEPTED: "delegation_accepted",
    DelegationState.WORKING: "delegation_begun",
    DelegationState.DONE: "delegation_done",
    DelegationState.REFUSED: "delegation_refused",
}


class DelegationEnded(Exception):
    """The link is not valid any more: taken back, checked off, expired, or a newer one exists."""


class StepNotOpen(Exception):
    """This step does not follow from where the delegation stands."""


class TooManyProofs(Exception):
    """More photos than a delegation takes."""


@dataclass(frozen=True)
class FirmKey:
    """Which delegation somebody holds the key of, in which version."""

    delegation_id: int
    version: int


def take_step(
    key: FirmKey,
    *,
    to: DelegationState,
    text: str,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> Done:
    """Move a delegation on, with words that only a refusal must have.

    Saying the same again changes nothing. Raises DelegationEnded, StepNotOpen, TextMissing,
    TextTooLong, TooManyAdditions, KeyReused.
    """

    def write() -> tuple[Report, dict[str, Any]]:
        report, delegation = _lock(key)
        if delegation.state == to:
            return report, {"state": to.value}
        if to not in FIRM_STEPS.get(delegation.state, frozenset()):
            raise StepNotOpen
        needs_words = to == DelegationState.REFUSED or text.strip()
        words = checked_text(text, "text") if needs_words else ""
        remark = write_remark(report, Remark.Kind.OUTSIDE, words) if words else None
        _move(delegation, to, now)
        if to in _NEWS:
            mark_news(report, _NEWS[to], now)
        else:
            save_case(report, now=now)
        _record(report, delegation, _KINDS[to], now, remark=remark)
        return report, {"state": to.value}

    sent = {"to": to.value, "text": text}
    return once(_report_id(key), write, idempotency=idempotency, sent=sent, by_others=True)


def write_note(
    key: FirmKey, *, text: str, now: datetime, idempotency: Idempotency | None = None
) -> Done:
    """Leave the office a note. Raises DelegationEnded, TextMissing, TextTooLong, KeyReused."""

    def write() -> tuple[Report, dict[str, Any]]:
        report, delegation = _lock(key)
        remark = write_remark(report, Remark.Kind.OUTSIDE, checked_text(text, "text"))
        mark_news(report, "firm_note", now)
        _record(report, delegation, "delegation_noted", now, remark=remark)
        return report, {}

    return once(_report_id(key), write, idempotency=idempotency, sent={"text": text})


def add_proofs(
    key: FirmKey,
    *,
    files: Sequence[BinaryIO],
    now: datetime,
    idempotency: Idempotency | None = None,
) -> list[RefusedPhoto]:
    """Keep proof photos on the same safe path as a citizen's; returns those that cannot be one.

    Raises DelegationEnded, TooManyProofs, TooManyAdditions, KeyReused, OSError.
    """
    kept: list[KeptPhoto] = []
    refused: list[RefusedPhoto] = []

    def write() -> tuple[Report, dict[str, Any]]:
        report, delegation = _lock(key)
        first = _next_ordinal(report, delegation, len(files))
        inspected, bad = photo_intake.inspect_all(files)
        refused.extend(bad)
        kept.extend(photo_intake.keep(report.municipality, *photo) for photo in inspected)
        numbered = [replaced(photo, ordinal=first + at) for at, photo in enumerate(kept)]
        for photo in photo_intake.write(report, numbered):
            Photo.objects.filter(pk=photo.pk).update(proof_of=delegation)
            owe(report, Effect.Kind.DERIVE_PHOTO, version=photo.pk)
        if kept:
            save_case(report, now=now)
            ordinals = [photo.ordinal for photo in numbered]
            _record(report, delegation, "proof_added", now, photos=ordinals)
        return report, {}

    try:
        once(_report_id(key), write, idempotency=idempotency, sent={}, files=files)
    except BaseException:
        photo_intake.discard(kept)
        raise
    return refused


def _report_id(key: FirmKey) -> int:
    rows = Delegation.objects.filter(pk=key.delegation_id)
    found = rows.values_list("report_id", flat=True).first()
    if found is None:
        raise DelegationEnded
    return found


def _lock(key: FirmKey) -> tuple[Report, Delegation]:
    """The case and its delegation under their locks, while the key still opens it."""
    report, delegation = locked_delegation(key.delegation_id)
    if not delegation.is_open or delegation.key_version != key.version:
        raise DelegationEnded
    return report, delegation


def _move(delegation: Delegation, to: DelegationState, now: datetime) -> None:
    delegation.state, delegation.changed_at = to, now
    delegation.done_at = now if to == DelegationState.DONE else None
    if to == DelegationState.REFUSED:
        delegation.ended_at = now
        delegation.key_version += 1
    delegation.save(update_fields=["state", "changed_at", "done_at", "ended_at", "key_version"])


def _next_ordinal(report: Report, delegation: Delegation, count: int) -> int:
    photos = Photo.objects.filter(report=report)
    last = photos.aggregate(last=Max("ordinal"))["last"] or 0
    if photos.filter(proof_of=delegation).count() + count > PROOF_LIMIT:
        raise TooManyProofs
    if last + count > LAST_ORDINAL:
        raise TooManyProofs
    return last + 1


def _record(
    report: Report,
    delegation: Delegation,
    kind: str,
    now: datetime,
    *,
    remark: Remark | None = None,
    **data: Any,
) -> None:
    record(
        report,
        kind,
        by=OUTSIDE,
        at=now,
        remark=remark,
        version=report.version,
        delegation=delegation.pk,
        firm=delegation.firm_id,
        **data,
    )
