"""OGC API - Features: what clients of others rely on, and bad questions refused by name."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from opendata.ogc.documents import CONFORMANCE, CRS84
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from tests.people import Town

pytestmark = pytest.mark.django_db
ROOT = "/opendata/ogc/"
ITEMS = f"{ROOT}collections/heilbronn-reports/items"


@pytest.fixture
def published(report: Callable[..., Receipt]) -> Callable[..., str]:
    """Submit, approve and publish a report; returns its number."""

    def make(town: Town, category: str = "pothole", **changes: Any) -> str:
        receipt = report(town, category, **changes)
        Report.objects.filter(pk=receipt.report.pk).update(publication=Publication.APPROVED)
        publish_report(receipt.report.pk, now=timezone.now())
        return receipt.number

    return make


def content_of(client: Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return json.loads(b"".join(answer.streaming_content))


def link(document: Any, rel: str) -> str | None:
    found = [each["href"] for each in document["links"] if each["rel"] == rel]
    return found[0] if found else None


def test_a_client_finds_its_way_from_the_landing_page_to_every_feature(
    heilbronn: Town, heidenheim: Town, client: Client, published: Callable[..., str]
) -> None:
    expected = sorted(published(heilbronn) for _ in range(5))
    landing = content_of(client, ROOT)
    assert content_of(client, str(link(landing, "conformance")))["conformsTo"] == CONFORMANCE
    description = content_of(client, str(link(landing, "service-desc")))
    assert description["openapi"].startswith("3.0")
    collections = content_of(client, str(link(landing, "data")))["collections"]
    ours = next(each for each in collections if each["id"] == "heilbronn-reports")
    assert ours["extent"]["spatial"]["bbox"][0][0] < 9.3
    assert [each["id"] for each in collections] == [
        *("heidenheim-reports", "heidenheim-districts"),
        *("heilbronn-reports", "heilbronn-districts"),
    ]
    assert ours["extent"]["temporal"]["interval"][0][0] is not None

    page = content_of(client, f"{link(ours, 'items')}?limit=2")
    seen = [feature["id"] for feature in page["features"]]
    assert (page["numberMatched"], page["numberReturned"]) == (5, 2)
    assert page["timeStamp"].endswith("Z")
    # Somebody changes what was read already and what is still to come: nothing twice, nothing lost.
    for number in (expected[0], expected[4]):
        publish_report(Report.objects.get(number=number).pk, now=timezone.now())
    while onward := link(page, "next"):
        page = content_of(client, onward)
        seen += [feature["id"] for feature in page["features"]]
    assert seen == expected

    one = content_of(client, f"{ITEMS}/{expected[0]}")
    assert one["id"] == one["properties"]["number"] == expected[0]
    assert link(one, "collection")


def test_filters_and_their_refusal(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    pothole, tree = published(heilbronn), published(heilbronn, "tree", lon=9.30)
    today = timezone.localdate().isoformat()

    def numbers(query: str) -> set[str]:
        return {each["id"] for each in content_of(client, f"{ITEMS}?{query}")["features"]}

    assert numbers("bbox=9.2,49.1,9.25,49.2") == {pothole}
    assert numbers("bbox=9.2,49.1,0,9.25,49.2,9") == {pothole}
    assert numbers("category_code=gruen.baum&limit=99999") == {tree}
    assert numbers("category=gruen") == numbers("category=gruen.baum") == {tree}
    assert numbers("status=open") == numbers("status=received,done") == {pothole, tree}
    assert numbers("status=closed") == set()
    assert numbers(f"crs={CRS84}&bbox-crs={CRS84}&limit=5") == {pothole, tree}
    assert numbers(f"datetime={today}") == numbers(f"datetime={today}/..") == {pothole, tree}
    assert numbers("datetime=../2020-01-01T00:00:00Z") == set()
    for query in (
        *("limit=0", "limit=x", "bbox=1,2,3", "bbox=a,b,c,d", "datetime=x", "cursor=x", "f=xml"),
        *("crs=EPSG:25832", "bbox-crs=x", "status=offen", "key=1"),
        *("datetime=2026-02-01/2026-01-01", "stauts=open", "district=%00", "datetime=../.."),
    ):
        refused = client.get(f"{ITEMS}?{query}")
        assert refused.status_code == 400, query
        assert refused.json()["errors"][0]["parameter"] in query
    assert client.get(f"{ROOT}conformance?x=1").status_code == 400


def test_districts_are_a_collection_of_their_own(heilbronn: Town, client: Client) -> None:
    collection = content_of(client, f"{ROOT}collections/heilbronn-districts")
    assert link(collection, "license")
    assert collection["crs"] == [CRS84]

    page = content_of(client, f"{link(collection, 'items')}?limit=1")
    every = page["features"]
    while onward := link(page, "next"):
        page = content_of(client, onward)
        every += page["features"]
    assert len(every) == page["numberMatched"] > 1
    assert [each["id"] for each in every] == sorted(each["properties"]["key"] for each in every)
    one = every[0]
    items = f"{ROOT}collections/heilbronn-districts/items"
    named = content_of(client, f"{items}?name={quote(one['properties']['name'])}")
    assert [each["id"] for each in named["features"]] == [one["id"]]
    assert content_of(client, f"{items}/{quote(one['id'])}")["geometry"] == one["geometry"]
    # A corner of the world where nothing lies, and one inside the first district.
    assert content_of(client, f"{items}?bbox=0,0,1,1&datetime=2020-01-01/..")["features"] == []
    (lon, lat), *_rest = one["geometry"]["coordinates"][0][0]
    near = content_of(client, f"{items}?bbox={lon - 1e-4},{lat - 1e-4},{lon + 1e-4},{lat + 1e-4}")
    assert one["id"] in {each["id"] for each in near["features"]}
    assert client.get(f"{items}?status=open").status_code == 400
    assert client.get(f"{items}/gibt-es-nicht").status_code == 404
    assert one["properties"]["name"] in client.get(f"{items}?f=html").content.decode()


def test_people_get_pages_in_their_language(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    paths = (ROOT, f"{ROOT}api", f"{ROOT}conformance", f"{ROOT}collections", ITEMS)
    for path in (*paths, f"{ROOT}collections/heilbronn-reports", f"{ITEMS}/{number}"):
        page = client.get(path, headers={"Accept": "text/html,application/xhtml+xml"})
        assert page.headers["Content-Type"].startswith("text/html"), path
        assert "<h1" in page.content.decode()
    assert number in client.get(f"{ITEMS}?f=html").content.decode()
    assert client.get(f"{ITEMS}/HN-2026-999999").status_code == 404


def test_whoever_reads_english_is_told_in_english(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    english = {"accept-language": "en"}

    told = client.get(f"{ITEMS.removesuffix('/items')}?f=json", headers=english)
    assert json.loads(told.getvalue())["title"] == "Reports – Stadt Heilbronn"
    assert "Accept-Language" in told.headers["Vary"]
    page = client.get(f"{ITEMS}?f=html", headers=english).content.decode()
    assert "Reports – Stadt Heilbronn" in page
    assert "as data" in page
    assert "Datensammlung" not in page
    assert f'href="{ITEMS}/{number}?f=html"' in page
    german, other = (client.get(ITEMS, headers=named) for named in ({}, english))
    assert german.headers["ETag"] != other.headers["ETag"]
