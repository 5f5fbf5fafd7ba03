"""From "accepted" to "in the office's queue": once, with its reason, whoever runs it how often."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deploy.local.mailsink import MailSink
from leases.models import Lane, WorkState
from notifications import outbox
from notifications.tasks import drain as deliver
from reports.actions.reroute import reroute
from reports.actions.route import route_report
from reports.actions.screen import screen
from reports.actions.submit import Receipt, submit_report
from reports.actions.withdraw import withdraw
from reports.models import Effect, Report, RoutingDecision, Screening, TimelineEntry
from reports.owed import owe
from reports.tasks import drain
from tests.people import BOECKINGEN, ERIKA, Town, draft, fresh
from tests.processes import Worker, eventually
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
MAILBOX = "66@heilbronn.example"


def told(receipt: Receipt, event: str = "office_new_case") -> list[outbox.MessageState]:
    return [each for each in outbox.states_for(receipt.number) if each.event == event]


def entries(receipt: Receipt, kind: str) -> int:
    return TimelineEntry.objects.filter(report=receipt.report, kind=kind).count()


def test_a_report_gets_office_district_due_date_and_reason(
    heilbronn: Town, report: Submit, mail_sink: MailSink
) -> None:
    receipt = report(heilbronn, routed=False, lon=BOECKINGEN[0], lat=BOECKINGEN[1])
    drain(Lane.CITIZEN)
    deliver(Lane.STAFF)

    case = fresh(receipt)
    assert case.office == heilbronn.offices["66"]
    assert case.district is not None
    assert case.district.name == "Böckingen"
    assert case.due_at is not None
    assert case.due_at > case.received_at
    decision = RoutingDecision.objects.get(report=case)
    assert decision.sentences
    (mail,) = mail_sink.find(to=MAILBOX)
    assert receipt.number in mail.subject
    assert "Böckingen" in mail.subject + mail.body


def test_routing_again_changes_nothing(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn)
    before = fresh(receipt)

    for _again in range(3):
        route_report(receipt.report.pk)

    after = fresh(receipt)
    assert (after.version, after.routed_at) == (before.version, before.routed_at)
    assert RoutingDecision.objects.count() == 1
    assert len(told(receipt)) == 1


def test_many_workers_at_once_make_one_decision_and_one_mail(
    heilbronn: Town, report: Submit
) -> None:
    receipt = report(heilbronn, routed=False)

    succeeded(at_once(8, lambda _number: route_report(receipt.report.pk)))

    assert RoutingDecision.objects.count() == 1
    assert len(told(receipt)) == 1
    assert entries(receipt, "routed") == 1


@pytest.mark.workers
def test_two_real_workers_and_doubled_wake_ups_do_the_work_once(
    heilbronn: Town, report: Submit, worker: Worker, mail_sink: MailSink
) -> None:
    second = Worker("w2")
    second.start()
    try:
        second.wait_until_alive()
        receipts = [report(heilbronn, routed=False) for _number in range(20)]
        for _twice in range(2):
            for lane in ("citizen", "staff"):
                drain(lane)
        eventually(
            lambda: not Effect.objects.exclude(state=WorkState.DONE).exists(),
            saying="every effect is done",
        )
        mail_sink.wait_for(20, to=MAILBOX, timeout=20)
    finally:
        second.kill()
        second.log.unlink()

    assert RoutingDecision.objects.count() == 20
    assert len(mail_sink.find(to=MAILBOX)) == 20
    assert all(fresh(receipt).office for receipt in receipts)


def test_a_decision_by_hand_is_never_overwritten(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn)
    reroute(
        receipt.report.pk,
        to_office=heilbronn.offices["67"],
        reason="Wurzelschaden",
        by=heilbronn.people["dora"],
        now=timezone.now(),
        expected_version=fresh(receipt).version,
    )
    # Even if the routing had never been written down.
    Report.objects.filter(pk=receipt.report.pk).update(routed_at=None)

    route_report(receipt.report.pk)

    assert fresh(receipt).office == heilbronn.offices["67"]


def test_nobodys_category_goes_to_the_dispatch_office(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn, "noise")

    assert fresh(receipt).office == heilbronn.offices["dispatch"]


def test_a_held_report_is_routed_and_told_when_it_is_released(
    heilbronn: Town, report: Submit
) -> None:
    receipt = submit_report(
        town=heilbronn.municipality,
        draft=draft(sender=ERIKA),
        now=timezone.now(),
        screening=Screening.HELD,
    )
    drain(Lane.CITIZEN)
    assert fresh(receipt).office == heilbronn.offices["66"]
    assert outbox.states_for(receipt.number) == []
    assert not Effect.objects.filter(kind=Effect.Kind.PUBLISH).exists()

    screen(
        receipt.report.pk,
        verdict=Screening.CLEAR,
        by=heilbronn.people["mona"],
        now=timezone.now(),
        expected_version=fresh(receipt).version,
    )

    assert len(told(receipt)) == 1
    assert len(told(receipt, "report_received")) == 1


@pytest.mark.parametrize("mailbox", ["", "nobody", "amt@" + "ä" * 70 + ".example"])
def test_an_office_without_a_working_mailbox_gets_its_cases_all_the_same(
    heilbronn: Town, report: Submit, mailbox: str
) -> None:
    office = heilbronn.offices["66"]
    type(office).objects.filter(pk=office.pk).update(email=mailbox)

    receipt = report(heilbronn, routed=False)
    drain(Lane.CITIZEN)

    assert fresh(receipt).office == office
    assert told(receipt) == []
    assert Effect.objects.get(kind=Effect.Kind.ROUTE).state == WorkState.DONE


def test_mass_imports_stay_on_their_lane_all_the_way(heilbronn: Town) -> None:
    submit_report(town=heilbronn.municipality, draft=draft(), now=timezone.now(), lane=Lane.BULK)
    drain(Lane.BULK)

    # Once, and after the rules were asked: before, nothing may be public.
    (published,) = Effect.objects.filter(kind=Effect.Kind.PUBLISH)
    assert published.lane == Lane.BULK


def test_routing_loads_no_outline_and_asks_few_queries(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn, routed=False)

    with CaptureQueriesContext(connection) as queries:
        route_report(receipt.report.pk)

    statements = [query["sql"] for query in queries]
    assert not [each for each in statements if '"coverage"::bytea' in each]
    # The outline may be asked about (ST_Covers, ST_Distance), but never be an answer's column.
    assert not [each for each in statements if '"geometry"::bytea' in each]
    assert len(statements) <= 26


def test_a_report_that_was_withdrawn_before_it_was_routed_disturbs_nobody(
    heilbronn: Town, report: Submit
) -> None:
    receipt = report(heilbronn, routed=False)
    withdraw(receipt.report.pk, now=timezone.now())
    drain(Lane.CITIZEN)

    assert fresh(receipt).office is not None
    assert told(receipt) == []


def test_an_effect_of_a_report_that_is_gone_ends(heilbronn: Town, report: Submit) -> None:
    receipt = report(heilbronn, "tree")
    with transaction.atomic():
        owe(receipt.report, Effect.Kind.DERIVE_PHOTO, version=987654321)

    for _try in range(9):
        Effect.objects.update(next_at=receipt.report.received_at)
        drain(Lane.MEDIA)

    effect = Effect.objects.get(kind=Effect.Kind.DERIVE_PHOTO)
    assert (effect.state, effect.last_error) == (WorkState.DEAD, "DoesNotExist")
