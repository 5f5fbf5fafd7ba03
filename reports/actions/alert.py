"""Danger: alert the person on call until somebody acknowledges, then the control centre."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Office, User
from reports.actors import SYSTEM, Actor
from reports.alarm_messages import alert_control_centre, alert_person
from reports.history import record
from reports.lifecycle import OPEN
from reports.messages import tell_dispatch
from reports.models import DangerAlert, Effect, Report, Screening
from reports.owed import owe
from reports.policies import NotPermitted, circle_of, load_staff, may_acknowledge
from routing import duty


class NotDangerous(Exception):
    """The case is no danger case, or is closed."""


def alert_next(report_id: int, *, step: int, now: datetime | None = None) -> None:
    """Take one step of the alarm chain unless somebody has acknowledged; once per step.

    Every step alerts the first person on call by rank who has not been alerted yet, so that a
    change of shift between two steps leaves nobody out. Once all have been, the control centre
    and the dispatcher are told.
    """
    now = now or timezone.now()
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "district", "office")
            .defer("municipality__coverage", "municipality__pages", "district__geometry")
            .get(pk=report_id)
        )
        if report.danger_acknowledged_at or _is_settled(report):
            return
        earlier = list(DangerAlert.objects.filter(report=report).values_list("step", "person_id"))
        if any(taken == step for taken, _person in earlier):
            return
        alerted = {person for _taken, person in earlier}
        on_call = duty.on_call(report.municipality_id, report.office_id, now)
        person = next((each for each in on_call if each.person_id not in alerted), None)
        if person is None:
            _escalate(report, step)
        else:
            _alert_one(report, person.person_id, step)
            later = now + timedelta(minutes=report.municipality.acknowledge_minutes)
            owe(report, Effect.Kind.ALERT, version=step + 1, not_before=later)


def acknowledge(report_id: int, *, by: User, now: datetime) -> Report:
    """Somebody takes the danger on; the alarm chain stops. Later clicks change nothing.

    Raises NotPermitted, NotDangerous.
    """
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        staff = load_staff(by, report.municipality_id)
        if not may_acknowledge(staff, report, circle_of(report)):
            raise NotPermitted
        if not report.is_danger or report.status not in OPEN:
            raise NotDangerous
        if report.danger_acknowledged_at is None:
            report.danger_acknowledged_at = report.updated_at = now
            report.danger_acknowledged_by = by
            report.version += 1
            report.save(
                update_fields=[
                    "danger_acknowledged_at",
                    "danger_acknowledged_by",
                    "updated_at",
                    "version",
                ]
            )
            record(
                report, "danger_acknowledged", by=Actor.staff(by), at=now, version=report.version
            )
    return report


def acknowledge_by_link(alert_id: int, *, now: datetime) -> bool:
    """Whoever was alerted takes the danger on by the link of the alert, without signing in.

    The door has checked the code. A link works once; where somebody was faster nothing changes.
    Returns whether it was this click. Raises NotDangerous, NotPermitted.
    """
    with transaction.atomic():
        alert = DangerAlert.objects.select_related("person").get(pk=alert_id)
        # The case first, then its alert, as whoever alerts does.
        report = Report.objects.select_for_update(no_key=True).get(pk=alert.report_id)
        alert = DangerAlert.objects.select_for_update(no_key=True, of=("self",)).get(pk=alert_id)
        if alert.person is None or alert.link_used_at is not None:
            return False
        if report.danger_acknowledged_at is not None and report.is_open:
            return False
        acknowledge(report.pk, by=alert.person, now=now)
        alert.link_used_at = now
        alert.save(update_fields=["link_used_at"])
    return True


def _is_settled(report: Report) -> bool:
    """Whether somebody has ended the case or found that it is no report at all."""
    return report.status not in OPEN or report.screening == Screening.SPAM


def _alert_one(report: Report, person_id: int, step: int) -> None:
    person = User.objects.get(pk=person_id)
    alert = DangerAlert.objects.create(report=report, step=step, person=person, target="person")
    record(report, "danger_alerted", by=SYSTEM, step=step, person=person.pk)
    alert_person(alert)


def _escalate(report: Report, step: int) -> None:
    DangerAlert.objects.create(report=report, step=step, target="control_centre")
    record(report, "danger_escalated", by=SYSTEM, step=step)
    alert_control_centre(report, step=step)
    dispatch = Office.objects.get(municipality=report.municipality, is_dispatch=True)
    tell_dispatch(report, dispatch, why="danger_unacknowledged", version=step)
