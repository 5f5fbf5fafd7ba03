"""Renew the secret of a receipt; everybody who has the old one is locked out."""

from datetime import datetime

from django.db import transaction

from reports.actors import CITIZEN
from reports.history import record
from reports.models import Report


def renew_receipt_secret(*, report_id: int, now: datetime) -> Report:
    """Raise the version the secret is derived from, and return the report with the new one."""
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        report.secret_version += 1
        report.updated_at = now
        report.save(update_fields=["secret_version", "updated_at"])
        record(report, "secret_renewed", by=CITIZEN, at=now)
    return report
