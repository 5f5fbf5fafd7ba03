"""Confirm a reporter's address by the link in the first mail; state changes by POST only."""

from datetime import datetime

from django.db import transaction

from accounts import derived_codes
from reports.actors import CITIZEN
from reports.history import record
from reports.models import Contact, Report
from reports.receipts import CONFIRM_PURPOSE


class ConfirmationInvalid(Exception):
    """The code is wrong or the address is gone."""


class ConfirmationExpired(Exception):
    """The link was used too late; the report itself is being worked on all the same."""


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
        if not derived_codes.matches(code, CONFIRM_PURPOSE, report.pk, contact.confirm_version):
            raise ConfirmationInvalid
        if contact.email_confirmed_at is not None:
            return contact
        if contact.confirm_until is None or contact.confirm_until < now:
            raise ConfirmationExpired
        contact.email_confirmed_at = now
        contact.save(update_fields=["email_confirmed_at"])
        record(locked, "address_confirmed", by=CITIZEN, at=now)
    return contact
