"""The feeds: standard to the letter, harmless in a spreadsheet, cheap when nothing changed."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from opendata.columns import COLUMNS
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from reports.published import PublishedReport
from reports.queries import public_feeds
from tests.people import Town

pytestmark = pytest.mark.django_db

GEOJSON, CSV = "/opendata/heilbronn/reports.geojson", "/opendata/heilbronn/reports.csv"


@pytest.fixture
def published(report: Callable[..., Receipt]) -> Callable[..., str]:
    """Submit, approve and publish a report; returns its number."""

    def make(town: Town, category: str = "pothole", **changes: Any) -> str:
        receipt = report(town, category, **changes)
        Report.objects.filter(pk=receipt.report.pk).update(publication=Publication.APPROVED)
        publish_report(receipt.report.pk, now=timezone.now())
        return receipt.number

    return make


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content_of(answer).decode(), newline="")))


def test_the_geojson_is_what_rfc_7946_asks_for(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    number = published(heilbronn)

    answer = client.get(GEOJSON)
    collection = json.loads(content_of(answer))

    assert answer.headers["Content-Type"] == "application/geo+json"
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    assert collection["license"] == heilbronn.municipality.licence
    feature = collection["features"][0]
    assert feature["id"] == feature["properties"]["number"] == number
    lon, lat = feature["geometry"]["coordinates"]
    assert 9 < lon < 10
    assert 49 < lat < 50
    assert all(len(str(each).partition(".")[2]) <= 5 for each in (lon, lat))
    assert set(feature["properties"]) == {c.name for c in COLUMNS if c.in_features}


def test_the_csv_is_what_rfc_4180_asks_for(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    PublishedReport.objects.filter(number=number).update(
        text='Zeile 1\nZeile "2", mit Komma', answer="=HYPERLINK(1)"
    )

    answer = client.get(CSV)
    raw = content_of(answer)

    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert raw.endswith(b"\r\n")
    row = next(csv.DictReader(io.StringIO(raw.decode(), newline="")))
    assert list(row) == [column.name for column in COLUMNS]
    assert row["text"] == 'Zeile 1\nZeile "2", mit Komma'
    assert row["answer"] == "'=HYPERLINK(1)"
    assert row["received_at"].endswith(("+01:00", "+02:00"))


def test_no_text_becomes_a_formula_and_harmless_ones_stay(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    cells = ["=1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", " =1", "\ufeff=1"]
    for cell in [*cells, "Loch = tief", "Übel", "'x", "(x)", "5 Löcher"]:
        PublishedReport.objects.filter(number=number).update(text=cell)
        expected = f"'{cell}" if cell in cells else cell
        assert rows_of(client.get(CSV))[0]["text"] == expected


def test_an_empty_town_has_an_empty_feed(heilbronn: Town, client: Client) -> None:
    assert json.loads(content_of(client.get(GEOJSON)))["features"] == []
    assert rows_of(client.get(CSV)) == []


def test_nothing_is_sent_again_until_something_changes(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    first = client.get(GEOJSON)
    content_of(first)
    by_mark = {"If-None-Match": first.headers["ETag"]}
    by_time = {"If-Modified-Since": first.headers["Last-Modified"]}

    same = client.get(GEOJSON, headers=by_mark)
    same_by_time = client.get(GEOJSON, headers=by_time)
    other_filter = client.get(f"{GEOJSON}?status=done", headers=by_mark)
    publish_report(Report.objects.get(number=number).pk, now=timezone.now())
    changed = client.get(GEOJSON, headers=by_mark)

    assert same.status_code == same_by_time.status_code == 304
    assert same.headers["ETag"] == first.headers["ETag"]
    assert other_filter.status_code == changed.status_code == 200


def test_the_feed_is_compressed_for_those_who_ask(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    published(heilbronn)

    plain = content_of(client.get(CSV))
    packed = client.get(CSV, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    refused = client.get(CSV, headers={"Accept-Encoding": "gzip;q=0, identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(content_of(packed)) == plain
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in refused.headers


def test_filters_narrow_the_feed_and_unknown_ones_are_refused(
    heilbronn: Town, client: Client, published: Callable[..., str]
) -> None:
    pothole, tree = published(heilbronn), published(heilbronn, "tree", lon=9.30)

    def numbers(query: str) -> set[str]:
        return {row["number"] for row in rows_of(client.get(f"{CSV}?{query}"))}

    assert numbers("category=gruen.baum") == {tree}
    assert numbers("bbox=9.2,49.1,9.25,49.2") == {pothole}
    assert numbers("status=open&since=2020-01-01") == {pothole, tree}
    for query in ("stauts=open", "status=x", "bbox=1", "since=x", "status=open&status=done"):
        refused = client.get(f"{GEOJSON}?{query}")
        assert refused.status_code == 400, query
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["errors"][0]["parameter"] in query
    assert client.get("/opendata/heilbronn/districts.geojson?x=1").status_code == 400


def test_districts_come_as_polygons_with_keys(heilbronn: Town, client: Client) -> None:
    answer = client.get("/opendata/heilbronn/districts.geojson")
    features = json.loads(content_of(answer))["features"]

    assert [feature["id"] for feature in features] == ["böckingen", "innenstadt"]
    ring = features[0]["geometry"]["coordinates"][0][0]
    area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
    assert area > 0, "outer rings run against the clock"


def test_any_site_may_read_and_nobody_sends_cookies(heilbronn: Town, client: Client) -> None:
    for path in (GEOJSON, CSV, "/opendata/heilbronn/districts.geojson"):
        answer = client.get(path, headers={"Origin": "https://map.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert not answer.cookies
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


def test_unknown_towns_and_later_addresses_are_404(
    heilbronn: Town, heidenheim: Town, client: Client
) -> None:
    for path in (
        "/opendata/ulm/",
        "/opendata/ulm/reports.csv",
        "/opendata/ulm/reports.gpkg",
        "/opendata/ulm/changes.json",
        "/opendata/ogc/collections/ulm-reports/items",
        "/opendata/ogc/collections/heilbronn/items",
        "/opendata/heilbronn/reports.shp",
    ):
        assert client.get(path).status_code == 404, path
    heidenheim.municipality.host_name = "melden.heidenheim.localhost"
    heidenheim.municipality.save()
    assert client.get(CSV, headers={"Host": "melden.heidenheim.localhost"}).status_code == 404


def test_an_outage_is_503(heilbronn: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_values: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(public_feeds, "feed_state", gone)

    answer = client.get(GEOJSON)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_the_pages_explain_columns_and_licence(
    heilbronn: Town, heidenheim: Town, client: Client, published: Callable[..., str]
) -> None:
    number = published(heilbronn)

    index = client.get("/opendata/").content.decode()
    town = client.get("/opendata/heilbronn/").content.decode()
    english = client.get("/opendata/heilbronn/", headers={"Accept-Language": "en"}).content.decode()

    assert "/opendata/heidenheim/reports.csv" in index
    assert number in town
    assert heilbronn.municipality.licence in town
    for column in COLUMNS:
        assert column.name in town
    assert "How to read the figures" in english


def test_on_a_citys_own_host_the_page_shows_this_city_only(
    heilbronn: Town, heidenheim: Town, client: Client
) -> None:
    heidenheim.municipality.host_name = "melden.heidenheim.localhost"
    heidenheim.municipality.save()

    page = client.get("/opendata/", headers={"Host": "melden.heidenheim.localhost"})

    assert "Heidenheim" in page.content.decode()
    assert "Heilbronn" not in page.content.decode()


def test_the_number_of_queries_is_fixed(
    heilbronn: Town,
    client: Client,
    published: Callable[..., str],
    django_assert_num_queries: Callable[..., Any],
) -> None:
    published(heilbronn)
    published(heilbronn)
    expected = {
        GEOJSON: 5,  # COPY is not counted
        CSV: 5,
        "/opendata/heilbronn/changes.json": 6,
        "/opendata/ogc/collections/heilbronn-reports/items": 10,
        "/opendata/heilbronn/districts.geojson": 2,
        "/opendata/": 1,
        "/opendata/heilbronn/": 6,
    }
    for path, number in expected.items():
        with django_assert_num_queries(number, using="public", info=path):
            answer = client.get(path)
            if answer.streaming:
                content_of(answer)
