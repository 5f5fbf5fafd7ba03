"""Daily copies and subscribers: once a day, shared where nothing changed, rewritten where it must
be; told until it was taken, signed, and never into our own network."""

import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone

from leases.models import WorkState
from opendata.archive import keep_archive
from opendata.models import Delivery, Snapshot, SnapshotPart, Subscriber
from opendata.subscriptions import deliver_due, key_of
from opendata.tasks import archive, deliver
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from routing.models import Category
from tests.people import Town
from tests.push_receiver import PushService, push_service

pytestmark = pytest.mark.django_db
BASE = "/opendata/heilbronn/snapshots/"


@pytest.fixture
def published(report: Callable[..., Receipt]) -> Callable[..., Report]:
    """Submit, approve and publish a report."""

    def make(town: Town, category: str = "pothole") -> Report:
        made = report(town, category).report
        Report.objects.filter(pk=made.pk).update(publication=Publication.APPROVED)
        publish_report(made.pk, now=timezone.now())
        return made

    return make


def content(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def copies(client: Client) -> Any:
    return json.loads(content(client, f"{BASE}manifest.json"))


def withdraw(report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(publication=Publication.WITHHELD)
    publish_report(report.pk, now=timezone.now())


def test_what_is_withdrawn_leaves_old_copies_too(
    heilbronn: Town, client: Client, published: Callable[..., Report]
) -> None:
    kept, gone, coarsened = published(heilbronn), published(heilbronn), published(heilbronn, "tree")
    today = timezone.localtime().replace(hour=1, minute=30)
    archive()
    archive()  # once a day
    keep_archive(heilbronn.municipality, now=today + timedelta(days=1))
    first = copies(client)["snapshots"]
    assert [each["rows"] for each in first] == [3, 3]
    assert SnapshotPart.objects.count() == 1, "days that do not differ share their files"
    assert first[0]["sha256"] == first[1]["sha256"]
    path = first[1]["url"].removeprefix("http://testserver")
    table = content(client, path)
    assert hashlib.sha256(table).hexdigest() == first[1]["sha256"]
    assert gone.number in gzip.decompress(table).decode()
    part = client.get(path, headers={"Range": "bytes=5-200"})
    assert b"".join(part.streaming_content) == table[5:201]  # type: ignore[attr-defined]
    sums = content(client, path.replace("reports.csv.gz", "SHA256SUMS")).decode()
    assert sums == f"{first[1]['sha256']}  reports.csv.gz\n"

    withdraw(gone)
    Category.objects.filter(pk=coarsened.category_id).update(public_grid_m=2000)
    publish_report(coarsened.pk, now=timezone.now())
    publish_report(kept.pk, now=timezone.now())
    keep_archive(heilbronn.municipality, now=today + timedelta(days=1, hours=6))

    second = copies(client)
    for copy in second["snapshots"]:
        lines = gzip.decompress(
            table := content(client, copy["url"].removeprefix("http://testserver"))
        ).decode()
        assert kept.number in lines
        assert gone.number not in lines
        assert coarsened.number not in lines
        assert (copy["rows"], copy["version"]) == (1, 2)
        assert hashlib.sha256(table).hexdigest() == copy["sha256"]
    assert [note["removed"] for note in second["changelog"]] == [2, 2]
    files = storages["open_data"].listdir("heilbronn")[1]
    assert len(files) == 1, "the file that held it is gone"
    page = client.get(BASE).content.decode()
    assert "Änderungsverzeichnis" in page
    assert second["snapshots"][0]["sha256"] in page

    keep_archive(heilbronn.municipality, now=today + timedelta(days=40))
    kept_days = Snapshot.objects.filter(day__lt=(today + timedelta(days=4)).date())
    assert not kept_days.exclude(day__day=1).exists()


def test_subscribers_are_told_until_they_took_it(
    heilbronn: Town,
    published: Callable[..., Report],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "WEBHOOKS_TO_PRIVATE_NETWORK", True)
    published(heilbronn)
    with push_service() as service:
        subscriber = Subscriber.objects.create(
            municipality=heilbronn.municipality, name="Portal", url=f"{service.origin}/hook"
        )
        deliver()
        assert service.received == [], "told of what comes from now on"

        service.status = 500
        number = published(heilbronn).number
        deliver()
        waiting = Delivery.objects.get()
        assert (waiting.state, waiting.last_error) == (WorkState.PENDING, "Status500")
        service.status = 204
        Delivery.objects.update(next_at=timezone.now())
        deliver()
        events = taken(service, subscriber)
        assert [(each["id"], each["kind"]) for each in events] == [(number, "published")]
        assert set(events[0]) == {"id", "kind", "changed_at", "link"}

        withdraw(Report.objects.get(number=number))
        deliver()
        assert [each["kind"] for each in taken(service, subscriber)] == ["removed"]
        deliver()
        assert len(service.received) == 3, "nothing is told twice"
        assert set(Delivery.objects.values_list("state", flat=True)) == {WorkState.DONE}


def test_nobody_leads_us_into_our_own_network(
    heilbronn: Town, published: Callable[..., Report]
) -> None:
    with push_service() as service:
        Subscriber.objects.create(
            municipality=heilbronn.municipality, name="Portal", url=f"{service.origin}/hook"
        )
        deliver_due()
        published(heilbronn)
        deliver_due()
        assert service.received == []
    assert Delivery.objects.get().last_error == "Unreachable"


def taken(service: PushService, subscriber: Subscriber) -> Any:
    """The events of the last message, its signature checked."""
    _path, headers, body = service.received[-1]
    words = dict(word.split("=") for word in headers["Anliegen-Signature"].split(","))
    signed = hmac.new(key_of(subscriber).encode(), f"{words['t']}.".encode() + body, hashlib.sha256)
    assert hmac.compare_digest(signed.hexdigest(), words["v1"])
    return json.loads(body)["events"]
