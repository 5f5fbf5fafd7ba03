"""Correct the category of a case. What may be public is narrowed with it, never widened."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Office, User
from reports.actions.assign import CaseIsClosed
from reports.actions.publish import republish
from reports.actors import Actor
from reports.deadlines import set_targets
from reports.editing import lock_case, record_change, save_case
from reports.models import Effect, Photo, PhotoState, Publication, Report, Submission
from reports.owed import owe
from reports.policies import may_reroute, may_work
from reports.queries.assets import assets_of
from reports.responsibility import MOVED, move_to_office, record_office_change
from routing import assignment, catalogue
from routing.assets import facts_of
from routing.models import Category, PublicationPolicy

SILENT = frozenset({PublicationPolicy.NEVER, PublicationPolicy.COARSE})
CHANGED = (
    "category",
    "is_danger",
    "first_answer_due_at",
    "due_at",
    "publication",
    "text_publication",
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
        submission = Submission.objects.get(pk=report.pk)

        report.category = category
        decision = _apply_targets(report, submission)
        _narrow_publication(report, submission, PublicationPolicy(before.publication_policy))
        save_case(report, *CHANGED, now=now)

        codes: dict[str, Any] = {"from": before.code, "to": category.code}
        record_change(report, "recategorised", by=by, now=now, **codes)
        if follow_rules and decision.office_id != report.office_id:
            _follow(report, decision, by=by, now=now)
        if report.is_danger and not was_danger:
            owe(report, Effect.Kind.ALERT, version=1)
        republish(report)
    return report


def _check(report: Report, category: Category) -> None:
    offered = catalogue.find_category(report.municipality_id, category.code)
    if offered is None or offered.pk != category.pk or category.pk == report.category_id:
        raise CategoryUnsuitable


def _apply_targets(report: Report, submission: Submission) -> assignment.Assignment:
    decision = assignment.assign(
        municipality_id=report.municipality_id,
        category_id=report.category_id,
        point=report.place,
        at=report.received_at,
        answers=submission.answers,
        danger=report.is_danger,
        assets=facts_of(assets_of(report.pk)),
        accuracy_m=report.accuracy_m,
    )
    report.is_danger = decision.is_danger
    set_targets(
        report,
        first_answer_due_at=decision.first_answer_due_at,
        due_at=decision.due_at,
        by_office=decision.office_id,
    )
    return decision


def _narrow_publication(report: Report, submission: Submission, before: PublicationPolicy) -> None:
    """Where the policy changes, a person looks again before anything (more) is public."""
    policy = PublicationPolicy(report.category.publication_policy)
    if policy == before:
        return
    if policy == PublicationPolicy.NEVER or report.is_confidential:
        report.publication = Publication.WITHHELD
    elif policy != PublicationPolicy.AUTOMATIC or report.publication != Publication.APPROVED:
        report.publication = Publication.PENDING
    photos = Photo.objects.filter(report=report)
    if policy in SILENT:
        report.text_publication = Publication.WITHHELD
        photos.update(publication=Publication.WITHHELD)
    elif before in SILENT:
        has_text = bool(submission.description)
        report.text_publication = Publication.PENDING if has_text else Publication.WITHHELD
        photos.exclude(state=PhotoState.FAILED).update(publication=Publication.PENDING)


def _follow(report: Report, decision: assignment.Assignment, *, by: User, now: datetime) -> None:
    office = Office.objects.get(pk=decision.office_id)
    row = move_to_office(report, office, basis=decision.basis, why="")
    row.rule_id, row.sentences = decision.rule_id, list(decision.sentences)
    row.near_boundary = [asdict(each) for each in decision.near_boundary]
    row.save(update_fields=["rule_id", "sentences", "near_boundary"])
    report.save(update_fields=MOVED)
    record_office_change(report, row, by=Actor.staff(by), now=now)
