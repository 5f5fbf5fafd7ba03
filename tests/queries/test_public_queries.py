"""What the one exit of published data shows, to whom, in how many queries."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from reports.published import PublishedPhoto, PublishedReport
from reports.queries import public, public_feeds
from reports.queries.public_filters import Box, Circle, Filters
from tests.people import TOWN_HALL, Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(report: Callable[..., Receipt]) -> Callable[..., str]:
    """Submit, approve and publish a report; returns its number."""

    def make(town: Town, category: str = "pothole", **changes: Any) -> str:
        receipt = report(town, category, **changes)
        Report.objects.filter(pk=receipt.report.pk).update(publication=Publication.APPROVED)
        publish_report(receipt.report.pk, now=timezone.now())
        return receipt.number

    return make


def queries(number: int) -> Any:
    return _Exactly(number)


class _Exactly(CaptureQueriesContext):
    def __init__(self, number: int) -> None:
        super().__init__(connections["public"])
        self.number = number

    def __exit__(self, *details: Any) -> None:
        super().__exit__(*details)
        if details[0] is None:
            assert len(self) == self.number, [query["sql"] for query in self.captured_queries]


def numbers(page: public.ReportPage) -> list[str]:
    return [facts.number for facts in page.reports]


def test_a_public_report_shows_its_place_on_the_grid_and_no_text_before_approval(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    number = published(heilbronn, address="Marktplatz 7")

    facts = public.get_report(number.lower() + " ")

    assert facts is not None
    assert facts.municipality_slug == "heilbronn"
    assert facts.text == ""
    assert "Marktplatz" not in repr(facts)
    assert (facts.lon, facts.lat) != TOWN_HALL
    assert abs(facts.lon - TOWN_HALL[0]) < 0.0002
    assert facts.received_at.second == 0


def test_a_sensitive_category_shows_only_the_month_and_a_coarse_place(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    facts = public.get_report(published(heilbronn, "needles"))

    assert facts is not None
    assert facts.precision_m == 500
    assert facts.time_precision == "month"
    assert timezone.localtime(facts.received_at).day == 1


@pytest.mark.parametrize("number", ["HN-2026-999999", "x", "HN-2026-1\x00", "'; --", ""])
def test_unknown_and_odd_numbers_are_nothing(heilbronn: Town, number: str) -> None:
    assert public.get_report(number) is None


def test_what_a_category_never_publishes_is_nothing(
    heilbronn: Town, report: Callable[..., Receipt]
) -> None:
    receipt = report(heilbronn, "noise")
    publish_report(receipt.report.pk, now=timezone.now())

    assert public.get_report(receipt.number) is None
    assert public.list_reports("heilbronn").reports == []


def test_towns_are_kept_apart(
    heilbronn: Town, heidenheim: Town, published: Callable[..., str]
) -> None:
    here = published(heilbronn)
    there = published(heidenheim, lon=10.15, lat=49.14)

    assert numbers(public.list_reports("heilbronn")) == [here]
    assert public.get_report(there, "heilbronn") is None
    assert sorted(numbers(public.list_reports(None))) == sorted([here, there])


def test_a_town_that_is_not_live_is_not_listed(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    published(heilbronn)
    heilbronn.municipality.is_live = False
    heilbronn.municipality.save()

    assert public.towns() == []
    assert public.list_reports(None).reports == []


def test_pages_follow_each_other_without_gap_or_double(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    expected = {published(heilbronn) for _ in range(5)}

    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = public.list_reports("heilbronn", cursor=cursor, page_size=2)
        seen += numbers(page)
        cursor = page.next_cursor

    assert cursor is None
    assert set(seen) == expected
    assert len(seen) == 5


def test_around_a_place_the_nearest_come_first_and_pages_go_on(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    lon, lat = TOWN_HALL
    far = published(heilbronn, lon=lon + 0.004)
    near = published(heilbronn, lon=lon + 0.001)
    published(heilbronn, lon=lon + 0.02)
    filters = Filters(around=Circle(lon, lat, 500))

    first = public.list_reports("heilbronn", filters, page_size=1)
    second = public.list_reports("heilbronn", filters, first.next_cursor, page_size=1)

    assert numbers(first) + numbers(second) == [near, far]
    assert second.next_cursor is None
    distance = first.reports[0].distance_m
    assert distance is not None
    assert 50 < distance < 100


@pytest.mark.parametrize(
    "cursor", ["x", "é", "W10", "WzEsMl0", "WyIyMDI2IiwiSE4tMjAyNi0wMDAwMDEiXQ", "[" * 100]
)
def test_a_made_up_cursor_is_refused(heilbronn: Town, cursor: str) -> None:
    with pytest.raises(public.CursorInvalid):
        public.list_reports("heilbronn", cursor=cursor)


def test_filters_by_category_group_status_box_and_time(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    pothole, tree = published(heilbronn), published(heilbronn, "tree", lon=9.30)
    list_with = lambda **words: numbers(public.list_reports("heilbronn", Filters(**words)))  # noqa: E731

    assert list_with(categories=("gruen.baum",)) == [tree]
    assert list_with(categories=("strasse",)) == [pothole]
    assert sorted(list_with(statuses=("received",))) == sorted([pothole, tree])
    assert list_with(statuses=("done",)) == []
    assert list_with(box=Box(9.29, 49.0, 9.31, 49.2)) == [tree]
    assert list_with(since=timezone.now() + timedelta(hours=1)) == []


def test_the_map_gets_dots_and_knows_when_there_are_more(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    published(heilbronn)
    published(heilbronn)

    dots = public.map_points("heilbronn", Box(9.0, 49.0, 9.4, 49.3), limit=1)

    assert len(dots.points) == 1
    assert not dots.is_complete
    assert public.map_points("heilbronn", None).is_complete


def test_a_photo_file_is_found_while_it_is_public_and_only_in_its_town(
    heilbronn: Town, heidenheim: Town, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    name = f"ab/{'ab' * 32}.jpg"
    PublishedPhoto.objects.create(
        report_id=number, ordinal=1, size=800, format="jpeg", width=8, height=6, name=name
    )

    file = public.photo_file(name)

    assert file is not None
    assert (file.content_type, file.number) == ("image/jpeg", number)
    assert public.photo_file(name, "heidenheim") is None
    assert public.photo_file("../../etc/passwd") is None
    PublishedReport.objects.all().delete()
    assert public.photo_file(name) is None


def test_categories_leave_out_what_is_never_public(heilbronn: Town) -> None:
    codes = [category.code for category in public.categories("heilbronn")]

    assert "strasse.schlagloch" in codes
    assert "ordnung.laerm" not in codes


def test_districts_are_outlines_turned_against_the_clock(heilbronn: Town) -> None:
    outlines = public.districts("heilbronn")

    assert [outline.name for outline in outlines] == ["Böckingen", "Innenstadt"]
    assert outlines[0].geometry.startswith('{"type":"MultiPolygon"')


def test_a_town_without_districts_shows_its_own_outline(heidenheim: Town) -> None:
    outlines = public.districts("heidenheim")

    assert [(outline.key, outline.level) for outline in outlines] == [
        ("heidenheim", "municipality")
    ]


def test_towns_are_found_by_place_and_by_slug(heilbronn: Town, heidenheim: Town) -> None:
    assert [town.slug for town in public.towns()] == ["heidenheim", "heilbronn"]
    assert [town.slug for town in public.towns_at(*TOWN_HALL)] == ["heilbronn"]
    assert public.towns_at(0.0, 0.0) == []
    found = public.town("heilbronn")
    assert found is not None
    assert (found.west, found.south) == (9.10, 49.05)
    assert public.town("ulm") is None


def test_counts(heilbronn: Town, published: Callable[..., str]) -> None:
    published(heilbronn)
    number = published(heilbronn)
    PublishedReport.objects.filter(number=number).update(status="done", closed_at=timezone.now())

    counted = public.counts("heilbronn")

    assert (counted.total, counted.open, counted.closed) == (2, 1, 1)


def test_the_feed_gives_every_row_once_across_batches(
    heilbronn: Town, published: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {published(heilbronn) for _ in range(5)}
    monkeypatch.setattr(public_feeds, "BATCH", 2)
    extract = public_feeds.Extract("heilbronn", "Europe/Berlin", "https://foto/")

    lines = b"".join(public_feeds.csv_batches(extract, ["number", "photo_urls"])).split()
    features = json.loads(b"[%s]" % b",".join(public_feeds.feature_batches(extract, ["number"])))
    rows = [row for batch in public_feeds.row_batches(extract, ["number"]) for row in batch]

    assert lines == [f"{number},".encode() for number in sorted(expected)]
    assert [feature["id"] for feature in features] == sorted(expected)
    assert [row[1] for row in rows] == sorted(expected)


def test_the_mark_of_a_feed_changes_with_every_change(
    heilbronn: Town, published: Callable[..., str], report: Callable[..., Receipt]
) -> None:
    marks = [public_feeds.feed_state("heilbronn").mark]
    number = published(heilbronn)
    marks.append(public_feeds.feed_state("heilbronn").mark)
    pk = Report.objects.get(number=number).pk
    publish_report(pk, now=timezone.now())
    marks.append(public_feeds.feed_state("heilbronn").mark)
    Report.objects.filter(pk=pk).update(publication=Publication.WITHHELD)
    publish_report(pk, now=timezone.now())
    state = public_feeds.feed_state("heilbronn")
    marks.append(state.mark)

    assert len(set(marks)) == 4
    assert state.last_change is not None, "a removal is a change too"


def test_the_number_of_queries_does_not_grow(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    number = published(heilbronn)
    done = published(heilbronn)
    PublishedReport.objects.filter(number=done).update(status="done", closed_at=timezone.now())
    around = Filters(around=Circle(*TOWN_HALL, 500))

    expectations: dict[int, list[Callable[[], Any]]] = {
        2: [
            lambda: public.list_reports("heilbronn"),
            lambda: public.list_reports(None, around),
            lambda: public.get_report(number),
            lambda: public.counts("heilbronn"),
        ],
        1: [
            lambda: public.map_points("heilbronn", None),
            lambda: public.photo_file(f"ab/{'ab' * 32}.jpg"),
            lambda: public.categories("heilbronn"),
            lambda: public.districts("heilbronn"),
            lambda: public.towns(),
            lambda: public.town("heilbronn"),
            lambda: public_feeds.feed_state("heilbronn"),
        ],
    }
    for expected, ask in expectations.items():
        for each in ask:
            with queries(expected):
                each()


def test_a_place_on_the_grid_is_found_from_everywhere_the_same(
    heilbronn: Town, published: Callable[..., str]
) -> None:
    """Nobody can narrow a place down by asking again and again with smaller circles."""
    number = published(heilbronn, "needles")
    facts = public.get_report(number)
    assert facts is not None
    true_place = Point(*TOWN_HALL, srid=4326)

    at_the_true_place = Filters(around=Circle(true_place.x, true_place.y, 10))
    at_the_shown_place = Filters(around=Circle(facts.lon, facts.lat, 10))

    assert numbers(public.list_reports("heilbronn", at_the_true_place)) == []
    assert numbers(public.list_reports("heilbronn", at_the_shown_place)) == [number]
