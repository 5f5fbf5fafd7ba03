"""Whose report a request means: opened by its secret, or sent by the asking app itself."""

from rest_framework.request import Request

from accounts.towns import host_town
from mobile_api.authentication import client_of, receipt_secret
from mobile_api.problems import Problem
from reports import receipts
from reports.models import Report


def own_report(request: Request, number: str) -> Report | None:
    """The report that a shown secret opens, or that the asking app sent itself, else None.

    Raises Problem not_found for a wrong secret, whether or not the number exists.
    """
    secret = receipt_secret(request)
    if secret is not None:
        opened = receipts.find_by_receipt(host_town(request._request), safe(number), secret)
        if opened is None:
            raise Problem("not_found")
        return opened
    client = client_of(request)
    report = find_report(request, number) if client is not None else None
    is_own = report is not None and client is not None and report.api_client_id == client.pk
    return report if is_own else None


def held_report(request: Request, number: str) -> Report:
    """The same where nothing is to be had without it. Raises Problem not_found."""
    report = own_report(request, number)
    if report is None:
        raise Problem("not_found")
    return report


def find_report(request: Request, number: str) -> Report | None:
    """The report with a number, whoever asks; on a city's own host only its own."""
    return receipts.find_by_number(host_town(request._request), safe(number))


def safe(number: str) -> str:
    """A number the database can be asked for."""
    return number[:40].replace("\x00", "")
