"""A waste bin that reports how full it is: one case while it is full, none while it swings."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from reports.actions import follow_sensor
from reports.actions.change_status import change_status
from reports.actions.publish import publish_report
from reports.actions.route import route_report
from reports.lifecycle import ClosingReason, Status
from reports.models import Report, TimelineEntry
from sensors.models import Device, Fleet, PayloadFormat, Reading, Standing, Watch
from sensors.signing import key_of, signature_of
from tests.people import Town
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db

EUI = "70b3d57ed0001a2b"
MONDAY = datetime.fromisoformat("2026-11-23T09:00:00+00:00")


class Bin:
    """A bin on the market square, as its network server speaks of it."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet, self.client, self.frame = fleet, Client(), 0

    def says(self, full: float, **more: Any) -> str:
        """Report a level in percent; what our door makes of it."""
        self.frame += 1
        return str(self.post(self.message(full, **more)).json()["result"])

    def message(self, full: float, **more: Any) -> dict[str, Any]:
        """A ChirpStack uplink."""
        return {
            "deduplicationId": f"frame-{self.frame}",
            "deviceInfo": {"devEui": EUI, "deviceName": "bin-17"},
            "fCnt": self.frame,
            "object": {"fill_level": full, "battery": 3.1},
            **more,
        }

    def post(self, body: Any, *, event: str = "up", **headers: str) -> Any:
        """One request, by default with the key of the fleet."""
        headers = headers or {"authorization": f"Bearer {key_of(self.fleet)}"}
        address = f"/api/v1/sensors/{self.fleet.pk}/uplinks?event={event}"
        return self.client.post(
            address, body, content_type="application/json", headers=dict(headers)
        )


@pytest.fixture
def fleet(heilbronn: Town) -> Fleet:
    made = Fleet.objects.create(municipality=heilbronn.municipality, name="Papierkörbe")
    Watch.objects.create(
        fleet=made,
        name="Papierkorb voll",
        measurement="fill_level",
        unit="%",
        opens_at=80,
        closes_at=30,
        category_code="strasse.schlagloch",
    )
    Device.objects.create(
        fleet=made,
        eui=EUI,
        name="Papierkorb 17",
        address="Marktplatz 3",
        place=Point(9.2187, 49.1427, srid=4326),
        is_active=True,
    )
    return made


@pytest.fixture
def bin17(fleet: Fleet) -> Bin:
    return Bin(fleet)


def the_case() -> Report:
    return Report.objects.get()


def test_a_full_bin_is_one_case_from_full_to_empty(bin17: Bin) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        assert bin17.says(85) == "taken"
        assert not Report.objects.exists(), "once may be a wrong reading"
        for level in (88, 91, 79, 83, 95):
            clock.shift(timedelta(hours=2))
            bin17.says(level)
        case = the_case()
        route_report(case.pk, now=timezone.now())

        clock.shift(timedelta(hours=1))
        bin17.says(4)

    case = the_case()
    assert (case.source, case.status, case.closing_reason) == ("sensor", "done", "done")
    assert case.submission.description == "Papierkorb voll: 88 % (Papierkorb 17)"
    assert case.submission.address == "Marktplatz 3"
    assert case.text_publication == "withheld"
    kinds = list(TimelineEntry.objects.filter(report=case).values_list("kind", flat=True))
    assert kinds == ["received", "sensor_measured", "routed", "status_changed"] or kinds == [
        "received",
        "routed",
        "sensor_measured",
        "status_changed",
    ]
    assert "Der Sensor meldet wieder einen gewöhnlichen Wert: 4 %." in [
        remark.body for remark in case.remarks.all()
    ]


def test_a_bin_that_swings_around_the_threshold_makes_one_case_in_the_rest(bin17: Bin) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        for level in (90, 90, 10, 90, 90, 10, 90, 90):
            bin17.says(level)
            clock.shift(timedelta(minutes=10))
        assert Report.objects.count() == 1
        clock.shift(timedelta(hours=13))
        bin17.says(90)

    assert Report.objects.count() == 2


def test_a_clerk_who_closes_too_early_gets_a_new_case_after_the_rest(
    heilbronn: Town, bin17: Bin
) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        bin17.says(90)
        bin17.says(90)
        route_report(the_case().pk, now=timezone.now())
        case = the_case()
        change_status(
            case.pk,
            to=Status.DONE,
            by=heilbronn.people["dora"],
            now=timezone.now(),
            expected_version=case.version,
            answer="Geleert.",
            closing_reason=ClosingReason.DONE,
        )
        clock.shift(timedelta(hours=1))
        bin17.says(92)
        assert Report.objects.count() == 1
        clock.shift(timedelta(hours=12))
        bin17.says(94)

    assert Report.objects.count() == 2


def test_the_same_message_again_changes_nothing(bin17: Bin) -> None:
    bin17.says(90)
    again = bin17.message(90)

    answers = at_once(6, lambda _number: Bin(bin17.fleet).post(again).json()["result"])

    assert set(succeeded(answers)) == {"repeated"}
    assert Reading.objects.count() == 1
    assert not Report.objects.exists()


