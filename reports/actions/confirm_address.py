"""Confirm a reporter's address by the link in the first mail; state changes by POST only."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts import derived_codes
from reports.actions.incident_cases import tell_joined
from reports.actors import CITIZEN
from reports.history import record
from reports.models import Contact, Report, Screening
from reports.receipts import CONFIRM_PURPOSE

LISTED_TOGETHER = 50


class ConfirmationInvalid(Exception):
    """The code is wrong or the address is gone."""


class ConfirmationExpired(Exception):
    """The link was used too late; the report itself is being worked on all the same."""


def waiting_together(report: Report, code: str, *, now: datetime) -> list[Report]:
    """Other reports of the town that wait for the same address; none for a code that does not fit.

    Who holds the code reads the mailbox, so what was sent in its name is theirs to confirm.
    """
    contact = Contact.objects.filter(report=report).first()
    if contact is None or not contact.email or not _fits(report, contact, code):
        return []
    return list(_waiting(report, contact.email, now)[:LISTED_TOGETHER])


def confirm_together(report: Report, code: str, *, now: datetime) -> int:
    """Confirm the address for this report and for all others of the town that wait for it.

    Returns how many reports that were. Raises ConfirmationInvalid, ConfirmationExpired.
    """
    contact = confirm_address(report, code, now=now)
    others = [other.pk for other in _waiting(report, contact.email, now)]
    return 1 + sum(_confirm_other(pk, contact.email, now) for pk in others)


def _waiting(report: Report, email: str, now: datetime) -> QuerySet[Report]:
    waiting = Report.objects.filter(
        municipality_id=report.municipality_id,
        contact__email__iexact=email,
        contact__email_confirmed_at__isnull=True,
        contact__confirm_until__gte=now,
        screening=Screening.CLEAR,
    )
    return waiting.select_related("category").exclude(pk=report.pk).order_by("pk")


def _confirm_other(report_id: int, email: str, now: datetime) -> bool:
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        done = Contact.objects.filter(
            report=report, email__iexact=email, email_confirmed_at__isnull=True
        ).update(email_confirmed_at=now)
        if done:
            _tell_of_incident(report)
            record(report, "address_confirmed", by=CITIZEN, at=now)
    return bool(done)


def _tell_of_incident(report: Report) -> None:
    """Who confirms after the report has joined an incident has not heard of it yet."""
    if report.incident is not None:
        tell_joined(report, report.incident)


def _fits(report: Report, contact: Contact, code: str) -> bool:
    return derived_codes.matches(code, CONFIRM_PURPOSE, report.pk, contact.confirm_version)


def confirm_address(report: Report, code: str, *, now: datetime) -> Contact:
    """Mark the address of a report as confirmed; a second click changes nothing.

    Raises ConfirmationInvalid, ConfirmationExpired.
    """
    with transaction.atomic():
        # The report first, as everywhere: staff who release a held report lock in this order too.
        locked = Report.objects.select_for_update(no_key=True).get(pk=report.pk)
        contact = Contact.objects.select_for_update(no_key=True).filter(report=report).first()
        if contact is None or not contact.email:
            raise ConfirmationInvalid
        if not _fits(report, contact, code):
            raise ConfirmationInvalid
        if contact.email_confirmed_at is not None:
            return contact
        if contact.confirm_until is None or contact.confirm_until < now:
            raise ConfirmationExpired
        contact.email_confirmed_at = now
        contact.save(update_fields=["email_confirmed_at"])
        _tell_of_incident(locked)
        record(locked, "address_confirmed", by=CITIZEN, at=now)
    return contact
