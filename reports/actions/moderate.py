"""Decide what the public may see of a case: the report itself, its text, each photo apart."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from reports import masks
from reports.actions.publish import republish
from reports.editing import (
    TEXT_LIMIT,
    TextMissing,
    TextTooLong,
    checked_text,
    lock_case,
    record_change,
    save_case,
)
from reports.history import write_remark
from reports.models import Photo, PhotoState, Publication, Remark, Report, Submission
from reports.participation import Objection, ObjectionPart
from reports.personal_data import PersonalDataFound, find_in, kinds_of, sure
from reports.policies import may_moderate
from reports.publication import policy_of
from routing.models import PublicationPolicy

REPORT, TEXT = "report", "text"


class NeverPublic(Exception):
    """Category or confidentiality forbid that this part is ever approved."""


class ObjectionStands(Exception):
    """The sender objected to publication; see actions/overrule_objection.py."""


class PhotoNotReady(Exception):
    """A photo can be approved once its safe copies exist."""


class UnknownPart(Exception):
    """A case has a report, a text and the photos it came with."""


def photo_part(ordinal: int) -> str:
    """The name of a photo among the parts of a case, by its place in the report (1…)."""
    return f"photo_{ordinal}"


def moderate(
    report_id: int,
    *,
    decisions: Mapping[str, Publication],
    by: User,
    now: datetime,
    expected_version: int,
    public_text: str | None = None,
    despite: str = "",
) -> Report:
    """Approve, withhold or (with `pending`) take back what was decided on parts of a case.

    Parts are "report", "text" and "photo_1"…; `public_text` replaces the text for the public, the
    original stays for the office. What the sender objected to stays withheld until somebody ends
    the objection. A text in which personal data is found for sure is approved only with a reason
    (`despite`), which the history keeps. Raises NotPermitted, CaseChanged, NeverPublic,
    PhotoNotReady, UnknownPart, TextMissing, TextTooLong, ObjectionStands, PersonalDataFound.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_moderate)
        wanted = {part: Publication(decision) for part, decision in decisions.items()}
        _check_policy(report, wanted)
        _check_objections(report, wanted)

        if REPORT in wanted:
            report.publication = wanted[REPORT]
        kinds: list[str] = []
        if TEXT in wanted:
            kinds = _decide_text(report, wanted[TEXT], public_text, despite)
        _decide_photos(report, wanted)
        save_case(report, "publication", "text_publication", now=now)

        remark = write_remark(report, Remark.Kind.REASON, despite) if kinds else None
        codes = _codes(wanted) | ({"despite": kinds} if kinds else {})
        record_change(report, "moderated", by=by, now=now, remark=remark, **codes)
        republish(report)
    return report


def objected_part(part: str) -> ObjectionPart:
    """What an objection calls a part of a case: photos are objected to together."""
    return ObjectionPart(part) if part in {REPORT, TEXT} else ObjectionPart.PHOTOS


def _check_objections(report: Report, wanted: Mapping[str, Publication]) -> None:
    approved = {objected_part(part) for part, said in wanted.items() if said == "approved"}
    stand = Objection.objects.filter(report=report, part__in=approved, ended_at__isnull=True)
    if approved and stand.exists():
        raise ObjectionStands


def _codes(wanted: Mapping[str, Publication]) -> dict[str, Any]:
    """The decisions as the timeline keeps them; "case" stands for the report itself."""
    return {"case" if part == REPORT else part: decision.value for part, decision in wanted.items()}


def may_ever_be_public(report: Report, part: str) -> bool:
    """Whether category and confidentiality leave anything to decide about a part."""
    policy = policy_of(report)
    if report.is_confidential or policy == PublicationPolicy.NEVER:
        return False
    return part == REPORT or policy != PublicationPolicy.COARSE


def _check_policy(report: Report, wanted: Mapping[str, Publication]) -> None:
    for part, decision in wanted.items():
        if decision != Publication.WITHHELD and not may_ever_be_public(report, part):
            raise NeverPublic


def _decide_text(
    report: Report, decision: Publication, public_text: str | None, despite: str
) -> list[str]:
    """Decide on the text; the kinds of personal data that go public with it, for a reason."""
    submission = Submission.objects.get(pk=report.pk)
    if public_text is not None:
        edited = public_text.strip()
        if len(edited) > TEXT_LIMIT:
            raise TextTooLong
        # Only what differs is kept; an unchanged text is held once.
        submission.public_text = "" if edited == submission.description else edited
        if decision == Publication.APPROVED and not edited:
            raise TextMissing("public_text")
        submission.save(update_fields=["public_text"])
    if decision == Publication.APPROVED and not (submission.public_text or submission.description):
        raise TextMissing("public_text")
    report.text_publication = decision
    if decision != Publication.APPROVED:
        return []
    return _checked_for_people(report, submission.public_text or submission.description, despite)


def _checked_for_people(report: Report, text: str, despite: str) -> list[str]:
    """Kinds that are published with a reason. Raises PersonalDataFound where there is none."""
    found = sure(find_in(text, report.municipality_id, report.category))
    if found and not despite.strip():
        raise PersonalDataFound(found)
    if found:
        checked_text(despite, "despite")
    return [kind.value for kind in kinds_of(found)]


def _decide_photos(report: Report, wanted: Mapping[str, Publication]) -> None:
    photos = {photo_part(photo.ordinal): photo for photo in Photo.objects.filter(report=report)}
    for part in wanted.keys() - {REPORT, TEXT}:
        photo = photos.get(part)
        if photo is None:
            raise UnknownPart
        if wanted[part] == Publication.APPROVED and photo.state != PhotoState.READY:
            raise PhotoNotReady
        photo.publication = wanted[part]
        if wanted[part] == Publication.APPROVED:
            # Whoever approves has seen the photo with its masks on it.
            photo.masks = masks.written(masks.confirmed(masks.read(photo.masks)))
        photo.save(update_fields=["publication", "masks"])