def test_what_a_crash_left_owed_is_made_good_once(
    bin17: Bin, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin17.says(90)
    with monkeypatch.context() as broken:
        broken.setattr(follow_sensor, "settle_owed", lambda **_: 0)
        bin17.says(91)
    assert not Report.objects.exists()
    assert Standing.objects.get().is_open

    for _turn in range(3):
        follow_sensor.settle_owed(now=timezone.now())

    assert Standing.objects.get().case_number == the_case().number


def test_a_device_nobody_entered_is_listed_and_opens_nothing(fleet: Fleet) -> None:
    stranger = Bin(fleet)
    body = stranger.message(99) | {"deviceInfo": {"devEui": "0011223344556677"}}

    assert stranger.post(body).json() == {"result": "unknown_device"}

    device = Device.objects.get(eui="0011223344556677")
    assert (device.is_active, device.last_values["fill_level"]) == (False, 99.0)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("payload_format", "body"),
    [
        (
            PayloadFormat.TTN,
            {
                "end_device_ids": {"device_id": "bin-17", "dev_eui": EUI.upper()},
                "uplink_message": {"f_cnt": 7, "decoded_payload": {"fill_level": 90}},
            },
        ),
        (PayloadFormat.CHIRPSTACK, {"devEUI": EUI, "fCnt": 7, "objectJSON": '{"fill_level": 90}'}),
        (PayloadFormat.PLAIN, {"device": EUI, "id": "7", "values": {"fill_level": 90}}),
    ],
)
def test_every_format_is_understood(
    fleet: Fleet, payload_format: PayloadFormat, body: Mapping[str, Any]
) -> None:
    Fleet.objects.update(payload_format=payload_format)

    assert Bin(fleet).post(body).json() == {"result": "taken"}
    assert Device.objects.get().last_values == {"fill_level": 90.0}


def test_simulated_and_other_messages_do_nothing(bin17: Bin) -> None:
    assert bin17.post({"deviceInfo": {"devEui": EUI}}, event="join").json() == {"result": "ignored"}
    Fleet.objects.update(payload_format=PayloadFormat.TTN)
    simulated = {
        "simulated": True,
        "end_device_ids": {"dev_eui": EUI},
        "uplink_message": {"decoded_payload": {"fill_level": 99}},
    }
    assert bin17.post(simulated).json() == {"result": "test"}
    assert not Reading.objects.exists()


def test_only_the_fleets_own_key_or_a_fresh_signature_opens_the_door(bin17: Bin) -> None:
    body = json.dumps(bin17.message(90)).encode()
    now = str(int(timezone.now().timestamp()))
    old = str(int(now) - 3600)
    fleet = bin17.fleet

    def status(**headers: str) -> int:
        return int(bin17.post(body, **headers).status_code)

    assert status(x="") == 401
    assert status(authorization="Bearer AAAAA-AAAAA-AAAAA-AAAAA-AAAAA") == 401
    assert status(**{"x-signature": signature_of(fleet, b"other", now), "x-timestamp": now}) == 401
    assert status(**{"x-signature": signature_of(fleet, body, old), "x-timestamp": old}) == 401
    assert status(**{"x-signature": signature_of(fleet, body, now), "x-timestamp": now}) == 200
    before = key_of(fleet)
    Fleet.objects.update(key_version=2)
    assert status(authorization=f"Bearer {before}") == 401
    Fleet.objects.update(is_active=False)
    assert status(authorization=f"Bearer {key_of(Fleet.objects.get())}") == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"deviceInfo": 5, "object": {"fill_level": 1}}',
        b'{"deviceInfo": {"devEui": "' + b"7" * 500 + b'"}, "object": {}}',
        b'{"deviceInfo": {"devEui": "70b3d57ed0001a2b"}}',
        b'{"deviceInfo": {"devEui": "70b3d57ed0001a2b"}, "object": "full"}',
        b'{"deviceInfo": {"devEui": "70b3d57e\\u0000"}, "object": {}}',
    ],
)
def test_nonsense_is_refused_in_words(bin17: Bin, body: bytes) -> None:
    answer = bin17.post(body)

    assert answer.status_code == 400
    assert answer.json()["code"] in {"invalid_request", "unreadable_body"}
    assert not Reading.objects.exists()


def test_numbers_beyond_measure_are_left_out(bin17: Bin) -> None:
    huge = f'{{"deviceInfo": {{"devEui": "{EUI}"}}, "object": {{"fill_level": {"9" * 400}}}}}'

    assert bin17.post(huge.encode()).json() == {"result": "taken"}
    assert Device.objects.get().last_values == {}


def test_a_published_case_is_closed_for_everybody(heilbronn: Town, bin17: Bin) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        bin17.says(90)
        bin17.says(90)
        case = the_case()
        route_report(case.pk, now=timezone.now())
        Report.objects.update(publication="approved")
        publish_report(case.pk, now=timezone.now())
        clock.shift(timedelta(minutes=30))
        bin17.says(5)
        publish_report(case.pk, now=timezone.now())

    shown = Client().get(f"/api/v1/reports/{case.number}").json()
    assert shown["answer"] == "Der Sensor meldet wieder einen gewöhnlichen Wert: 5 %."
    assert shown["status"] == "done"
