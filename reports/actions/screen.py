"""Look at a report that was held back: release it, or mark it as spam."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import User
from reports.actions.publish import republish
from reports.editing import lock_case, record_change, save_case
from reports.messages import tell_office_new_case, tell_reporter_received
from reports.models import Contact, Report, RoutingDecision, Screening
from reports.policies import may_screen


def screen(
    report_id: int, *, verdict: Screening, by: User, now: datetime, expected_version: int
) -> Report:
    """Decide on a report that was held back; what it was owed on arrival is caught up with.

    Also takes a verdict back. Raises NotPermitted, CaseChanged.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_screen)
        report.screening = Screening(verdict)
        save_case(report, "screening", now=now)
        record_change(report, "screened", by=by, now=now, verdict=report.screening)
        if report.screening == Screening.CLEAR:
            _catch_up(report, now)
        republish(report)
    return report


def _catch_up(report: Report, now: datetime) -> None:
    # Messages have unique keys, so releasing twice tells nobody twice.
    decision = RoutingDecision.objects.filter(report=report).order_by("-pk").first()
    if decision is not None and report.is_open:
        tell_office_new_case(report, decision_id=decision.pk)
    contact = Contact.objects.filter(report=report, email_confirmed_at__isnull=True).first()
    if contact is not None and contact.email:
        contact.confirm_until = now + settings.CONFIRM_ADDRESS_WITHIN
        was_told, contact.told_at = contact.told_at is not None, contact.told_at or now
        contact.save(update_fields=["confirm_until", "told_at"])
        if not was_told:
            tell_reporter_received(report, contact)
