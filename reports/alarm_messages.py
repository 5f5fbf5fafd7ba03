"""What goes out when a danger is to be taken on: mails and calls to people and control centre."""

import logging
from typing import Any

from django.conf import settings

from leases.models import Lane
from notifications import gateway, outbox
from notifications.outbox import Letter
from reports.alarm_link import link_of
from reports.messages import mail_staff
from reports.models import DangerAlert, Report, Submission

logger = logging.getLogger(__name__)


def alert_person(alert: DangerAlert) -> None:
    """Alert the person on call by mail and, where there is a gateway, by telephone.

    The link in it acknowledges once, without signing in.
    """
    report, person = alert.report, alert.person
    assert person is not None  # noqa: S101 - the control centre is alerted by the next function
    link = {"url": f"{settings.BASE_URL}/desk/alarm/{alert.pk}/?code=", "derive": link_of(alert)}
    _alarm(report, person.email, event="danger_alert", step=alert.step, acknowledge_link=link)
    _call(report, person.phone, step=alert.step, acknowledge_link=link)


def alert_control_centre(report: Report, *, step: int) -> None:
    """Nobody acknowledged: the configured control centre is told, by mail and by telephone."""
    town = report.municipality
    if town.control_centre_email:
        _alarm(report, town.control_centre_email, event="danger_escalated", step=step)
    _call(report, town.control_centre_phone, step=step)


def _alarm(report: Report, recipient: str, *, event: str, step: int, **context: Any) -> None:
    mail_staff(
        report,
        recipient,
        event=event,
        key=f"alert:{report.number}:{step}",
        lane=Lane.CITIZEN,  # before the day's mails to offices
        place=_place_in_words(report),
        **context,
    )


def _call(report: Report, number: str, *, step: int, **context: Any) -> None:
    if not number or not gateway.is_offered():
        return
    letter = Letter(
        municipality_id=report.municipality_id,
        key=f"alert:{report.number}:{step}:call",
        event="danger_call",
        recipient=number,
        context={
            "number": report.number,
            "category": report.category.name,
            "place": _place_in_words(report),
            **context,
        },
        lane=Lane.CITIZEN,
        subject_ref=report.number,
        channel=outbox.CALL,
    )
    try:
        outbox.queue_many([letter])
    except outbox.RecipientRefused:
        # The mail goes all the same, and the next person is alerted in time.
        logger.error("no number to call", extra={"number": report.number})  # noqa: TRY400


def _place_in_words(report: Report) -> str:
    # Whoever drives out must know where to, so an alarm alone carries the place in words.
    address = Submission.objects.values_list("address", flat=True).filter(report=report).first()
    return address or f"{report.place.y:.5f}, {report.place.x:.5f}"
