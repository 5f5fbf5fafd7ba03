"""What is held on a person whose e-mail address is known, in one municipality."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.inbox import IncomingMail
from reports.models import Report
from reports.participation import Support


@dataclass(frozen=True)
class Found:
    """Cases the person reported, cases they joined, and mails that became no report."""

    reports: Sequence[Report]
    supports: Sequence[Support]
    mails: Sequence[IncomingMail]

    @property
    def count(self) -> int:
        """How many rows that is."""
        return len(self.reports) + len(self.supports) + len(self.mails)

    def until(self, at: datetime) -> "Found":
        """Only what was there at a time."""
        return Found(
            [each for each in self.reports if each.received_at <= at],
            [each for each in self.supports if each.created_at <= at],
            [each for each in self.mails if each.received_at <= at],
        )


def find_person(town_id: int, address: str) -> Found:
    """Everything filed under an address, ignoring case. Three queries."""
    wanted = address.strip()
    reports = Report.objects.filter(
        municipality_id=town_id, contact__email__iexact=wanted
    ).select_related("municipality", "category", "office")
    supports = Support.objects.filter(
        report__municipality_id=town_id, email__iexact=wanted
    ).select_related("report__category", "report__municipality")
    mails = IncomingMail.objects.filter(
        municipality_id=town_id, sender_email__iexact=wanted, erased_at__isnull=True
    )
    return Found(
        list(reports.order_by("pk")), list(supports.order_by("pk")), list(mails.order_by("pk"))
    )
