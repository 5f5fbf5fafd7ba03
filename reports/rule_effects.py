"""Carries what a rule orders besides the office into a case."""

from datetime import datetime

from django.utils import timezone

from accounts.absence import is_absent
from accounts.models import User
from reports.actors import SYSTEM
from reports.copies import InformationCopy
from reports.history import record
from reports.messages import tell_office_copy
from reports.models import Publication, Report, RoutingDecision, Screening, Submission
from reports.policies import load_staff, may_work
from reports.publication import narrow_publication, policy_of
from routing.assignment import Assignment
from routing.publication_policy import narrower

FIELDS = (
    *("priority", "tags", "team", "assignee", "runs_by_clock"),
    *("first_look_for", "first_look_team", "first_look_assignee"),
    *("narrowed_policy", "is_confidential", "publication", "text_publication"),
)


def apply_effects(report: Report, decision: Assignment) -> None:
    """Set what the rule of a decision orders; nothing becomes more public by it.

    The office of the case is set before. The caller holds the lock and saves the fields in FIELDS.
    """
    effects = decision.effects
    report.priority, report.tags = effects.priority, list(effects.tags)
    report.runs_by_clock = effects.around_the_clock
    before = policy_of(report)
    if effects.publication:
        report.narrowed_policy = narrower(report.narrowed_policy, effects.publication)
    if effects.is_confidential:
        report.is_confidential = True
        report.publication = Publication.WITHHELD
    if policy_of(report) != before:
        narrow_publication(report, Submission.objects.get(report=report), before)
    if decision.first_look_by:
        report.first_look_for_id = decision.office_id
        report.first_look_team_id = effects.team_id
        report.first_look_assignee_id = effects.assignee_id
    else:
        report.team_id = effects.team_id
        report.assignee = able_assignee(report, effects.assignee_id)


def tell_effects(
    report: Report, decision: Assignment, row: RoutingDecision, *, now: datetime
) -> None:
    """Write down what others are told: who was assigned, a notice, copies to other offices.

    A confidential case is copied to nobody.
    """
    if report.assignee_id is not None and decision.effects.assignee_id == report.assignee_id:
        record(report, "assigned", by=SYSTEM, at=now, person=report.assignee_id)
    if row.notice:
        record(report, "notice_given", by=SYSTEM, public=True, at=now, decision=row.pk)
    if report.is_confidential or report.screening == Screening.SPAM:
        return
    for office_id in decision.effects.copies:
        copy, is_new = InformationCopy.objects.get_or_create(
            report=report, office_id=office_id, defaults={"made_at": now}
        )
        if is_new:
            record(report, "copied", by=SYSTEM, at=now, office=office_id)
            tell_office_copy(report, copy.office)


def able_assignee(report: Report, person_id: int | None) -> User | None:
    """The person a rule names, unless they are away or cannot work on the case (any more)."""
    person = User.objects.filter(pk=person_id).first() if person_id else None
    if person is None or not may_work(load_staff(person, report.municipality_id), report):
        return None
    return None if is_absent(person.pk, timezone.localdate()) else person
