"""The page behind the link in an alarm: one click takes a danger on, without signing in."""

from contextlib import suppress
from enum import StrEnum

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from reports.actions.alert import NotDangerous, acknowledge_by_link
from reports.alarm_link import find_alert
from reports.models import DangerAlert
from reports.policies import NotPermitted
from staff_desk.access import open_page
from staff_desk.parameters import plain


class Stand(StrEnum):
    """How a danger stands for the person who was alerted."""

    OPEN = "open"  # nobody has taken it on
    MINE = "mine"  # this link did
    TAKEN = "taken"  # somebody else was faster
    OVER = "over"  # the case has ended


@open_page
def alarm(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Show the danger by GET, take it on by POST; the code in the link is what opens it.

    Opening a link must not acknowledge: mail programs and telephones open links by themselves.
    """
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    code = plain((request.POST if request.method == "POST" else request.GET).get("code", ""))
    alert = find_alert(alert_id, code)
    if alert is None:
        raise Http404
    if request.method == "POST":
        with suppress(NotDangerous, NotPermitted):  # the page says that it is over
            acknowledge_by_link(alert.pk, now=timezone.now())
        address = reverse("staff_desk:alarm", args=[alert.pk])
        return redirect(f"{address}?code={code}")
    context = {"alert": alert, "report": alert.report, "code": code, "stand": _stand(alert)}
    return render(request, "staff_desk/alarm.html", context)


def _stand(alert: DangerAlert) -> Stand:
    if not alert.report.is_open or not alert.report.is_danger:
        return Stand.OVER
    if alert.link_used_at is not None:
        return Stand.MINE
    return Stand.TAKEN if alert.report.danger_acknowledged_at else Stand.OPEN
