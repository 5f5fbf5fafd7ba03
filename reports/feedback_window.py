"""When "Stimmt das?" is asked: after a repair, for some days, once, and only whom it may bother."""

from datetime import datetime, timedelta

from reports.incidents import IncidentMember
from reports.lifecycle import ClosingReason, Status
from reports.models import Contact, Report

# "Nichts vorgefunden" is what people contradict most, so it counts as a repair here.
ASKED_ABOUT = frozenset({ClosingReason.DONE, ClosingReason.NOTHING_FOUND})


def was_asked_in_incident(report: Report) -> bool:
    """Whether the same person has said it for another report of the same incident. One query."""
    own = Contact.objects.filter(report=report).exclude(email="").values("email")
    members = IncidentMember.objects.filter(
        left_at__isnull=True,
        incident__members__report=report,
        incident__members__left_at__isnull=True,
        report__contact__email__in=own,
        report__feedback__isnull=False,
    )
    return members.exclude(report=report).exists()


def feedback_until(report: Report) -> datetime | None:
    """Until when people may say whether the repair is true (UTC); None where nobody is asked.

    The number of days is the category's, else the municipality's; 0 means never. Both are loaded.
    """
    if report.status != Status.DONE or report.closing_reason not in ASKED_ABOUT:
        return None
    days = report.category.feedback_days
    if days is None:
        days = report.municipality.feedback_days
    if not days or report.closed_at is None:
        return None
    return report.closed_at + timedelta(days=days)
