"""Carry out a change of the offices: the ground at once, the cases one by one by workers.

A rename touches no case. A merge and a split move rules, defaults, people, calendars, duty and
offers in one transaction that also owes a move for each open case; the last move finishes it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import Office, OfficeName, Role, User
from reports.actions.publish import republish
from reports.actors import SYSTEM
from reports.editing import is_shown, save_case
from reports.history import record
from reports.models import Effect, Handover, Report, RoutingDecision
from reports.office_changes import OfficeChange, OfficeMove
from reports.office_ground import end_office, move_ground, new_office
from reports.office_messages import tell_office_changed
from reports.owed import owe_each
from reports.policies import NotPermitted, load_staff
from reports.queries.office_plans import Moving, moving_of, preview_of
from reports.responsibility import end_offer

NAMES = ["number", "name", "short_name"]
_WHY = {
    OfficeChange.Kind.MERGE: "Ämter zusammengelegt: {old} gehört jetzt zu {new}.",
    OfficeChange.Kind.SPLIT: "Amt geteilt: von {old} an {new}.",
}


class ChangeNotOpen(Exception):
    """The change is running, done or discarded already, or another one is running."""


class OfficesUnsuitable(Exception):
    """The offices named cannot be changed like this; `why` is a code.

    gone: one of them ended meanwhile; dispatch: the dispatch office must stay; same: an office
    and itself; key: the new office's key is taken; nothing: nothing was chosen; name: it is
    called that already.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def plan_change(
    *,
    kind: OfficeChange.Kind,
    office: Office,
    plan: dict[str, Any],
    reason: str,
    by: User,
    now: datetime,
    target: Office | None = None,
) -> OfficeChange:
    """Write down what is to happen; nothing happens yet. Raises NotPermitted, OfficesUnsuitable."""
    _check_admin(by, office.municipality_id)
    change = OfficeChange(
        municipality_id=office.municipality_id,
        kind=kind,
        office=office,
        target=target,
        plan=plan,
        reason=reason.strip()[:200],
        planned_by=by,
        planned_at=now,
    )
    _check(change, now)
    change.save()
    return change


def discard_change(change_id: int, *, by: User) -> None:
    """Drop a plan that was not carried out. Raises NotPermitted, ChangeNotOpen."""
    with transaction.atomic():
        change = _lock(change_id, by)
        change.state = OfficeChange.State.DISCARDED
        change.save(update_fields=["state"])


def start_change(change_id: int, *, by: User, now: datetime) -> OfficeChange:
    """Carry a plan out: the ground in this transaction, each open case by a worker.

    Raises NotPermitted, ChangeNotOpen, OfficesUnsuitable, PlannedRules.
    """
    with transaction.atomic():
        change = _lock(change_id, by)
        _check(change, now)
        running = OfficeChange.objects.filter(
            municipality_id=change.municipality_id, state=OfficeChange.State.RUNNING
        )
        if running.exists():
            raise ChangeNotOpen
        change.started_by, change.started_at = by, now
        change.state = OfficeChange.State.RUNNING
        if change.kind == OfficeChange.Kind.RENAME:
            _rename(change, now)
        else:
            _begin_moving(change, now)
        change.save()
        if not change.total:
            _finish(change, now)
    return change


def move_case(report_id: int, *, change_id: int, now: datetime) -> None:
    """Move one case of a running change; safe to run twice. The last one finishes the change."""
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "office", "team", "assignee", "district")
            .defer("municipality__coverage", "municipality__pages", "district__geometry")
            .get(pk=report_id)
        )
        move = (
            OfficeMove.objects.select_for_update(no_key=True, of=("self",))
            .select_related("from_office", "to_office", "change")
            .get(change=change_id, report=report)
        )
        if move.outcome:
            return
        is_there = report.is_open and report.office_id == move.from_office_id
        if is_there:
            _move(report, move, now)
        move.outcome = "moved" if is_there else "gone"
        move.save(update_fields=["outcome"])
        OfficeChange.objects.filter(pk=change_id).update(moved=F("moved") + 1)
        # Counted under the lock of its row, so exactly one mover sees the last number.
        change = OfficeChange.objects.get(pk=change_id)
        if change.moved == change.total:
            _finish(change, now)


def _move(report: Report, move: OfficeMove, now: datetime) -> None:
    old, new = move.from_office, move.to_office
    _settle_offers(report, new, now)
    report.office = new
    fields = ["office"]
    if report.team is not None and report.team.office_id != new.pk:
        report.team = None
        fields.append("team")
    if report.assignee is not None and not _works_in(report.assignee, new):
        report.assignee = None
        fields.append("assignee")
    why = _WHY[OfficeChange.Kind(move.change.kind)].format(old=old.label, new=new.label)
    decision = RoutingDecision.objects.create(
        report=report, office=new, basis="office_change", sentences=[why]
    )
    save_case(report, *fields, now=now)
    record(
        report,
        "reorganised",
        by=SYSTEM,
        public=True,
        at=now,
        version=report.version,
        office=new.pk,
        from_office=old.pk,
        decision=decision.pk,
        change=move.change_id,
    )
    if is_shown(report):
        republish(report)


