"""End the first look: the central team has looked, the responsible office gets the case."""

from datetime import datetime

from django.db import transaction

from accounts.models import Office, User
from reports.actions.assign import CaseIsClosed
from reports.actions.hand_over import check_office
from reports.actions.publish import republish
from reports.actors import SYSTEM, Actor
from reports.editing import is_shown, lock_case, save_case
from reports.history import record
from reports.messages import tell_office_new_case
from reports.models import Report, Screening
from reports.policies import may_reroute
from reports.responsibility import MOVED, move_to_office, record_office_change
from reports.rule_effects import able_assignee


class NoFirstLook(Exception):
    """The case waits for no first look (any more)."""


def end_first_look(report_id: int, *, by: User, now: datetime, expected_version: int) -> Report:
    """Give a case to the office that was found responsible, after somebody looked at it.

    Team and person that the rule chose there get it, a person unless they are away by now.
    Raises NotPermitted, CaseChanged, CaseIsClosed, NoFirstLook, OfficeUnsuitable.
    """
    with transaction.atomic():
        report = lock_case(report_id, by=by, expected_version=expected_version, may=may_reroute)
        if not report.is_open:
            raise CaseIsClosed
        if report.first_look_for_id is None:
            raise NoFirstLook
        office = Office.objects.get(pk=report.first_look_for_id)
        check_office(report, office, now)
        team, person = report.first_look_team_id, report.first_look_assignee_id
        decision = move_to_office(
            report, office, basis="first_look", why=f"Nach Erstsichtung an {office.label}."
        )
        report.team_id, report.assignee = team, able_assignee(report, person)
        save_case(report, *MOVED, now=now)
        record_office_change(report, decision, by=Actor.staff(by), now=now)
        if report.assignee_id is not None:
            record(report, "assigned", by=SYSTEM, at=now, person=report.assignee_id)
        if report.screening == Screening.CLEAR:
            tell_office_new_case(report, decision_id=decision.pk)
        if is_shown(report):
            republish(report)
    return report
