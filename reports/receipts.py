"""The receipt: a number people can read out and a secret that is computed, never stored."""

from datetime import datetime
from typing import NamedTuple

from accounts import derived_codes
from accounts.models import Municipality
from leases.statements import Answer, Statement
from reports.models import Report

PURPOSE = "receipt"
CONFIRM_PURPOSE = "confirm"
# The way out of mails: works for ever, also after the receipt got a new secret.
STOP_PURPOSE = "stop"
# Of somebody else who is affected: to confirm the address, and to leave again.
SUPPORT_PURPOSE, LEAVE_PURPOSE = "support", "support-leave"

_NUMBER = "SELECT nextval('reports_report_id_seq'), reports_next_number(%s, %s)"


class Serial(NamedTuple):
    """What a new report is known by: the key of its row and the number people read out."""

    report_id: int
    number: str


def numbering(town: Municipality, at: datetime) -> Statement:
    """What to ask for the key and the number of a report about to be written, for `serial_of`.

    Both come from sequences outside the transaction, so gaps are allowed; the number is the next
    of the town in the year of `at` (local time), e.g. HN-2026-004711.
    """
    return Statement(_NUMBER, [town.pk, at.astimezone(town.tz).year])


def serial_of(town: Municipality, at: datetime, answer: Answer) -> Serial:
    """Key and number from the answer to `numbering` for the same town and time."""
    report_id, serial = answer.rows[0]
    return Serial(report_id, f"{town.receipt_prefix}-{at.astimezone(town.tz).year}-{serial:06d}")


def secret_of(report: Report) -> str:
    """The secret that belongs to the receipt in its present version."""
    return derived_codes.derive(PURPOSE, report.pk, report.secret_version)


def find_by_receipt(town: Municipality | None, number: str, secret: str) -> Report | None:
    """The report a number and secret open, or None; a wrong secret looks like a wrong number.

    `town` restricts to one municipality (a city's own pages); None searches all.
    """
    report = find_by_number(town, number)
    if report is None:
        derived_codes.matches(secret, PURPOSE, 0)  # the same work for unknown numbers
        return None
    return report if opens(report, secret) else None


def find_by_number(town: Municipality | None, number: str) -> Report | None:
    """The report with a number (blanks and case forgiven), whoever asks."""
    reports = Report.objects.select_related("municipality", "category", "office")
    if town is not None:
        reports = reports.filter(municipality=town)
    return reports.filter(number=number.strip().upper()).first()


def opens(report: Report, secret: str) -> bool:
    """Whether a secret belongs to a report in its present version."""
    return derived_codes.matches(secret, PURPOSE, report.pk, report.secret_version)
