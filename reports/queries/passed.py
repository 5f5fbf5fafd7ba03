"""What somebody outside the town hall may know of a case: facts, cleared words, chosen photos.

Everything that leaves the house for a body or a firm is read here and nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts import derived_codes
from reports.delegating import DELEGATION, Delegation, Firm
from reports.masks import copies_for_others
from reports.models import (
    Contact,
    Photo,
    Publication,
    Remark,
    Report,
    Submission,
    TimelineEntry,
)
from reports.outside import PASSING, OutsideBody, Passing
from reports.personal_data import find_in
from reports.queries.answers_in_words import open_answers

_OF_CASE = ("report__municipality", "report__category", "report__office")
_HEAVY = ("report__municipality__coverage", "report__municipality__pages")


@dataclass(frozen=True)
class Passed:
    """A case as others may see it; place in words where it names nobody, else the coordinates.

    `text` is empty unless it was cleared for the public; `reporter` is empty without consent.
    """

    report: Report
    received_on: date
    place: str
    coordinates: str
    letter: str
    text: str
    answers: Sequence[tuple[str, str]]
    photos: Sequence[Photo]
    reporter: Sequence[str]


def find_passing(town_id: int, passing_id: int) -> Passing | None:
    """A passing of a town with everything its page needs, whoever asks."""
    rows = Passing.objects.select_related("body", *_OF_CASE).defer(*_HEAVY)
    return rows.filter(pk=passing_id, report__municipality_id=town_id).first()


def opens(passing: Passing, code: str) -> bool:
    """Whether a code belongs to a passing that is still open."""
    fits = derived_codes.matches(code, PASSING, passing.pk, passing.key_version)
    return fits and passing.is_open


def passing_for_codes(report: Report, codes: Sequence[str]) -> Passing | None:
    """The passing of a case that one of these codes belongs to. One query."""
    if not codes:
        return None
    rows = Passing.objects.filter(report=report).exclude(state=Passing.State.SETTLED)
    return next((row for row in rows for code in codes if opens(row, code)), None)


def passings_of(report: Report) -> list[Passing]:
    """What was passed on of a case, newest first. One query."""
    rows = Passing.objects.filter(report=report).select_related("body", "there")
    return list(rows.order_by("-pk"))


def names_of_others(entries: Iterable[TimelineEntry]) -> dict[tuple[str, int], str]:
    """The names of bodies and firms that entries speak of; no query where none does.

    Keys are ("body", id) and ("firm", id).
    """
    wanted = {
        (word, entry.data[word])
        for entry in entries
        for word in ("body", "firm")
        if word in entry.data
    }
    names: dict[tuple[str, int], str] = {}
    for word, table in (("body", OutsideBody), ("firm", Firm)):
        ids = [pk for kind, pk in wanted if kind == word]
        if ids:
            rows = table._default_manager.filter(pk__in=ids).values_list("pk", "name")
            names |= {(word, pk): name for pk, name in rows}
    return names


def name_in(names: Mapping[tuple[str, int], str], data: Mapping[str, Any]) -> str:
    """The body or firm an entry's data speak of, or ""."""
    keys = ((word, data.get(word, 0)) for word in ("body", "firm"))
    return next((names[key] for key in keys if key in names), "")


def passed(passing: Passing) -> Passed:
    """What the body of a passing may know. Five queries."""
    report = passing.report
    letter = Remark.objects.filter(pk=passing.letter_remark_id).first()
    reporter = _reporter(report) if passing.with_contact else []
    return what_others_see(
        report, letter=letter.body if letter else "", photos=passing.photos, reporter=reporter
    )


def find_delegation(town_id: int, delegation_id: int) -> Delegation | None:
    """A delegation of a town with everything its page needs, whoever asks."""
    rows = Delegation.objects.select_related("firm", *_OF_CASE).defer(*_HEAVY)
    return rows.filter(pk=delegation_id, report__municipality_id=town_id).first()


def opens_delegation(delegation: Delegation, code: str) -> bool:
    """Whether a code belongs to a delegation that is still open."""
    version = delegation.key_version
    fits = derived_codes.matches(code, DELEGATION, delegation.pk, version)
    return fits and delegation.is_open


def delegations_of(report: Report) -> list[Delegation]:
    """What was given to firms of a case, newest first. One query."""
    rows = Delegation.objects.filter(report=report).select_related("firm")
    return list(rows.order_by("-pk"))


def seen_by_firm(delegation: Delegation) -> Passed:
    """What a firm may know of its case, never who reported it. Four queries."""
    words = Remark.objects.filter(pk=delegation.instructions_remark_id).first()
    return what_others_see(
        delegation.report, letter=words.body if words else "", photos=delegation.photos
    )


def proofs_of(delegation: Delegation) -> list[Photo]:
    """The photos a firm has sent, in order, whatever became of them. One query."""
    return list(Photo.objects.filter(proof_of=delegation).order_by("ordinal"))


def what_others_see(
    report: Report, *, letter: str, photos: Sequence[int], reporter: Sequence[str] = ()
) -> Passed:
    """The facts of a case with these words and the chosen photos, masked."""
    submission = Submission.objects.filter(report=report).first() or Submission()
    return Passed(
        report=report,
        received_on=report.received_at.astimezone(report.municipality.tz).date(),
        place=_place(report, submission),
        coordinates=f"{report.place.y:.5f}, {report.place.x:.5f}",
        letter=letter,
        text=_cleared(report, submission),
        answers=open_answers(report, submission),
        photos=chosen_photos(report, photos),
        reporter=list(reporter),
    )


def chosen_photos(report: Report, ordinals: Sequence[int]) -> list[Photo]:
    """The chosen photos whose masks are burned in as they stand now."""
    rows = Photo.objects.filter(report=report, ordinal__in=list(ordinals)).order_by("ordinal")
    return [photo for photo in rows if copies_for_others(photo)]


def _place(report: Report, submission: Submission) -> str:
    # People write names into the field for the address ("bei Familie …").
    spans = find_in(submission.address, report.municipality_id)
    return "" if spans else submission.address


def _cleared(report: Report, submission: Submission) -> str:
    if report.text_publication != Publication.APPROVED:
        return ""
    return submission.public_text or submission.description


def _reporter(report: Report) -> list[str]:
    contact = Contact.objects.filter(report=report, erased_at__isnull=True).first()
    if contact is None:
        return []
    email = contact.email if contact.email_confirmed_at else ""
    parts = (contact.name, email, contact.phone, contact.postal_address)
    return [part for part in parts if part]
