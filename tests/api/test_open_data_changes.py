"""One report through every exit: published, changed, withdrawn; what goes leaves its number."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyogrio
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from reports.published import PublishedReport
from tests.people import Town

pytestmark = pytest.mark.django_db
BASE = "/opendata/heilbronn/"
EXITS = [
    *(f"{BASE}{name}" for name in ("reports.csv", "reports.geojson", "reports.gpkg")),
    *(f"{BASE}{name}" for name in ("changes.json", "updates.atom", "")),
    "/opendata/ogc/collections/heilbronn-reports/items",
    "/open311/v2/requests.json?jurisdiction_id=heilbronn",
    "/api/v1/reports?municipality=heilbronn",
    "/heilbronn/meldungen.geojson",
    "/heilbronn/",
]
WORDS = "Sofa am Radweg"


def content(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    streaming = answer.streaming
    return b"".join(answer.streaming_content) if streaming else answer.content  # type: ignore[attr-defined]


def changes(client: Client, cursor: str) -> Any:
    return json.loads(content(client, f"{BASE}changes.json?cursor={cursor}"))


@pytest.fixture
def public_report(heilbronn: Town, report: Callable[..., Receipt]) -> Report:
    """An approved report with an approved text."""
    made = report(heilbronn, "pothole", description=WORDS).report
    Report.objects.filter(pk=made.pk).update(
        publication=Publication.APPROVED, text_publication=Publication.APPROVED
    )
    publish_report(made.pk, now=timezone.now())
    return made


def test_what_is_withdrawn_is_gone_at_every_exit_and_leaves_its_number(
    heilbronn: Town, client: Client, public_report: Report
) -> None:
    number = public_report.number
    for path in EXITS:
        assert number.encode() in content(client, path), path
    begin = changes(client, "latest")
    assert begin["changes"] == []

    publish_report(public_report.pk, now=timezone.now())
    changed = changes(client, begin["cursor"])
    assert [(each["id"], each["kind"]) for each in changed["changes"]] == [(number, "published")]
    assert changed["changes"][0]["feature"]["properties"]["text"] == WORDS

    Report.objects.filter(pk=public_report.pk).update(publication=Publication.WITHHELD)
    publish_report(public_report.pk, now=timezone.now())
    for path in set(EXITS) - {f"{BASE}changes.json"}:
        body = content(client, path)
        assert number.encode() not in body, path
        assert WORDS.encode() not in body, path
    gone = changes(client, changed["cursor"])
    assert [(each["id"], each["kind"]) for each in gone["changes"]] == [(number, "removed")]
    assert set(gone["changes"][0]) == {"id", "kind", "changed_at"}
    assert [each["kind"] for each in changes(client, "0")["changes"]] == ["removed"]
    files = list((Path(settings.OPEN_DATA_ROOT) / "packages").glob("heilbronn.*.gpkg"))
    assert len(files) == 1, "the file that showed it is gone too"


def test_the_geopackage_opens_and_can_be_had_in_parts(
    heilbronn: Town, client: Client, public_report: Report, tmp_path: Path
) -> None:
    path = f"{BASE}reports.gpkg"
    whole = client.get(path)
    data = b"".join(whole.streaming_content)  # type: ignore[attr-defined]
    file = tmp_path / "reports.gpkg"
    file.write_bytes(data)
    with sqlite3.connect(file) as database:
        row = database.execute("SELECT number, text, received_at, geom FROM reports").fetchone()
    assert row[:2] == (public_report.number, WORDS)
    assert row[3].startswith(b"GP\x00\x01\xe6\x10\x00\x00\x01\x01\x00\x00\x00")
    assert int(whole.headers["Content-Length"]) == len(data)
    # GDAL takes the index for its own and finds by it.
    lon, lat = public_report.place.coords
    near, far = ((lon + by - 0.1, lat - 0.1, lon + by + 0.1, lat + 0.1) for by in (0, 1))
    assert pyogrio.read_info(file)["capabilities"]["fast_spatial_filter"]
    assert [len(pyogrio.raw.read(file, bbox=box)[2]) for box in (near, far)] == [1, 0]
    with sqlite3.connect(file) as database:
        (told,) = database.execute("SELECT rtreecheck('rtree_reports_geom')").fetchone()
    assert told == "ok"

    def part(asked: str, **more: str) -> Any:
        return client.get(path, headers={"Range": asked, **more})

    for asked, expected in (
        ("bytes=0-15", data[:16]),
        ("bytes=100-", data[100:]),
        ("bytes=-10", data[-10:]),
    ):
        answer = part(asked)
        assert answer.status_code == 206
        assert b"".join(answer.streaming_content) == expected
    assert part("bytes=0-15").headers["Content-Range"] == f"bytes 0-15/{len(data)}"
    assert part(f"bytes={len(data)}-").status_code == 416
    for ignored in ("bytes=5-2", "lines=1-2", "bytes=0-1,3-4"):
        assert part(ignored).status_code == 200
    assert part("bytes=0-1", **{"If-Range": '"other"'}).status_code == 200
    assert client.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_news_readers_get_places_and_what_they_asked_for(
    heilbronn: Town, client: Client, public_report: Report
) -> None:
    PublishedReport.objects.update(answer="Kommt weg.\x08")
    feed = ElementTree.fromstring(content(client, f"{BASE}updates.atom"))
    entry = feed.find("{*}entry")
    assert entry is not None
    assert entry.findtext("{*}id", "").endswith(f"/heilbronn/meldung/{public_report.number}/")
    assert "Kommt weg." in entry.findtext("{*}summary", "")
    lat, lon = map(float, entry.findtext("{http://www.georss.org/georss}point", "").split())
    assert (round(lat), round(lon)) == (49, 9)
    assert b"<entry" not in content(client, f"{BASE}updates.atom?category=gruen")
    assert b"<entry" in content(client, f"{BASE}updates.atom?category=strasse")
    assert client.get(f"{BASE}updates.atom?category=%00").status_code == 400
    assert client.get(f"{BASE}changes.json?cursor=x").status_code == 400