def _settle_offers(report: Report, new: Office, now: datetime) -> None:
    """An offer to the office that has the case now is one no more; others are made by it now."""
    offers = Handover.objects.filter(report=report, state=Handover.State.OFFERED)
    for offer in offers.select_for_update(no_key=True):
        if offer.to_office_id == new.pk:
            end_offer(offer, Handover.State.WITHDRAWN, now=now)
        else:
            offer.from_office = new
            offer.save(update_fields=["from_office"])


def _works_in(person: User, office: Office) -> bool:
    rows = person.roles.filter(municipality_id=office.municipality_id)
    return rows.filter(office=office).exists() or rows.filter(role=Role.DISPATCHER).exists()


def _rename(change: OfficeChange, now: datetime) -> None:
    office, plan = change.office, change.plan
    plan["old"] = {name: getattr(office, name) for name in NAMES}
    today = now.astimezone(office.municipality.tz).date()
    OfficeName.objects.create(office=office, number=office.number, name=office.name, valid_to=today)
    for name in NAMES:
        setattr(office, name, plan[name])
    office.save(update_fields=NAMES)


def _begin_moving(change: OfficeChange, now: datetime) -> None:
    if change.kind == OfficeChange.Kind.SPLIT and change.target is None:
        change.target = new_office(change.office, change.plan["new"], now)
    moving = moving_of(change)
    if preview := preview_of(change, now):
        change.plan["told"] = preview.told_afterwards()
    _write_moves(change, moving)
    move_ground(moving, reason=change.reason, now=now)
    if change.kind == OfficeChange.Kind.MERGE:
        for source in moving.sources:
            end_office(source, moving.target, now)


def _write_moves(change: OfficeChange, moving: Moving) -> None:
    cases = list(moving.cases.order_by("pk").values_list("pk", "office_id"))
    OfficeMove.objects.bulk_create(
        [
            OfficeMove(
                change=change,
                report_id=report_id,
                from_office_id=office_id,
                to_office=moving.target,
            )
            for report_id, office_id in cases
        ],
        batch_size=1000,
    )
    owe_each([pk for pk, _office in cases], Effect.Kind.OFFICE_MOVE, version=change.pk)
    change.total = len(cases)


def _finish(change: OfficeChange, now: datetime) -> None:
    """The end: one mail to each office concerned, however many cases there were."""
    change.state, change.finished_at = OfficeChange.State.DONE, now
    change.save(update_fields=["state", "finished_at"])
    if change.kind == OfficeChange.Kind.RENAME:
        concerned: Iterable[Office] = [change.office]
    else:
        ids = {change.office_id, change.target_id, *change.plan.get("sources", [])} - {None}
        concerned = Office.objects.filter(pk__in=ids)
    for office in concerned:
        tell_office_changed(change, office)


def _check(change: OfficeChange, now: datetime) -> None:
    """Raise OfficesUnsuitable unless the offices are as the plan needs them."""
    today = now.astimezone(change.office.municipality.tz).date()
    named = {change.office_id, *change.plan.get("sources", [])}
    if change.target_id is not None:
        named.add(change.target_id)
    alive = Office.objects.valid_on(today).filter(
        pk__in=named, municipality_id=change.municipality_id
    )
    if alive.count() != len(named):
        raise OfficesUnsuitable("gone")
    if change.kind == OfficeChange.Kind.RENAME:
        if all(getattr(change.office, name) == change.plan[name] for name in NAMES):
            raise OfficesUnsuitable("name")
    elif change.kind == OfficeChange.Kind.MERGE:
        _check_merge(change)
    elif change.kind == OfficeChange.Kind.SPLIT:
        _check_split(change)


def _check_merge(change: OfficeChange) -> None:
    sources = change.plan.get("sources", [])
    if not sources:
        raise OfficesUnsuitable("nothing")
    if change.office_id in sources:
        raise OfficesUnsuitable("same")
    if Office.objects.filter(pk__in=sources, is_dispatch=True).exists():
        raise OfficesUnsuitable("dispatch")


def _check_split(change: OfficeChange) -> None:
    if not change.plan.get("chosen"):
        raise OfficesUnsuitable("nothing")
    if change.target_id == change.office_id:
        raise OfficesUnsuitable("same")
    key = change.plan.get("new", {}).get("key")
    taken = Office.objects.filter(municipality_id=change.municipality_id, key=key)
    if change.target_id is None and (not key or taken.exists()):
        raise OfficesUnsuitable("key")


def _check_admin(by: User, municipality_id: int) -> None:
    if not load_staff(by, municipality_id).has(Role.ADMIN):
        raise NotPermitted


def _lock(change_id: int, by: User) -> OfficeChange:
    change = (
        OfficeChange.objects.select_for_update(no_key=True, of=("self",))
        .select_related("office__municipality", "target", "municipality")
        .defer("municipality__coverage", "office__municipality__coverage")
        .get(pk=change_id)
    )
    _check_admin(by, change.municipality_id)
    if change.state != OfficeChange.State.PLANNED:
        raise ChangeNotOpen
    return change
