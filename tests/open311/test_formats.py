"""XML and JSON say the same, whatever people write, and every answer keeps its format."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from backend import outage
from open311 import services
from open311.document import JSON, XML, Document, Items, clean, render
from open311.forms import text_of
from open311.refusals import Refused
from open311.words import Words
from tests.open311.partner import Partner, described, texts, xml_of
from tests.people import Town

ANYTHING = st.text(st.characters(), max_size=80)


@given(ANYTHING)
def test_any_text_comes_back_from_both_formats(text: str) -> None:
    document = Document("errors", Items("error", [{"description": text}]))

    from_json = json.loads(render(document, JSON))[0]["description"]
    from_xml = Xml.fromstring(render(document, XML)).findtext("error/description")

    assert from_json == from_xml == clean(text)


@given(st.lists(ANYTHING, max_size=5))
def test_a_list_keeps_its_members(members: list[str]) -> None:
    document = Document("things", Items("thing", members))

    assert json.loads(render(document, JSON)) == [clean(member) for member in members]
    assert texts(Xml.fromstring(render(document, XML)), "thing") == list(map(clean, members))


def test_values_look_as_the_specification_wants_them() -> None:
    at = datetime(2026, 11, 23, 10, 0, 5, 999, tzinfo=timezone(timedelta(hours=1)))
    record = {
        "requested_datetime": at,
        "expected_datetime": None,
        "lat": 49.14,
        "metadata": True,
        "zipcode": None,
        "media_urls": Items("media_url", []),
    }
    document = Document("service_requests", Items("request", [record]))

    assert json.loads(render(document, JSON)) == [
        {
            "requested_datetime": "2026-11-23T10:00:05+01:00",
            "expected_datetime": None,
            "lat": 49.14,
            "metadata": True,
            "zipcode": None,
            "media_urls": [],
        }
    ]
    assert render(document, XML).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<service_requests><request><requested_datetime>2026-11-23T10:00:05+01:00"
        "</requested_datetime><lat>49.14</lat><metadata>true</metadata><zipcode/><media_urls/>"
        "</request></service_requests>\n"
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-23T10:00:00+01:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23T10:00:00 01:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        (" 2026-11-23 10:00 ", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 22, 23, tzinfo=UTC)),
    ],
)
def test_times_are_read_forgivingly(written: str, meant: datetime, heilbronn_zone: Any) -> None:
    assert Words({"start_date": written}).moment("start_date", heilbronn_zone) == meant


@pytest.mark.parametrize(
    "written", ["gestern", "2026-02-30", "1", "0001-01-01T00:00:00Z", "T" * 50]
)
def test_what_is_no_time_is_said_to_be_none(written: str, heilbronn_zone: Any) -> None:
    with pytest.raises(Refused):
        Words({"start_date": written}).moment("start_date", heilbronn_zone)


def test_numbers_may_have_a_comma_and_blanks() -> None:
    words = Words({"lat": " 49,1427 ", "long": "9.2187", "x": "1,2,3", "y": "nan", "z": "٤"})

    assert words.point() == (9.2187, 49.1427)
    for name in "xyz":
        with pytest.raises(Refused):
            words.number(name, at_least=-90, at_most=90)


def test_old_clients_send_their_own_code_page() -> None:
    assert text_of("Löcher".encode("cp1252")) == text_of("Löcher".encode()) == "Löcher"


class TestErrors:
    pytestmark = pytest.mark.django_db

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/open311/v2/nirgends.{}", 404),
            ("/open311/v2/services/gibt.es.nicht.{}?jurisdiction_id=heilbronn", 404),
            ("/open311/v2/requests/HN-2026-999999.{}?jurisdiction_id=heilbronn", 404),
            ("/open311/v2/tokens/AAAAA.{}", 404),
            ("/open311/v2/services.{}", 400),
            ("/open311/v2/services.{}?jurisdiction_id=", 400),
            ("/open311/v2/services.{}?jurisdiction_id=nirgends", 404),
            ("/heilbronn/open311/v2/nirgends.{}", 404),
            ("/heilbronn/open311/v2/services.{}?jurisdiction_id=heidenheim", 404),
            ("/heilbronn/open311/v2/requests.{}?start_date=gestern", 400),
            ("/heilbronn/open311/v2/a\x00b.{}", 404),
        ],
    )
    def test_come_in_the_requested_format(
        self, heilbronn: Town, heidenheim: Town, path: str, status: int
    ) -> None:
        anybody = Partner(base="")
        in_json = anybody.get(path.format("json").lstrip("/"))
        in_xml = anybody.get(path.format("xml").lstrip("/"))

        assert in_json.status_code == in_xml.status_code == status
        assert texts(xml_of(in_xml), "error/code") == [str(status)] * len(described(in_json))
        assert texts(xml_of(in_xml), "error/description") == described(in_json)

    @pytest.mark.parametrize("suffix", ["json", "xml"])
    def test_of_a_wrong_method(self, stranger: Partner, suffix: str) -> None:
        for method in ("delete", "put", "patch", "trace"):
            answer = getattr(stranger.client, method)(f"/heilbronn/open311/v2/requests.{suffix}")
            assert answer.status_code == 405
            assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
            assert suffix in answer.headers["Content-Type"]

    @pytest.mark.parametrize("suffix", ["json", "xml"])
    def test_of_our_own(
        self, stranger: Partner, suffix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fall(*_anything: Any, **_more: Any) -> Any:
            raise ZeroDivisionError("Erika Mustermann")

        monkeypatch.setattr(services, "described_services", fall)
        answer = stranger.get(f"services.{suffix}")

        assert answer.status_code == 500
        assert b"Erika" not in answer.content

    def test_of_a_database_that_is_away_say_when_to_come_back(
        self, stranger: Partner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fall(*_anything: Any, **_more: Any) -> Any:
            raise OperationalError

        monkeypatch.setattr(services, "described_services", fall)
        answer = stranger.get("services.json")

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")

    def test_outside_of_every_view(self, rf: RequestFactory) -> None:
        """Before a view is found the framework's own pages answer, and those are ours too."""
        for path in ("/open311/v2/services.json", "/heilbronn/open311/v2/services.json"):
            request = rf.get(path)
            for answer in (
                outage.bad_request(request, ValueError()),
                outage.not_found(request, ValueError()),
                outage.server_error(request),
            ):
                assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
                assert isinstance(json.loads(answer.content), list)

    def test_of_a_foreign_host_name(self, heilbronn: Town) -> None:
        answer = Client().get("/open311/v2/services.json", headers={"host": "evil.example"})

        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.fixture
def heilbronn_zone() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Berlin")
