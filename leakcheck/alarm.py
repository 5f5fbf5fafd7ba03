"""Whoever must act on a leak hears of it: a breach is to be reported within 72 hours (Art. 33)."""

import logging
from collections.abc import Sequence

from django.conf import settings

from accounts.models import Municipality, Office, Role, RoleAssignment
from leakcheck.models import LeakCheck
from leases.models import Lane
from notifications.outbox import Letter
from reports.staff_mail import queue_or_log

logger = logging.getLogger(__name__)


def tell_of_leaks(results: Sequence[LeakCheck]) -> None:
    """Mail the operator and the town's privacy officers, once for each check with hits."""
    for result in results:
        if not result.hits:
            continue
        logger.error("leak check: %d hits", result.hits, extra={"row": result.pk})
        for recipient in _recipients(result.municipality):
            _mail(result, recipient)


def _mail(result: LeakCheck, recipient: str) -> None:
    link = f"{settings.BASE_URL}/admin/leakcheck/leakcheck/{result.pk}/change/"
    queue_or_log(
        Letter(
            municipality_id=result.municipality_id,
            key=f"leak:{result.pk}:{recipient}",
            event="leak_found",
            recipient=recipient,
            context={"hits": result.hits, "desk_link": link},
            lane=Lane.STAFF,
        )
    )


def _recipients(town: Municipality) -> list[str]:
    """The operator and those who look after privacy; without either the dispatch office."""
    officers = RoleAssignment.objects.filter(municipality=town, role=Role.PRIVACY)
    emails = officers.filter(user__is_active=True).values_list("user__email", flat=True)
    known = [settings.OPERATOR_EMAIL, *emails]
    dispatch = Office.objects.filter(municipality=town, is_dispatch=True)
    wanted = [email for email in known if email] or list(dispatch.values_list("email", flat=True))
    return sorted(set(wanted))
