"""Danger: the person on call, the deputy, then control centre and dispatcher; never silence."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from deploy.local.mailsink import MailSink
from leases.models import Lane, WorkState
from notifications import outbox
from notifications.tasks import drain as deliver
from reports.actions.alert import NotDangerous, acknowledge, alert_next
from reports.actions.change_status import change_status
from reports.actions.route import route_report
from reports.actions.submit import Receipt
from reports.lifecycle import Status
from reports.models import DangerAlert, Effect, Report, Screening, TimelineEntry
from reports.policies import NotPermitted
from reports.tasks import drain
from routing.decision import DANGER_HOURS
from routing.models import OnCallShift
from tests.factories import OnCallShiftFactory
from tests.people import Town, fresh
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
CONTROL_CENTRE = "leitstelle@heilbronn.example"


@pytest.fixture
def deputy(heilbronn: Town) -> User:
    carlo = heilbronn.people["carlo"]
    OnCallShiftFactory(municipality=heilbronn.municipality, person=carlo, rank=2)
    return carlo


@pytest.fixture
def danger(heilbronn: Town, report: Submit) -> Receipt:
    return report(heilbronn, "collapse", address="Allee 12")


def next_step() -> None:
    """The minutes to acknowledge have passed."""
    Effect.objects.filter(kind=Effect.Kind.ALERT, state=WorkState.PENDING).update(
        next_at=timezone.now() - timedelta(seconds=1)
    )
    drain(Lane.CITIZEN)


def alerted() -> list[tuple[int, str, int | None]]:
    return list(DangerAlert.objects.order_by("step").values_list("step", "target", "person_id"))


def pending_alarms() -> list[Effect]:
    return list(Effect.objects.filter(kind=Effect.Kind.ALERT, state=WorkState.PENDING))


def test_the_chain_goes_on_call_deputy_control_centre_and_dispatcher(
    heilbronn: Town, deputy: User, danger: Receipt, mail_sink: MailSink
) -> None:
    clara = heilbronn.people["clara"]
    drain(Lane.CITIZEN)
    assert alerted() == [(1, "person", clara.pk)]
    (waiting,) = pending_alarms()
    minutes = (waiting.next_at - waiting.created_at) / timedelta(minutes=1)
    assert minutes == pytest.approx(heilbronn.municipality.acknowledge_minutes, abs=0.1)

    next_step()
    assert alerted()[1:] == [(2, "person", deputy.pk)]
    next_step()
    assert alerted()[2:] == [(3, "control_centre", None)]
    assert pending_alarms() == []
    deliver(Lane.CITIZEN)
    deliver(Lane.STAFF)

    for address in (clara.email, deputy.email, CONTROL_CENTRE):
        (mail,) = mail_sink.find(to=address)
        assert "Allee 12" in mail.body
    dispatch = heilbronn.offices["dispatch"].email
    assert [mail for mail in mail_sink.find(to=dispatch) if danger.number in mail.subject]


def test_acknowledging_stops_the_chain(heilbronn: Town, deputy: User, danger: Receipt) -> None:
    drain(Lane.CITIZEN)
    acknowledge(danger.report.pk, by=heilbronn.people["clara"], now=timezone.now())
    acknowledge(danger.report.pk, by=deputy, now=timezone.now())

    next_step()

    assert len(alerted()) == 1
    assert pending_alarms() == []
    case = fresh(danger)
    assert case.danger_acknowledged_by == heilbronn.people["clara"]
    assert TimelineEntry.objects.filter(kind="danger_acknowledged").count() == 1


def test_closing_the_case_stops_the_chain_too(
    heilbronn: Town, deputy: User, danger: Receipt
) -> None:
    drain(Lane.CITIZEN)
    change_status(
        danger.report.pk,
        to=Status.DONE,
        by=heilbronn.people["clara"],
        now=timezone.now(),
        expected_version=fresh(danger).version,
        answer="Gesperrt und verfüllt.",
        closing_reason="done",
    )

    next_step()

    assert len(alerted()) == 1


def test_what_was_found_to_be_spam_alarms_nobody_else(
    heilbronn: Town, deputy: User, danger: Receipt
) -> None:
    drain(Lane.CITIZEN)
    Report.objects.update(screening=Screening.SPAM)

    next_step()

    assert len(alerted()) == 1


def test_with_nobody_on_duty_the_control_centre_is_told_at_once(
    heilbronn: Town, report: Submit
) -> None:
    OnCallShift.objects.all().delete()
    receipt = report(heilbronn, "collapse")
    drain(Lane.CITIZEN)

    assert alerted() == [(1, "control_centre", None)]
    events = {each.event for each in outbox.states_for(receipt.number)}
    assert {"danger_escalated", "dispatch_attention"} <= events


def test_without_a_control_centre_the_dispatcher_is_told(heilbronn: Town, report: Submit) -> None:
    OnCallShift.objects.all().delete()
    town = heilbronn.municipality
    town.control_centre_email = ""
    town.save(update_fields=["control_centre_email"])

    receipt = report(heilbronn, "collapse")
    drain(Lane.CITIZEN)

    events = [each.event for each in outbox.states_for(receipt.number)]
    assert "dispatch_attention" in events
    assert "danger_escalated" not in events


def test_a_step_taken_twice_alerts_once(heilbronn: Town, deputy: User, danger: Receipt) -> None:
    # A worker that died between its commit and its last word, and two at once.
    succeeded(at_once(4, lambda _number: alert_next(danger.report.pk, step=1)))
    alert_next(danger.report.pk, step=1)

    assert len(alerted()) == 1
    assert len([each for each in told(danger) if each.event == "danger_alert"]) == 1
    assert Effect.objects.filter(kind=Effect.Kind.ALERT, version=2).count() == 1


def told(receipt: Receipt) -> list[outbox.MessageState]:
    return outbox.states_for(receipt.number)


def test_a_change_of_shift_between_two_steps_leaves_nobody_out(
    heilbronn: Town, danger: Receipt
) -> None:
    drain(Lane.CITIZEN)
    OnCallShift.objects.all().delete()
    people = heilbronn.people
    for rank, name in enumerate(("dora", "carlo"), start=1):
        OnCallShiftFactory(municipality=heilbronn.municipality, person=people[name], rank=rank)

    for _step in range(3):
        next_step()

    assert [person for _step, _target, person in alerted()] == [
        people["clara"].pk,
        people["dora"].pk,
        people["carlo"].pk,
        None,
    ]


def test_an_address_that_cannot_be_mailed_does_not_break_the_chain(
    heilbronn: Town, deputy: User, danger: Receipt
) -> None:
    User.objects.filter(pk=heilbronn.people["clara"].pk).update(email="clara")

    drain(Lane.CITIZEN)
    next_step()

    assert [person for _step, _target, person in alerted()] == [
        heilbronn.people["clara"].pk,
        deputy.pk,
    ]
    assert [each.event for each in told(danger)].count("danger_alert") == 1


def test_alarms_do_not_queue_behind_the_mails_to_offices(danger: Receipt) -> None:
    drain(Lane.CITIZEN)

    assert outbox.due_by_lane() == {"citizen": 1, "staff": 1}


@pytest.mark.parametrize("name", ["gero", "mona", "max"])
def test_only_the_office_dispatchers_and_the_alerted_may_acknowledge(
    heilbronn: Town, danger: Receipt, name: str
) -> None:
    with pytest.raises(NotPermitted):
        acknowledge(danger.report.pk, by=heilbronn.people[name], now=timezone.now())

    assert fresh(danger).danger_acknowledged_at is None


def test_whoever_was_alerted_may_acknowledge_whatever_the_office(
    heilbronn: Town, report: Submit
) -> None:
    OnCallShift.objects.update(person=heilbronn.people["gero"])
    receipt = report(heilbronn, "collapse")
    drain(Lane.CITIZEN)

    acknowledge(receipt.report.pk, by=heilbronn.people["gero"], now=timezone.now())

    assert fresh(receipt).danger_acknowledged_by == heilbronn.people["gero"]


def test_a_foreign_towns_staff_cannot_acknowledge(
    heilbronn: Town, heidenheim: Town, danger: Receipt
) -> None:
    with pytest.raises(NotPermitted):
        acknowledge(danger.report.pk, by=heidenheim.people["hanno"], now=timezone.now())


def test_what_is_no_danger_cannot_be_acknowledged(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn)

    with pytest.raises(NotDangerous):
        acknowledge(receipt.report.pk, by=heilbronn.people["clara"], now=timezone.now())


def test_a_danger_is_due_around_the_clock(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn, "collapse", routed=False)
    saturday_night = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # clocks go back that night
    Report.objects.filter(pk=receipt.report.pk).update(received_at=saturday_night)
    drain(Lane.CITIZEN)

    case = fresh(receipt)
    assert case.due_at == saturday_night + timedelta(hours=DANGER_HOURS)


def test_an_old_case_taken_over_alarms_nobody(heilbronn: Town, danger: Receipt) -> None:
    Effect.objects.all().delete()
    Report.objects.filter(pk=danger.report.pk).update(import_key="old", routed_at=None)
    route_report(danger.report.pk)

    assert not Effect.objects.filter(kind=Effect.Kind.ALERT).exists()
