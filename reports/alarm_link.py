"""The link in an alarm: a code that is computed, never stored, and works once."""

from accounts import derived_codes
from reports.models import DangerAlert

PURPOSE = "alarm"


def link_of(alert: DangerAlert) -> list[str | int]:
    """How the code of an alert is computed (notifications.values)."""
    return [PURPOSE, alert.pk, 1]


def find_alert(alert_id: int, code: str) -> DangerAlert | None:
    """The alert a code opens, with its case; a wrong code looks like a wrong number."""
    if not derived_codes.matches(code, PURPOSE, alert_id):
        return None
    return (
        DangerAlert.objects.filter(pk=alert_id, person__is_active=True)
        .select_related("person", "report__municipality", "report__category", "report__office")
        .select_related("report__submission", "report__district")
        .defer("report__municipality__coverage", "report__municipality__pages")
        .defer("report__district__geometry")
        .first()
    )
