"""Choose messages: all news, only the result, or nothing; and the way out of every mail."""

from django.db import transaction

from accounts import derived_codes
from reports.models import Contact, Report
from reports.participation import Wish
from reports.receipts import STOP_PURPOSE


class NoAddress(Exception):
    """There is no address that messages could go to."""


class StopCodeInvalid(Exception):
    """The code belongs to no report."""


def choose_messages(report_id: int, wants: Wish | str) -> Wish:
    """Keep which messages the sender would like; questions come with the result. Raises NoAddress.

    Takes hold of the report first, as everybody who changes a contact does.
    """
    wish = Wish(wants)
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        contact = Contact.objects.filter(report=report).exclude(email="").first()
        if contact is None:
            raise NoAddress
        contact.wants = wish
        contact.save(update_fields=["wants"])
    return wish


def wish_of(report: Report) -> Wish | None:
    """Which messages the sender gets, or None without an address. One query."""
    wants = Contact.objects.filter(report=report).exclude(email="").values_list("wants", flat=True)
    found = wants.first()
    return None if found is None else Wish(found)


def check_stop_code(report: Report | None, code: str) -> Report:
    """The report whose mails carry this code. Raises StopCodeInvalid."""
    if not derived_codes.matches(code, STOP_PURPOSE, report.pk if report else 0, 1):
        raise StopCodeInvalid
    if report is None:
        raise StopCodeInvalid
    return report
