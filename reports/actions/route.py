"""Route: find the responsible office, write why, and tell it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from leases.models import Lane
from reports.actions.publish import republish
from reports.actors import SYSTEM
from reports.deadlines import council_answer_until
from reports.history import record
from reports.lifecycle import OPEN
from reports.messages import tell_office_new_case
from reports.models import (
    Effect,
    Publication,
    Report,
    RoutingDecision,
    Screening,
    Source,
    Submission,
)
from reports.owed import owe
from reports.publication import hold_on_private_ground
from reports.queries.assets import NamedThing, assets_of
from reports.reminders import watch_due
from reports.repeats import raise_for_repeats, tell_why
from reports.rule_effects import FIELDS, apply_effects, tell_effects
from routing import assignment
from routing.asset import Asset
from routing.assets import facts_of


def route_report(report_id: int, *, now: datetime | None = None, lane: Lane | None = None) -> None:
    """Decide the responsible office of a report that has none yet; running twice changes nothing.

    A decision made by hand is never overwritten. Danger cases alert the person on call at once.
    """
    now = now or timezone.now()
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category")
            .defer("municipality__coverage", "municipality__pages")
            .get(pk=report_id)
        )
        if report.routed_at is not None or report.office_chosen_by_hand:
            return
        assets = assets_of(report.pk)
        decision = _decide(report, assets, now)
        was_open_to_all = report.publication == Publication.APPROVED
        repeated = _apply(report, decision, assets, now)
        row = RoutingDecision.objects.create(
            report=report,
            office_id=decision.office_id,
            rule_id=decision.rule_id,
            rule_set_version=decision.rule_set_version,
            basis=decision.basis,
            sentences=list(decision.sentences),
            near_boundary=[asdict(each) for each in decision.near_boundary],
            notice=decision.effects.notice,
        )
        record(
            report,
            "routed",
            by=SYSTEM,
            public=True,
            at=now,
            office=decision.office_id,
            rule=decision.rule_id,
            rule_set=decision.rule_set_version,
            basis=decision.basis,
            decision=row.pk,
            version=report.version,
        )
        tell_effects(report, decision, row, now=now)
        if repeated is not None:
            tell_why(report, repeated, now=now)
        _tell(report, row, lane, was_open_to_all=was_open_to_all)


def _decide(report: Report, assets: Sequence[Asset], now: datetime) -> assignment.Assignment:
    sent = Submission.objects.only("description", "answers").get(report=report)
    # What has just arrived is new, however long its routing had to wait.
    age = now - report.received_at if report.import_key is not None else timedelta(0)
    return assignment.assign(
        municipality_id=report.municipality_id,
        category_id=report.category_id,
        point=report.place,
        at=report.received_at,
        answers=sent.answers,
        danger=report.is_danger,
        assets=facts_of(assets),
        accuracy_m=report.accuracy_m,
        text=sent.description,
        source=report.source,
        age=age,
    )


def _apply(
    report: Report, decision: assignment.Assignment, assets: Sequence[Asset], now: datetime
) -> NamedThing | None:
    report.office_id = decision.first_look_by or decision.office_id
    report.district_id = decision.district_id
    report.is_danger = decision.is_danger
    report.first_answer_due_at = decision.first_answer_due_at
    report.due_at = decision.due_at
    if report.source == Source.COUNCIL and not report.is_danger:
        # Rules of procedure of the council, not the category, say by when it is answered.
        report.due_at = council_answer_until(report, decision.office_id)
        report.first_answer_due_at = min(report.first_answer_due_at, report.due_at)
    apply_effects(report, decision)
    hold_on_private_ground(report)
    repeated = raise_for_repeats(report, assets) if report.import_key is None else None
    report.routed_at = report.updated_at = now
    report.version += 1
    report.save(
        update_fields=[
            "office",
            "district",
            "is_danger",
            "first_answer_due_at",
            "due_at",
            "routed_at",
            "updated_at",
            "version",
            *FIELDS,
        ]
    )
    if report.import_key is None:
        watch_due(report, now=now)
    return repeated


def _tell(
    report: Report, row: RoutingDecision, lane: Lane | None, *, was_open_to_all: bool
) -> None:
    if report.import_key is None and report.status in OPEN:
        if report.is_danger:
            owe(report, Effect.Kind.ALERT, version=1)
        # A danger waits for nobody's look; only what is marked as spam is no danger.
        heard = {Screening.CLEAR, Screening.HELD} if report.is_danger else {Screening.CLEAR}
        if report.screening in heard:
            tell_office_new_case(report, decision_id=row.pk)
    if report.screening != Screening.CLEAR:
        return
    if report.import_key is None and report.status in OPEN:
        owe(report, Effect.Kind.FIND_ALIKE)
    # Nothing was public before; where a rule has narrowed it, nothing will be.
    if was_open_to_all:
        republish(report, lane=lane)
