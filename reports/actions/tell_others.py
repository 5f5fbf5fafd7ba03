"""Tell others: supporters and people whose report was merged hear of a change of the leading case.

Paid from an owed row, so that a case with thousands of supporters keeps no clerk waiting.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from notifications import outbox
from notifications.outbox import Letter
from reports.actions.publish import may_be_public
from reports.devices import tell_devices_of_others
from reports.letters_to_others import letter_to_merged, letter_to_supporter
from reports.lifecycle import CLOSED, WaitingFor
from reports.messages import hears_by_mail
from reports.models import Contact, Remark, Report, Screening, TimelineEntry
from reports.others import family_of
from reports.participation import Support, Wish

BATCH = 200


@dataclass(frozen=True)
class Change:
    """What happened, as it may be told: the status it led to and the public answer."""

    version: int
    status: str
    closing_reason: str
    answer: str


def tell_others(report_id: int, *, version: int) -> None:
    """Book a mail to everybody else who is affected by a change of a case; safe to run twice.

    Strangers hear only of cases that are public now. Held and spam cases are told to nobody.
    """
    report = (
        Report.objects.select_related("municipality", "category", "office")
        .defer("municipality__coverage", "municipality__pages")
        .get(pk=report_id)
    )
    change = _change(report, version)
    if change is None or report.screening != Screening.CLEAR:
        return
    family = family_of(report_id)
    public = may_be_public(report)
    told = _told_already(report, change)
    letters = _to_merged(report, change, family, told, with_answer=public)
    for letter_batch in _batches(letters):
        _book(letter_batch)
    tell_devices_of_others(
        report, version=change.version, status=change.status, family=family, public=public
    )
    if public:
        for letter_batch in _batches(_to_supporters(report, change, family, told)):
            _book(letter_batch)


def _book(letters: Iterable[Letter]) -> None:
    with transaction.atomic():
        outbox.queue_many(letters)


def _change(report: Report, version: int) -> Change | None:
    """The change of this version; later ones are told by rows of their own."""
    entry = (
        TimelineEntry.objects.filter(report=report, is_public=True, data__version=version)
        .filter(kind__in=["status_changed", "reopened", "answered"])
        .first()
    )
    if entry is None:
        return None
    remark = Remark.objects.filter(pk=entry.remark_id or 0, kind=Remark.Kind.ANSWER).first()
    return Change(
        version,
        entry.data.get("to") or report.status,
        entry.data.get("reason") or "",
        remark.body if remark else "",
    )


def _told_already(report: Report, change: Change) -> set[str]:
    """Addresses that hear of the change as those of the case's own sender."""
    contact = Contact.objects.filter(report=report).first()
    result = change.status in CLOSED or report.waiting_for == WaitingFor.CITIZEN
    if contact is None or not hears_by_mail(contact, is_result=result):
        return set()
    return {contact.email.casefold()}


def _is_first(email: str, told: set[str]) -> bool:
    """Whether this person hears of the change for the first time; notes that they do."""
    person = email.casefold()
    if person in told:
        return False
    told.add(person)
    return True


def _to_merged(
    report: Report, change: Change, family: list[int], told: set[str], *, with_answer: bool
) -> Iterator[Letter]:
    """Those who reported what this case leads, as far as they want to hear of it; each once."""
    wanted = {Wish.ALL, Wish.RESULT} if change.status in CLOSED else {Wish.ALL}
    contacts = (
        Contact.objects.filter(report__in=family, email_confirmed_at__isnull=False)
        .exclude(report=report)
        .exclude(email="")
        .filter(wants__in=wanted, answer_by="email", report__screening=Screening.CLEAR)
        .select_related("report__municipality", "report__category", "report__office")
        .defer("report__municipality__coverage", "report__municipality__pages")
        .order_by("pk")
    )
    for contact in contacts.iterator(BATCH):
        if not _is_first(contact.email, told):
            continue
        yield letter_to_merged(
            contact,
            leading=report,
            version=change.version,
            status=change.status,
            closing_reason=change.closing_reason,
            answer=change.answer if with_answer else "",
        )


def _to_supporters(
    report: Report, change: Change, family: list[int], told: set[str]
) -> Iterator[Letter]:
    supports = (
        Support.objects.filter(report__in=family, confirmed_at__isnull=False)
        .exclude(email="")
        .order_by("person_hash", "pk")
        .distinct("person_hash")
    )
    for support in supports.iterator(BATCH):
        if not _is_first(support.email, told):
            continue
        yield letter_to_supporter(
            support,
            report,
            version=change.version,
            status=change.status,
            closing_reason=change.closing_reason,
            answer=change.answer,
        )


def _batches(letters: Iterator[Letter]) -> Iterator[list[Letter]]:
    while batch := list(islice(letters, BATCH)):
        yield batch
