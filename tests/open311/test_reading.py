"""GET requests: the shape German cities answer in, the filters, and nothing that is not public."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.actions.change_status import change_status
from reports.actions.submit import Receipt
from reports.lifecycle import Status
from reports.models import Publication, Report
from reports.published import PublishedPhoto, PublishedReport
from tests.factories import QuestionFactory
from tests.open311.partner import Partner, described, numbers, texts, xml_of
from tests.people import ERIKA, TOWN_HALL, Town

pytestmark = pytest.mark.django_db
LON, LAT = TOWN_HALL
# Field by field as in the answers of German cities; null is allowed where a text is missing.
SHAPE: dict[str, tuple[type, ...]] = {
    "service_request_id": (str,),
    "status": (str,),
    "status_notes": (str, type(None)),
    "service_name": (str,),
    "service_code": (str,),
    "description": (str, type(None)),
    "agency_responsible": (str, type(None)),
    "service_notice": (str, type(None)),
    "requested_datetime": (str,),
    "updated_datetime": (str,),
    "expected_datetime": (str, type(None)),
    "address": (str,),
    "address_id": (str, type(None)),
    "zipcode": (str, type(None)),
    "lat": (float,),
    "long": (float,),
    "media_url": (str, type(None)),
}


def seen_at(number: str, received: datetime, **more: Any) -> None:
    """Move the public row of a report in time."""
    PublishedReport.objects.filter(number=number).update(received_at=received, **more)


def at(answer: Any) -> list[str]:
    return numbers(answer.json())


def test_a_record_has_the_golden_shape(
    stranger: Partner, heilbronn: Town, published: Callable[..., str]
) -> None:
    number = published(heilbronn, sender=ERIKA, address="Marktplatz 7")
    PublishedPhoto.objects.create(
        report_id=number, ordinal=1, size=1600, format="jpeg", width=9, height=9, name="aa/b.jpg"
    )
    [record] = stranger.get("requests.json").json()

    assert list(record) == list(SHAPE)
    assert all(type(record[name]) in kinds for name, kinds in SHAPE.items()), record
    assert record["service_request_id"] == number
    assert record["status"] == "open"
    assert (record["service_code"], record["service_name"]) == ("strasse.schlagloch", "Schlagloch")
    assert record["agency_responsible"] == "Amt für Straßenwesen"
    assert record["address"] == "Innenstadt, Heilbronn"
    assert record["media_url"] == "http://testserver/api/v1/photos/aa/b.jpg"
    received = datetime.fromisoformat(record["requested_datetime"])
    assert received.utcoffset() in {timedelta(hours=1), timedelta(hours=2)}
    assert received.second == received.microsecond == 0
    assert (record["lat"], record["long"]) != (LAT, LON)  # rounded like everywhere


def test_xml_says_the_same(
    stranger: Partner, heilbronn: Town, published: Callable[..., str]
) -> None:
    published(heilbronn, description="Böse & <wild>\r\nzweite Zeile")
    [record] = stranger.get("requests.json").json()
    [element] = xml_of(stranger.get("requests.xml")).findall("request")

    in_xml = {child.tag: child.text for child in element}
    assert "expected_datetime" not in in_xml
    assert in_xml == {
        name: None if value is None else str(value)
        for name, value in record.items()
        if name != "expected_datetime"
    }


def test_one_request_comes_as_a_list_of_one(
    stranger: Partner, heilbronn: Town, heidenheim: Town, published: Callable[..., str]
) -> None:
    number, foreign = published(heilbronn), published(heidenheim, lon=10.15)

    assert at(stranger.get(f"requests/{number}.json")) == [number]
    assert len(xml_of(stranger.get(f"requests/{number.lower()}.xml"))) == 1
    assert stranger.get(f"requests/{foreign}.json").status_code == 404
    assert stranger.get("requests/HN-2026-999999.json").status_code == 404


def test_what_is_not_public_is_not_there(
    stranger: Partner,
    heilbronn: Town,
    report: Callable[..., Receipt],
    published: Callable[..., str],
) -> None:
    hidden = report(heilbronn, "tree", sender=ERIKA).number
    shown = published(heilbronn, sender=ERIKA, description="Anruf bei Erika Mustermann")
    Report.objects.filter(number=shown).update(text_publication=Publication.PENDING)

    assert at(stranger.get("requests.json")) == [shown]
    assert stranger.get(f"requests/{hidden}.json").status_code == 404
    assert at(stranger.get("requests.json", service_request_id=hidden)) == []
    assert b"erika@" not in stranger.get("requests.xml", extensions="true").content


class TestFilters:
    @pytest.fixture
    def three(self, heilbronn: Town, published: Callable[..., str]) -> tuple[str, str, str]:
        """Pothole of today, tree of 10 days ago, pothole of 100 days ago."""
        now = timezone.now()
        made = (
            published(heilbronn),
            published(heilbronn, "tree", lon=LON + 0.01),
            published(heilbronn),
        )
        for number, days in zip(made, (0, 10, 100), strict=True):
            seen_at(number, now - timedelta(days=days), updated_at=now - timedelta(days=days))
        return made

    def test_the_last_90_days_are_the_default(
        self, stranger: Partner, three: tuple[str, str, str]
    ) -> None:
        assert at(stranger.get("requests.json")) == list(three[:2])

    def test_empty_arguments_count_as_absent(
        self, stranger: Partner, three: tuple[str, str, str]
    ) -> None:
        empty = dict.fromkeys(
            [
                "service_request_id",
                "service_code",
                "start_date",
                "end_date",
                "status",
                "lat",
                "page",
            ],
            "",
        )
        assert at(stranger.get("requests.json", **empty, unknown="x")) == list(three[:2])

    def test_ids_override_all_else(self, stranger: Partner, three: tuple[str, str, str]) -> None:
        wanted = f"{three[2]}, {three[0].lower()},HN-2026-999999"
        found = stranger.get("requests.json", service_request_id=wanted, status="closed")

        assert at(found) == [three[0], three[2]]

    def test_services_and_statuses(
        self, stranger: Partner, heilbronn: Town, three: tuple[str, str, str]
    ) -> None:
        PublishedReport.objects.filter(number=three[0]).update(status="done")

        def ask(**words: str) -> list[str]:
            return at(stranger.get("requests.json", **words))

        assert ask(service_code="gruen.baum") == [three[1]]
        assert ask(service_code="gruen.baum,strasse.schlagloch") == list(three[:2])
        assert ask(service_code="gibt.es.nicht") == []
        assert ask(status="closed") == [three[0]]
        assert ask(status="open, Closed") == list(three[:2])
        assert ask(detailed_status="PROCESSED") == [three[0]]
        assert ask(detailed_status="received,processed") == list(three[:2])
        assert ask(detailed_status="PENDING") == []
        assert ask(detailed_status="RECEIVED", status="closed") == []

    def test_spans_of_time(self, stranger: Partner, three: tuple[str, str, str]) -> None:
        now = timezone.now()

        def ask(**words: datetime | str) -> list[str]:
            written = {
                name: value if isinstance(value, str) else value.isoformat()
                for name, value in words.items()
            }
            return at(stranger.get("requests.json", **written))

        day = timedelta(days=1)
        assert ask(start_date=now - 11 * day) == list(three[:2])
        assert ask(start_date=now - 11 * day, end_date=now - day) == [three[1]]
        assert ask(end_date=now - 50 * day) == [three[2]]
        # A longer span is cut at its beginning.
        assert ask(start_date=now - 400 * day) == list(three[:2])
        assert ask(start_date="2020-01-01", end_date=now - 20 * day) == [three[2]]
        # Changes of old requests count too.
        assert ask(updated_after=now - 101 * day) == list(three)
        assert ask(updated_after=now - 101 * day, updated_before=now - day) == list(three[1:])

    def test_a_circle(self, stranger: Partner, three: tuple[str, str, str]) -> None:
        assert at(stranger.get("requests.json", lat=LAT, long=LON, radius=300)) == [three[0]]
        assert at(stranger.get("requests.json", lat=LAT, long=LON, radius=3000)) == list(three[:2])
        assert stranger.get("requests.json", lat=LAT, long=LON).status_code == 400
        assert stranger.get("requests.json", radius=3).status_code == 400

    def test_counting_only(self, stranger: Partner, three: tuple[str, str, str]) -> None:
        assert stranger.get("requests.json", just_count="true").json() == [{"count": 2}]
        counted = xml_of(stranger.get("requests.xml", just_count="1", service_code="gruen.baum"))
        assert texts(counted, "request/count") == ["1"]

    def test_pages(self, stranger: Partner, three: tuple[str, str, str]) -> None:
        first = stranger.get("requests.json", page_size=1)
        second = stranger.client.get(first.headers["Link"].split(">")[0].lstrip("<"))

        assert at(first) == [three[0]]
        assert first.headers["Link"].endswith('; rel="next"')
        assert numbers(second.json()) == [three[1]]
        assert "Link" not in second.headers
        assert at(stranger.get("requests.json", page_size=1, page=3)) == []
        assert at(stranger.get("requests.json", page_size=5000, page=10**11)) == []

    @pytest.mark.parametrize(
        "words",
        [
            {"status": "halboffen"},
            {"detailed_status": "WEG"},
            {"page": "0"},
            {"page": "-1"},
            {"page_size": "viele"},
            {"lat": "49", "long": "neun", "radius": "5"},
            {"lat": "49", "long": "9", "radius": "99999999"},
            {"updated_after": "morgen"},
            {"extensions": "vielleicht"},
        ],
    )
    def test_what_makes_no_sense_is_named(self, stranger: Partner, words: dict[str, str]) -> None:
        assert described(stranger.get("requests.json", **words))


class TestExtensions:
    def test_only_with_the_flag(
        self,
        stranger: Partner,
        heilbronn: Town,
        published: Callable[..., str],
        publish: Callable[[str], None],
    ) -> None:
        tree = heilbronn.categories["tree"]
        QuestionFactory(category=tree, code="hoehe", order=1, datatype="number", text="Wie hoch?")
        QuestionFactory(
            category=tree,
            code="art",
            order=2,
            datatype="single",
            options=[{"key": "a", "de": "Ahorn"}],
        )
        QuestionFactory(category=tree, code="wer", order=3, datatype="string")
        QuestionFactory(
            category=tree, code="geheim", order=4, datatype="number", is_confidential=True
        )
        answers = {"hoehe": "12,5", "art": "a", "wer": "Erika", "geheim": "4711"}
        number = published(heilbronn, "tree", answers=answers)
        case = Report.objects.get(number=number)
        change_status(
            case.pk,
            to=Status.DONE,
            by=heilbronn.people["gero"],
            now=timezone.now(),
            expected_version=case.version,
            answer="Ast ist ab.",
            closing_reason="done",
        )
        publish(number)

        [plain] = stranger.get(f"requests/{number}.json").json()
        [record] = stranger.get(f"requests/{number}.json", extensions="true").json()

        assert list(plain) == list(SHAPE)
        assert (plain["status"], plain["status_notes"]) == ("closed", "Ast ist ab.")
        assert list(record) == [*SHAPE, "extended_attributes", "attributes", "notes"]
        extended = record["extended_attributes"]
        assert list(extended) == [
            *("detailed_status", "detailed_status_datetime", "media_urls", "title"),
            *("service_object_id", "service_object_type"),
        ]
        assert (extended["detailed_status"], extended["media_urls"]) == ("PROCESSED", [])
        # Free text and confidential answers stay inside.
        assert [(each["code"], each["values"]) for each in record["attributes"]] == [
            ("hoehe", [{"key": "12.5", "name": "12.5"}]),
            ("art", [{"key": "a", "name": "Ahorn"}]),
        ]
        [note] = record["notes"]
        assert (note["type"], note["description"]) == ("FIXED", "Ast ist ab.")
        assert datetime.fromisoformat(note["datetime"]) >= timezone.now() - timedelta(minutes=2)
        body = stranger.get(f"requests/{number}.xml", extensions="true").content
        assert b"Erika" not in body
        assert b"4711" not in body

    def test_a_coarse_category_tells_no_times_and_no_answers(
        self, stranger: Partner, heilbronn: Town, published: Callable[..., str]
    ) -> None:
        number = published(heilbronn, "needles")
        [record] = stranger.get(f"requests/{number}.json", extensions="true").json()

        received = datetime.fromisoformat(record["requested_datetime"])
        assert (received.day, received.hour, received.minute) == (1, 0, 0)
        assert record["description"] is None
        assert record["notes"] == record["attributes"] == []


def test_the_number_of_queries_does_not_grow(
    stranger: Partner, heilbronn: Town, published: Callable[..., str]
) -> None:
    for _each in range(3):
        published(heilbronn)

    def queries(path: str, **words: Any) -> tuple[int, int]:
        with (
            CaptureQueriesContext(connections["default"]) as own,
            CaptureQueriesContext(connections["public"]) as public,
        ):
            assert stranger.get(path, **words).status_code == 200
        return len(own), len(public)

    # The town by its prefix is one query of its own.
    assert queries("requests.json") == (2, 2)
    assert queries("requests.json", extensions="true") == (2, 5)
    assert queries("requests.json", just_count="true") == (2, 1)
    assert queries("servicerequestupdates.json") == (2, 1)
    assert queries("services.json") == (2, 1)
    assert queries("services/gruen.baum.json") == (2, 1)
    assert queries("coverage.json", lat=LAT, long=LON) == (2, 1)


def test_times_keep_their_zone_in_summer_and_winter(
    stranger: Partner, heilbronn: Town, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    seen_at(number, datetime(2026, 7, 1, 10, tzinfo=UTC))

    [record] = stranger.get(f"requests/{number}.json").json()
    assert record["requested_datetime"] == "2026-07-01T12:00:00+02:00"
