"""Devices are told by web push: a number and a status word, encrypted, once, until they leave."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leases.models import WorkState
from notifications import outbox
from notifications.models import Message, PushSubscription
from notifications.tasks import drain
from reports.actions.change_status import change_status
from reports.actions.retain import retain
from reports.lifecycle import Status
from reports.models import Report
from tests.api.client import POTHOLE, Phone
from tests.people import Town
from tests.push_receiver import Device, PushService, b64, push_service

pytestmark = pytest.mark.django_db
KEY = b64(bytes(range(1, 33)))


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    """A push service that is on the list, and a key to sign with; the test drains itself."""
    monkeypatch.setattr("leases.wakeups.wake", lambda *_: False)
    monkeypatch.setattr("notifications.tasks.wake", lambda *_: False)
    with push_service() as running:
        settings.PUSH_HOSTS = [running.origin, "fcm.googleapis.com", "*.push.apple.com"]
        settings.VAPID_KEY = KEY
        settings.PUSH_TIMEOUT_SECONDS = 1
        yield running


@pytest.fixture
def receipt(heilbronn: Town, phone: Phone) -> dict[str, Any]:
    """A report sent by an app without an address."""
    body: dict[str, Any] = phone.send().json()
    return body


def register(phone: Phone, receipt: dict[str, Any], device: dict[str, Any], **headers: str) -> Any:
    headers |= {"Authorization": f"Receipt {receipt['secret']}"}
    return phone.post(f"reports/{receipt['number']}/devices", device, **headers)


def begin_work(town: Town, receipt: dict[str, Any]) -> None:
    case = Report.objects.get(number=receipt["number"])
    Report.objects.filter(pk=case.pk).update(office=town.offices["66"])
    change_status(
        case.pk,
        to=Status.IN_PROGRESS,
        by=town.people["clara"],
        now=timezone.now(),
        expected_version=case.version,
    )


def pushed() -> list[Message]:
    return list(Message.objects.filter(channel="push").order_by("pk"))


def test_a_device_is_told_what_happens_and_nobody_between_can_read_it(
    heilbronn: Town, phone: Phone, service: PushService, receipt: dict[str, Any]
) -> None:
    device = Device(service)
    registered = register(phone, receipt, device.as_json())
    begin_work(heilbronn, receipt)

    drain("citizen")
    drain("citizen")

    ((path, headers, body),) = service.received
    key, claims = service.signed_by(headers)
    assert registered.status_code == 201
    assert path == "/send/geraet"
    assert device.read(body) == {"number": receipt["number"], "status": "in_progress"}
    assert receipt["number"].encode() not in body
    assert headers["Content-Encoding"] == "aes128gcm"
    assert int(headers["TTL"]) > 0
    assert len(headers["Topic"]) <= 32
    assert key == phone.get("push-key").json()["public_key"]
    assert claims["aud"] == service.origin
    assert time.time() < claims["exp"] < time.time() + 24 * 3600
    assert claims["sub"].startswith("mailto:")
    (message,) = pushed()
    assert message.state == WorkState.DONE
    assert device.endpoint not in f"{message.recipient} {message.context} {message.key}"
    assert outbox.states_for(receipt["number"])[0].recipient == "Mitteilung aufs Gerät"


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_has_gone_is_forgotten_without_alarm(
    heilbronn: Town, phone: Phone, service: PushService, receipt: dict[str, Any], status: int
) -> None:
    register(phone, receipt, Device(service).as_json())
    service.status = status
    begin_work(heilbronn, receipt)

    drain("citizen")

    assert not PushSubscription.objects.exists()
    assert [message.state for message in pushed()] == [WorkState.CANCELLED]


@pytest.mark.parametrize(
    ("status", "silent", "state", "error"),
    [
        (429, False, WorkState.PENDING, "deferred push 429"),
        (503, False, WorkState.PENDING, "deferred push 503"),
        (400, False, WorkState.DEAD, "refused push 400"),
        (302, False, WorkState.DEAD, "refused push 302"),
        (201, True, WorkState.UNCERTAIN, "unanswered push RemoteDisconnected"),
    ],
)
def test_what_a_push_service_says_decides_what_becomes_of_the_message(
    heilbronn: Town,
    phone: Phone,
    service: PushService,
    receipt: dict[str, Any],
    status: int,
    silent: bool,
    state: str,
    error: str,
) -> None:
    register(phone, receipt, Device(service).as_json())
    service.status, service.silent = status, silent
    begin_work(heilbronn, receipt)

    drain("citizen")

    (message,) = pushed()
    assert (message.state, message.last_error) == (state, error)
    assert PushSubscription.objects.exists()


def test_devices_are_told_while_the_mail_relay_is_away(
    heilbronn: Town,
    phone: Phone,
    service: PushService,
    receipt: dict[str, Any],
    settings: Any,
) -> None:
    settings.EMAIL_PORT = 1
    phone.send(POTHOLE | {"email": "erika@buerger.example"})
    register(phone, receipt, Device(service).as_json())
    begin_work(heilbronn, receipt)

    drain("citizen")

    assert [message.state for message in pushed()] == [WorkState.DONE]
    assert Message.objects.filter(channel="email", state=WorkState.PENDING).exists()


def test_the_same_device_is_one_and_a_sixth_replaces_the_oldest(
    heilbronn: Town, phone: Phone, service: PushService, receipt: dict[str, Any]
) -> None:
    devices = [Device(service, str(number)) for number in range(6)]
    ids = [register(phone, receipt, each.as_json()).json()["id"] for each in devices[:5]]
    again = register(phone, receipt, devices[4].as_json()).json()["id"]

    register(phone, receipt, devices[5].as_json())

    endpoints = set(PushSubscription.objects.values_list("endpoint", flat=True))
    assert again == ids[4]
    assert endpoints == {each.endpoint for each in devices[1:]}


def test_a_device_leaves_by_its_id_and_hears_nothing_more(
    heilbronn: Town, phone: Phone, service: PushService, receipt: dict[str, Any]
) -> None:
    device_id = register(phone, receipt, Device(service).as_json()).json()["id"]
    path = f"/api/v1/devices/{device_id}"

    assert phone.client.delete(path).status_code == 204
    assert phone.client.delete(path).status_code == 404
    begin_work(heilbronn, receipt)
    drain("citizen")

    assert service.received == []


def test_only_the_receipt_registers_and_only_known_push_services(
    heilbronn: Town, phone: Phone, service: PushService, receipt: dict[str, Any]
) -> None:
    device = Device(service).as_json()
    stranger = phone.post(f"reports/{receipt['number']}/devices", device)
    wrong = register(phone, receipt | {"secret": "22222-22222-22222-22222-22222"}, device)
    refused = {
        endpoint: register(phone, receipt, device | {"endpoint": endpoint}).json()["errors"]
        for endpoint in (
            "https://evil.example/push",
            "http://fcm.googleapis.com/plain",
            "https://fcm.googleapis.com:8443/port",
            "https://fcm.googleapis.com@evil.example/",
            "https://fcm.googleapis.com.evil.example/",
            "https://push.apple.com/kein-teil-davor",
            "http://169.254.169.254/latest",
            "http://127.0.0.1:1/",
            "file:///etc/passwd",
            "kein Ort",
        )
    }
    apple = register(phone, receipt, device | {"endpoint": "https://web.push.apple.com/x"})

    assert stranger.status_code == wrong.status_code == 404
    assert {faults[0]["code"] for faults in refused.values()} == {"push_service_unknown"}
    assert {faults[0]["pointer"] for faults in refused.values()} == {"#/endpoint"}
    assert apple.status_code == 201


@pytest.mark.parametrize(
    ("keys", "pointer"),
    [
        ({"p256dh": "AAAA"}, "#/keys/p256dh"),
        ({"p256dh": b64(b"\x04" + b"\x01" * 64)}, "#/keys/p256dh"),
        ({"p256dh": "ü"}, "#/keys/p256dh"),
        ({"auth": b64(b"kurz")}, "#/keys/auth"),
        ({"auth": "!!!"}, "#/keys/auth"),
    ],
)
def test_keys_that_could_not_encrypt_are_refused(
    heilbronn: Town,
    phone: Phone,
    service: PushService,
    receipt: dict[str, Any],
    keys: dict[str, str],
    pointer: str,
) -> None:
    device = Device(service).as_json()

    answer = register(phone, receipt, device | {"keys": device["keys"] | keys})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_without_a_key_of_its_own_the_installation_says_so(
    heilbronn: Town, phone: Phone, service: PushService, receipt: dict[str, Any], settings: Any
) -> None:
    device = Device(service).as_json()
    settings.VAPID_KEY = ""

    answer = register(phone, receipt, device)

    assert phone.get("push-key").json() == {"public_key": None}
    assert (answer.status_code, answer.json()["code"]) == (404, "push_not_offered")


def test_somebody_who_has_joined_a_report_is_told_too(
    heilbronn: Town, phone: Phone, service: PushService, receipt: dict[str, Any]
) -> None:
    from reports.actions.publish import publish_report
    from reports.actions.route import route_report
    from reports.actions.tell_others import tell_others

    case = Report.objects.get(number=receipt["number"])
    route_report(case.pk)
    publish_report(case.pk, now=timezone.now())
    path, me = f"reports/{receipt['number']}", "geraet-0123456789abcdef"
    joined = phone.post(f"{path}/supports", {"device": me})
    device = Device(service)

    registered = phone.post(f"{path}/devices", device.as_json() | {"device": me})
    unknown = phone.post(f"{path}/devices", device.as_json() | {"device": "anderes-0123456789"})
    begin_work(heilbronn, receipt)
    case.refresh_from_db()
    tell_others(case.pk, version=case.version)
    tell_others(case.pk, version=case.version)
    drain("citizen")
    phone.post(f"{path}/supports/leave", {"device": me})

    assert joined.status_code == 201, joined.content
    assert registered.status_code == 201, registered.content
    assert unknown.status_code == 404
    ((_path, _headers, body),) = service.received
    assert device.read(body) == {"number": receipt["number"], "status": "in_progress"}
    assert not PushSubscription.objects.exists()


def test_devices_are_forgotten_some_time_after_the_report_is_closed(
    heilbronn: Town, phone: Phone, service: PushService, receipt: dict[str, Any]
) -> None:
    register(phone, receipt, Device(service).as_json())
    now = timezone.now()

    assert retain(now=now + timedelta(days=400))["devices"] == 0
    Report.objects.update(status="done", closing_reason="erledigt", closed_at=now)
    assert retain(now=now + timedelta(days=89))["devices"] == 0
    assert retain(now=now + timedelta(days=91))["devices"] == 1
    assert not PushSubscription.objects.exists()


def test_telling_nobody_costs_one_query(
    heilbronn: Town, receipt: dict[str, Any], django_assert_num_queries: Callable[..., Any]
) -> None:
    from reports.devices import tell_own_devices

    case = Report.objects.get(number=receipt["number"])
    with django_assert_num_queries(1):
        tell_own_devices(case, event="report_status", version=2)
