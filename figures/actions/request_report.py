"""Somebody wants a management report."""

from datetime import datetime

from django.db import transaction

from accounts.models import Municipality, Office, User
from figures.models import ManagementReport
from figures.period import Period
from figures.scope import Scope
from figures.waking import wake_builders
from leases.models import Lane
from reports.policies import NotPermitted


class PeriodNotBegun(Exception):
    """The period lies ahead."""


def request_report(
    *,
    town: Municipality,
    office: Office | None,
    period: Period,
    scope: Scope,
    by: User,
    now: datetime,
) -> ManagementReport:
    """Book a report of a period, for the town or one office; a draft that is there is taken.

    After a released one the next edition begins. Raises NotPermitted, PeriodNotBegun.
    """
    if not (scope.may_release and scope.covers(office.pk if office else None)):
        raise NotPermitted
    if period.first > now.astimezone(town.tz).date():
        raise PeriodNotBegun
    with transaction.atomic():
        # Two who ask at once wait here, and the second one finds the draft of the first.
        Municipality.objects.select_for_update(no_key=True).only("pk").get(pk=town.pk)
        same = ManagementReport.objects.filter(
            municipality=town, office=office, first=period.first, last=period.last
        ).defer("pdf")
        newest = same.order_by("-edition").first()
        if newest is not None and not newest.is_released:
            return newest
        report = ManagementReport.objects.create(
            municipality=town,
            office=office,
            first=period.first,
            last=period.last,
            edition=newest.edition + 1 if newest else 1,
            requested_by=by,
            lane=Lane.BULK,
        )
        wake_builders()
    return report
