"""Values that several messages share: links into a report, and its status in words."""

from typing import Any

from django.utils import translation

from accounts.towns import public_url
from reports.lifecycle import ClosingReason, Status
from reports.models import Report
from reports.receipts import PURPOSE, STOP_PURPOSE


def receipt_link(report: Report) -> dict[str, Any]:
    """The address that opens a report with its secret, derived when the mail is written."""
    return {
        "url": public_url(report.municipality, f"meldung/{report.number}/zugang/?code="),
        **secret(report),
    }


def secret(report: Report) -> dict[str, Any]:
    """The receipt's secret, derived when the mail is written; no table holds it."""
    return {"derive": [PURPOSE, report.pk, report.secret_version]}


def stop_link(report: Report) -> dict[str, Any]:
    """The way out of mails about a report."""
    return {
        "url": public_url(report.municipality, f"meldung/{report.number}/abmelden/?code="),
        "derive": [STOP_PURPOSE, report.pk, 1],
    }


def in_words(status: str, closing_reason: str, language: str) -> dict[str, Any]:
    """A status and a closing reason in the reader's language."""
    with translation.override(language):
        return {
            "status": str(Status(status).label),
            "closing_reason": str(ClosingReason(closing_reason).label) if closing_reason else "",
        }
