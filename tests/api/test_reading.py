"""Reading: municipalities, the catalogue, published reports, and the description itself."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mobile_api import schema
from mobile_api.management.commands import openapi
from reports import photo_storage
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from reports.published import PublishedPhoto, PublishedReport
from routing.models import CategoryTranslation
from tests.api.client import Phone, plain_jpeg
from tests.factories import QuestionFactory
from tests.people import TOWN_HALL, Town

pytestmark = pytest.mark.django_db

LON, LAT = TOWN_HALL


@pytest.fixture
def published(report: Callable[..., Receipt]) -> Callable[..., str]:
    """Submit, approve and publish a report; returns its number."""

    def make(town: Town, category: str = "pothole", **changes: Any) -> str:
        receipt = report(town, category, **changes)
        Report.objects.filter(pk=receipt.report.pk).update(publication=Publication.APPROVED)
        publish_report(receipt.report.pk, now=timezone.now())
        return receipt.number

    return make


def test_municipalities_are_listed_and_found_by_place(
    heilbronn: Town, heidenheim: Town, phone: Phone
) -> None:
    everywhere = phone.get("municipalities").json()["municipalities"]
    here = phone.get(f"municipalities?lat={LAT}&lon={LON}").json()["municipalities"]
    nowhere = phone.get("municipalities?lat=0&lon=0").json()["municipalities"]

    assert [town["slug"] for town in everywhere] == ["heidenheim", "heilbronn"]
    assert [town["slug"] for town in here] == ["heilbronn"]
    assert here[0]["bbox"] == [9.1, 49.05, 9.35, 49.25]
    assert nowhere == []


def test_on_a_citys_own_host_only_this_city_exists(
    heilbronn: Town, heidenheim: Town, published: Callable[..., str]
) -> None:
    heidenheim.municipality.host_name = "melden.heidenheim.localhost"
    heidenheim.municipality.save()
    number = published(heilbronn)
    there = Phone(host="melden.heidenheim.localhost")

    listed = there.get("municipalities").json()["municipalities"]

    assert [town["slug"] for town in listed] == ["heidenheim"]
    assert there.get(f"municipalities?lat={LAT}&lon={LON}").json()["municipalities"] == []
    assert there.get("categories?municipality=heilbronn").status_code == 404
    assert there.get("categories").json()["municipality"] == "heidenheim"
    assert there.get(f"categories?lat={LAT}&lon={LON}").json()["code"] == "not_covered"
    assert there.get("reports?municipality=heilbronn").status_code == 400
    assert there.get("reports").json()["reports"] == []
    assert there.get(f"reports?lat={LAT}&lon={LON}").json()["reports"] == []
    assert there.get(f"reports/{number}").status_code == 404


def test_the_catalogue_comes_by_place_or_name_in_the_asked_language(
    heilbronn: Town, phone: Phone
) -> None:
    pothole = heilbronn.categories["pothole"]
    CategoryTranslation.objects.create(category=pothole, language="en", name="Pothole")
    QuestionFactory(category=pothole, code="lage", is_required=True)

    german = phone.get("categories?municipality=heilbronn")
    english = phone.get(f"categories?lat={LAT}&lon={LON}", Accept_Language="en-GB,de;q=0.5")
    asked = phone.get("categories?municipality=heilbronn&language=en", Accept_Language="de")

    def names(answer: Any) -> list[str]:
        groups = answer.json()["groups"]
        return [each["name"] for group in groups for each in group["categories"]]

    assert "Schlagloch" in names(german)
    assert "Pothole" in names(english)
    assert names(asked) == names(english)
    assert english.headers["Content-Language"] == "en"
    question = next(
        each["questions"][0]
        for group in german.json()["groups"]
        for each in group["categories"]
        if each["questions"]
    )
    assert (question["code"], question["is_required"]) == ("lage", True)
    assert phone.get("categories?lat=0&lon=0").json()["code"] == "not_covered"
    assert phone.get("categories?municipality=ulm").status_code == 404


def test_an_unchanged_catalogue_is_not_sent_again(heilbronn: Town, phone: Phone) -> None:
    path = "categories?municipality=heilbronn"
    first = phone.get(path)

    again = phone.get(path, If_None_Match=first.headers["ETag"])
    heilbronn.categories["pothole"].name = "Loch"
    heilbronn.categories["pothole"].save()
    changed = phone.get(path, If_None_Match=first.headers["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


def test_reports_nearby_come_page_by_page(
    heilbronn: Town, phone: Phone, published: Callable[..., str]
) -> None:
    near, far = published(heilbronn), published(heilbronn, lon=LON + 0.003)

    first = phone.get(f"reports?lat={LAT}&lon={LON}&radius=500&page_size=1")
    address = first.json()["next_url"].partition("/api/v1/")[2]
    second = phone.get(address)

    assert [each["number"] for each in first.json()["reports"]] == [near]
    assert [each["number"] for each in second.json()["reports"]] == [far]
    assert second.json()["next_cursor"] is None
    assert first.headers["Link"] == f'<{first.json()["next_url"]}>; rel="next"'
    assert first.json()["reports"][0]["distance_m"] < 20


def test_filters_and_box(heilbronn: Town, phone: Phone, published: Callable[..., str]) -> None:
    number = published(heilbronn)

    def numbers(query: str) -> list[str]:
        return [each["number"] for each in phone.get(f"reports?{query}").json()["reports"]]

    assert numbers("municipality=heilbronn&status=open&category=strasse") == [number]
    assert numbers("municipality=heilbronn&status=closed") == []
    assert numbers("bbox=9.2,49.1,9.3,49.2&since=2020-01-01") == [number]
    assert numbers("municipality=heilbronn&since=2020-01-01T00:00:00%2B01:00") == [number]


def test_a_published_report_shows_named_fields_only(
    heilbronn: Town, phone: Phone, published: Callable[..., str]
) -> None:
    number = published(heilbronn, address="Marktplatz 7")

    answer = phone.get(f"reports/{number}")

    body = answer.json()
    assert set(body) == {
        *("view", "number", "municipality", "category", "status", "closing_reason"),
        *("received_at", "updated_at", "closed_at", "time_precision", "place", "distance_m"),
        *("district", "office", "text", "answer", "first_answer_hours", "completion_hours"),
        *("supports", "photos", "url"),
    }
    assert body["view"] == "public"
    assert body["text"] is None
    assert "Marktplatz" not in answer.content.decode()
    assert "max-age=60" in answer.headers["Cache-Control"]
    assert "X-Receipt-Secret" in answer.headers["Vary"]


def test_a_photo_is_served_while_it_is_public(
    heilbronn: Town, phone: Phone, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    name = photo_storage.keep_staff_derivative(plain_jpeg(), ".jpg")
    photo_storage.publish_copy(name)
    PublishedPhoto.objects.create(
        report_id=number, ordinal=1, size=800, format="jpeg", width=40, height=30, name=name
    )
    url = phone.get(f"reports/{number}").json()["photos"][0]["files"][0]["url"]
    path = url.partition("/api/v1/")[2]

    photo = phone.get(path)
    PublishedReport.objects.all().delete()
    gone = phone.get(path, If_None_Match=photo.headers["ETag"])

    assert photo.content == plain_jpeg()
    assert photo.headers["Content-Type"] == "image/jpeg"
    assert photo.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in photo.headers["Content-Security-Policy"]
    assert "max-age=60" in photo.headers["Cache-Control"]
    assert gone.status_code == 404


def test_pages_of_other_sites_may_ask_without_cookies(heilbronn: Town, phone: Phone) -> None:
    preflight = phone.client.options(
        "/api/v1/reports",
        headers={"Origin": "https://app.example", "Access-Control-Request-Method": "POST"},
    )
    answer = phone.get("municipalities", Origin="https://app.example")

    assert preflight.status_code == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in preflight.headers["Access-Control-Allow-Headers"]
    for each in (preflight, answer):
        assert each.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in each.headers
        assert not each.cookies
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_head_request_is_a_get_without_body(heilbronn: Town, phone: Phone) -> None:
    answer = phone.client.head("/api/v1/municipalities")

    assert answer.status_code == 200
    assert answer.content == b""


def test_the_description_is_served_in_both_languages(phone: Phone) -> None:
    german = phone.get("openapi.json").json()
    english = phone.get("openapi.json?language=en").json()

    assert german["openapi"].startswith("3.1")
    assert german["paths"]["/api/v1/reports"]["post"]["summary"] == "Melden"
    assert english["paths"]["/api/v1/reports"]["post"]["summary"] == "Report"
    assert english["paths"].keys() == german["paths"].keys()


def test_the_page_for_people_shows_every_endpoint_and_problem(phone: Phone) -> None:
    page = phone.client.get("/api/v1/")

    assert page.status_code == 200
    html = page.content.decode()
    for path in schema.build()["paths"]:
        assert path in html
    assert 'id="problem-report_refused"' in html


def test_the_committed_description_is_current() -> None:
    call_command("openapi", "--check", stdout=StringIO())


def test_a_changed_description_fails_the_check(
    tmp_path: Any, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError):
        call_command("openapi", "--check")

    call_command("openapi", "--write", stdout=StringIO())
    call_command("openapi", "--check", stdout=StringIO())

    written = json.loads((tmp_path / openapi.COMMITTED).read_text())
    assert written["info"]["version"] == "1.0.0"


def test_the_number_of_queries_is_fixed(
    heilbronn: Town,
    phone: Phone,
    published: Callable[..., str],
    django_assert_num_queries: Callable[..., Any],
) -> None:
    number = published(heilbronn)
    expected = {
        "municipalities": (1, 1),
        f"municipalities?lat={LAT}&lon={LON}": (1, 1),
        "categories?municipality=heilbronn": (6, 0),
        f"categories?lat={LAT}&lon={LON}": (6, 0),
        "reports?municipality=heilbronn": (1, 3),
        f"reports?lat={LAT}&lon={LON}": (1, 2),
        f"reports/{number}": (1, 2),
        "openapi.json": (1, 0),
    }
    for path, (app, public) in expected.items():
        with (
            django_assert_num_queries(app, info=path),
            django_assert_num_queries(public, using="public", info=path),
        ):
            phone.get(path)
