"""An alarm by telephone: the gateway gets it, a link acknowledges once, silence is an alarm."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.absence import Absence
from accounts.models import User
from deploy.local.mailsink import MailSink
from leases.models import Lane, WorkState
from notifications import gateway as gateway_code
from notifications.models import Channel, Message
from notifications.tasks import drain as deliver
from reports.actions.alert import acknowledge_by_link
from reports.actions.change_status import change_status
from reports.actions.repair import repair
from reports.actions.submit import Receipt
from reports.lifecycle import Status
from reports.models import DangerAlert, Effect, Report, TimelineEntry
from reports.outlook import outlook
from reports.tasks import drain
from routing.models import OnCallShift
from tests.alarm_gateway import KEY, AlarmGateway, alarm_gateway
from tests.factories import OnCallShiftFactory
from tests.people import Town, draft, fresh
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
LINK = re.compile(r"https?://\S+/desk/alarm/\d+/\?code=\S+")


@pytest.fixture
def gateway(settings: Settings) -> Iterator[AlarmGateway]:
    with alarm_gateway() as running:
        settings.ALARM_GATEWAY_URL, settings.ALARM_GATEWAY_KEY = running.url, KEY
        settings.ALARM_GATEWAY_SECONDS = 1  # leases of the tests are short
        yield running


@pytest.fixture
def deputy(heilbronn: Town) -> User:
    heilbronn.people["clara"].phone = "07131 / 56-4711"
    heilbronn.people["clara"].save()
    OnCallShiftFactory(
        municipality=heilbronn.municipality, person=heilbronn.people["carlo"], rank=2
    )
    return heilbronn.people["carlo"]


def next_step() -> None:
    Effect.objects.filter(kind=Effect.Kind.ALERT, state=WorkState.PENDING).update(
        next_at=timezone.now() - timedelta(seconds=1)
    )
    drain(Lane.CITIZEN)
    deliver(Lane.CITIZEN)


def path_of(text: str) -> str:
    found = LINK.search(text)
    assert found is not None, text
    return "/desk/" + found.group().partition("/desk/")[2]


def post(path: str) -> str:
    address, _mark, code = path.partition("?code=")
    return Client().post(address, {"code": code}, follow=True).content.decode()


def test_the_call_brings_a_link_that_acknowledges_once_and_only_by_a_click(
    heilbronn: Town, deputy: User, report: Submit, gateway: AlarmGateway, mail_sink: MailSink
) -> None:
    danger = report(heilbronn, "collapse", address="Allee 12")
    next_step()

    (call,) = gateway.taken
    assert call["to"] == "+497131564711"
    assert "Allee 12" in call["text"]
    assert danger.number in call["text"]
    (mail,) = mail_sink.find(to=heilbronn.people["clara"].email)
    assert path_of(mail.body) == path_of(call["text"])

    next_step()  # Clara did not hear it: Carlo, who has no telephone here, is mailed
    (later,) = mail_sink.find(to=deputy.email)
    link = path_of(call["text"])
    shown = Client().get(link).content.decode()
    assert "Allee 12" in shown
    assert fresh(danger).danger_acknowledged_at is None  # mail programs open links by themselves

    assert "Die Alarmierung ist beendet" in post(link)
    assert fresh(danger).danger_acknowledged_by == heilbronn.people["clara"]
    assert "Die Alarmierung ist beendet" in post(link)
    other = Client().get(path_of(later.body)).content.decode()
    assert "Jemand anders kümmert sich" in other
    assert "Allee 12" not in other
    next_step()
    assert DangerAlert.objects.count() == 2
    assert TimelineEntry.objects.filter(kind="danger_acknowledged").count() == 1


def test_two_who_acknowledge_at_once_are_one(heilbronn: Town, deputy: User, report: Submit) -> None:
    report(heilbronn, "collapse")
    next_step()
    next_step()
    alerts = list(DangerAlert.objects.values_list("pk", flat=True))

    clicks = succeeded(at_once(4, lambda n: acknowledge_by_link(alerts[n % 2], now=timezone.now())))

    assert sorted(clicks) == [False, False, False, True]
    assert TimelineEntry.objects.filter(kind="danger_acknowledged").count() == 1
    assert DangerAlert.objects.filter(link_used_at__isnull=False).count() == 1


def test_a_wrong_code_and_a_link_of_yesterday_open_nothing(
    heilbronn: Town, deputy: User, report: Submit, mail_sink: MailSink
) -> None:
    danger = report(heilbronn, "collapse", address="Allee 12")
    next_step()
    (mail,) = mail_sink.find(to=heilbronn.people["clara"].email)
    link = path_of(mail.body)
    alert = DangerAlert.objects.get()
    assert Client().get(f"/desk/alarm/{alert.pk}/?code=AAAAA-AAAAA").status_code == 404
    assert Client().get(link.replace(f"/{alert.pk}/", f"/{alert.pk + 1}/")).status_code == 404
    change_status(
        danger.report.pk,
        to=Status.DONE,
        by=heilbronn.people["dora"],
        now=timezone.now(),
        expected_version=fresh(danger).version,
        answer="Verfüllt.",
        closing_reason="done",
    )

    assert "Dieser Vorgang ist abgeschlossen" in post(link)
    assert fresh(danger).danger_acknowledged_at is None
    assert fresh(danger).repaired_at is not None


def test_a_gateway_that_is_away_delays_nobody(
    heilbronn: Town, deputy: User, report: Submit, gateway: AlarmGateway, mail_sink: MailSink
) -> None:
    gateway.status = 503
    report(heilbronn, "collapse")
    next_step()

    assert len(mail_sink.find(to=heilbronn.people["clara"].email)) == 1
    waiting = Message.objects.get(channel=Channel.CALL)
    assert waiting.state == WorkState.PENDING
    assert "gateway 503" in waiting.last_error
    next_step()
    assert len(mail_sink.find(to=deputy.email)) == 1

    gateway.status = 202
    Message.objects.filter(pk=waiting.pk).update(next_at=timezone.now())
    deliver(Lane.CITIZEN)
    assert [call["id"] for call in gateway.taken] == [waiting.message_id]
    assert gateway.refused == 0


def test_the_control_centre_is_called_and_silence_is_an_alarm_of_the_system(
    heilbronn: Town, report: Submit, gateway: AlarmGateway, client: Client
) -> None:
    town = heilbronn.municipality
    town.control_centre_phone = "07131 112"
    town.save()
    OnCallShift.objects.all().delete()
    danger = report(heilbronn, "collapse")
    assert client.get("/healthz/effects").json()["dangers"] == {"waiting": 1, "late": 0}
    next_step()

    (call,) = gateway.taken
    assert call["to"] == "+497131112"
    assert "/desk/alarm/" not in call["text"]
    Report.objects.update(received_at=timezone.now() - timedelta(hours=1))
    health = client.get("/healthz/effects").json()
    assert (health["status"], health["dangers"]["late"]) == ("trouble", 1)
    repair(
        danger.report.pk,
        by=heilbronn.people["clara"],
        now=timezone.now(),
        expected_version=fresh(danger).version,
    )
    case = fresh(danger)
    assert case.repaired_at == case.made_safe_at == case.danger_acknowledged_at
    assert client.get("/healthz/effects").json()["dangers"]["late"] == 0


def test_who_is_away_is_not_alerted(heilbronn: Town, deputy: User, report: Submit) -> None:
    today = timezone.localdate()
    Absence.objects.create(person=heilbronn.people["clara"], first_day=today, last_day=today)
    report(heilbronn, "collapse")
    next_step()

    assert DangerAlert.objects.get().person == deputy


def test_apps_are_told_before_sending_that_nobody_is_on_duty(heilbronn: Town) -> None:
    town = heilbronn.municipality
    town.emergency_contact = "07131 56-0"
    now = timezone.now()
    told = outlook(town, draft("strasse.einbruch"), photo_count=0, now=now).notices
    assert "nobody_on_duty" not in [notice.kind for notice in told]

    OnCallShift.objects.all().delete()
    first, *_others = outlook(town, draft("strasse.einbruch"), photo_count=0, now=now).notices

    assert first.kind == "nobody_on_duty"
    assert "07131 56-0" in first.text
    assert first.numbers[0].dialled == "07131560"
    harmless = outlook(town, draft(), photo_count=0, now=now).notices
    assert "nobody_on_duty" not in [notice.kind for notice in harmless]


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("07131 / 56-4711", "+497131564711"),
        ("+49 (0)171 1234567", "+491711234567"),
        ("0043 1 58858", "+43158858"),
        ("112", ""),
        ("anrufen!", ""),
    ],
)
def test_numbers_are_dialled_as_the_world_writes_them(written: str, called: str) -> None:
    assert gateway_code.dialled(written) == called
