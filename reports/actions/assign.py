"""Take a case, give it to a colleague, or give it back to the office's queue."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.absence import is_absent
from accounts.models import User
from reports.editing import lock_case, record_change, save_case
from reports.models import Report
from reports.policies import load_staff, may_work


class NotInOffice(Exception):
    """A case is worked on by people of the responsible office or by dispatchers."""


class PersonIsAway(Exception):
    """Who is away gets no new work; it goes to the team."""


class CaseIsClosed(Exception):
    """Nobody is assigned to a case that has ended."""


def take(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Assign a case to oneself. Raises NotPermitted, CaseChanged, CaseIsClosed."""
    return assign(report_id, to=by, by=by, now=now, expected_version=expected_version)


def assign(report_id: int, *, to: User, by: User, now: datetime, expected_version: int) -> Report:
    """Assign a case to a person who may work on it.

    Raises NotPermitted, CaseChanged, NotInOffice, CaseIsClosed, PersonIsAway.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        if not report.is_open:
            raise CaseIsClosed
        if not may_work(load_staff(to, report.municipality_id), report):
            raise NotInOffice
        if to.pk != by.pk and is_absent(to.pk, timezone.localdate(now)):
            raise PersonIsAway
        report.assignee = to
        save_case(report, "assignee", now=now)
        record_change(report, "assigned", by=by, now=now, person=to.pk)
    return report


def unassign(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Give a case back to the queue of its office. Raises NotPermitted, CaseChanged."""
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_work)
        report.assignee = None
        save_case(report, "assignee", now=now)
        record_change(report, "unassigned", by=by, now=now)
    return report
