"""Correct the category of a case. What may be public is narrowed with it, never widened."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Office, User
from reports.actions.assign import CaseIsClosed
from reports.actions.publish import republish
from reports.actors import Actor
from reports.deadlines import set_targets
from reports.editing import lock_case, record_change, save_case
from reports.models import Effect, Report, Submission
from reports.owed import owe
from reports.policies import may_reroute, may_work
from reports.publication import narrow_publication, policy_of
from reports.queries.assets import assets_of
from reports.reminders import watch_due
from reports.responsibility import MOVED, move_to_office, record_office_change
from reports.rule_effects import FIELDS, apply_effects, tell_effects
from routing import assignment, catalogue
from routing.assets import facts_of
from routing.models import Category
from routing.publication_policy import narrower

CHANGED = (
    "category",
    "is_danger",
    "first_answer_due_at",
    "due_at",
    "publication",
    "text_publication",
    "narrowed_policy",
    "runs_by_clock",
)


class CategoryUnsuitable(Exception):
    """Not a category of this town that is offered, or the one the case has already."""


def recategorise(
    report_id: int,
    *,
    category: Category,
    by: User,
    now: datetime,
    expected_version: int,
    follow_rules: bool = False,
) -> Report:
    """Give a case another category and the due dates that go with it, counted from its arrival.

    The office stays unless a dispatcher asks to `follow_rules`. Raises NotPermitted, CaseChanged,
    CategoryUnsuitable, CaseIsClosed.
    """
    with transaction.atomic():
        report = lock_case(
            report_id,
            by=by,
            expected_version=expected_version,
            may=may_reroute if follow_rules else may_work,
        )
        if not report.is_open:
            raise CaseIsClosed
        _check(report, category)
        before, was_danger = report.category, report.is_danger
        policy = policy_of(report)
        submission = Submission.objects.get(pk=report.pk)

        report.category = category
        decision = _apply_targets(report, submission, now)
        if decision.effects.publication:
            narrowed = narrower(report.narrowed_policy, decision.effects.publication)
            report.narrowed_policy = narrowed
        narrow_publication(report, submission, policy)
        save_case(report, *CHANGED, now=now)

        codes: dict[str, Any] = {"from": before.code, "to": category.code}
        record_change(report, "recategorised", by=by, now=now, **codes)
        if follow_rules:
            _follow(report, decision, by=by, now=now)
        if report.is_danger and not was_danger:
            owe(report, Effect.Kind.ALERT, version=1)
        republish(report)
    return report


def _check(report: Report, category: Category) -> None:
    offered = catalogue.find_category(report.municipality_id, category.code)
    if offered is None or offered.pk != category.pk or category.pk == report.category_id:
        raise CategoryUnsuitable


def _apply_targets(report: Report, submission: Submission, now: datetime) -> assignment.Assignment:
    decision = assignment.assign(
        municipality_id=report.municipality_id,
        category_id=report.category_id,
        point=report.place,
        at=report.received_at,
        answers=submission.answers,
        danger=report.is_danger,
        assets=facts_of(assets_of(report.pk)),
        accuracy_m=report.accuracy_m,
        text=submission.description,
        source=report.source,
        age=now - report.received_at,
        rules_at=now,
    )
    report.runs_by_clock = decision.effects.around_the_clock
    report.is_danger = decision.is_danger
    set_targets(
        report,
        first_answer_due_at=decision.first_answer_due_at,
        due_at=decision.due_at,
        by_office=decision.office_id,
    )
    return decision


def _follow(report: Report, decision: assignment.Assignment, *, by: User, now: datetime) -> None:
    """Do all that the rules say; whoever asks for it is the one who looks first."""
    moves = decision.office_id != report.office_id
    office = Office.objects.get(pk=decision.office_id)
    row = move_to_office(report, office, basis=decision.basis, why="")
    row.rule_id, row.sentences = decision.rule_id, list(decision.sentences)
    row.near_boundary = [asdict(each) for each in decision.near_boundary]
    row.rule_set_version, row.notice = decision.rule_set_version, decision.effects.notice
    row.save(update_fields=["rule_id", "sentences", "rule_set_version", "notice", "near_boundary"])
    apply_effects(report, replace(decision, first_look_by=None))
    report.save(update_fields=[*MOVED, *FIELDS])
    watch_due(report, now=now)
    if moves:
        record_office_change(report, row, by=Actor.staff(by), now=now)
    tell_effects(report, decision, row, now=now)
