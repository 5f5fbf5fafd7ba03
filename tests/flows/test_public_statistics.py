"""What everybody reads of a town's figures: what the town has chosen, and nothing small."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from figures.actions.publish_statistics import publish_everywhere
from figures.models import PublishedStatistics, StatisticsChoice
from reports.models import Report
from reports.published import PublishedReport
from tests.people import TOWN_HALL, fresh

pytestmark = pytest.mark.django_db

PAGE = "/heilbronn/statistik/"
DATA = "/opendata/heilbronn/statistics"


@pytest.fixture
def months(heilbronn, report):
    """Sixty cases of last year's months: 40 potholes, 14 trees, 6 secret ones, 3 of trees open."""
    template = fresh(report(heilbronn, description="Wortkanarie"))
    month = timezone.localtime().replace(day=15, hour=12) - timedelta(days=60)
    rows = []
    for number in range(60):
        kind = "pothole" if number < 40 else "tree" if number < 54 else "noise"
        received = month - timedelta(days=30 * (number % 6))
        is_open = kind == "tree" and number % 5 == 0
        rows.append(
            Report(
                municipality=heilbronn.municipality, number=f"HN-2020-{number + 1:06d}",
                category=heilbronn.categories[kind], office=heilbronn.offices["66"],
                district=template.district, source="web", place=template.place,
                place_chosen_by="map", received_at=received,
                status="received" if is_open else "done",
                closing_reason=None if is_open else "done",
                first_answered_at=received + timedelta(days=1),
                closed_at=None if is_open else received + timedelta(days=2 + number % 9),
                publication="withheld",
            )
        )  # fmt: skip
    Report.objects.bulk_create(rows)
    return rows


@pytest.fixture
def choose(heilbronn):
    def chosen(**values):
        StatisticsChoice.objects.update_or_create(
            municipality=heilbronn.municipality, defaults={"is_published": True, **values}
        )
        publish_everywhere(now=timezone.now())

    return chosen


def words(answer):
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_nothing_is_published_unless_the_town_chose_it(heilbronn, months, choose):
    publish_everywhere(now=timezone.now())
    assert "veröffentlicht derzeit keine Statistik" in words(Client().get(PAGE))
    assert Client().get(f"{DATA}.json").status_code == 404

    choose(by_district=False, with_map=False)

    page = words(Client().get(PAGE))
    assert "Schlagloch" in page
    assert "Nach Stadtteil" not in page
    assert "Nach Amt" not in page, "figures of offices are internal unless chosen"
    assert "Straßenwesen" not in page
    assert "Lärm" not in page, "what is never published is not counted in public"
    told = Client().get(f"{DATA}.json").json()
    assert told["totals"]["received"] == 54
    assert "offices" not in told
    assert "Wortkanarie" not in str(told)

    choose(is_published=False)
    assert Client().get(f"{DATA}.csv").status_code == 404
    assert not PublishedStatistics.objects.exists()


def test_small_numbers_stay_hidden_and_so_does_what_would_tell_them(heilbronn, months, choose):
    Report.objects.filter(number__in=["HN-2020-000001", "HN-2020-000002"]).update(
        category=heilbronn.categories["needles"]
    )
    choose(with_map=False)

    rows = {row["key"]: row for row in Client().get(f"{DATA}.json").json()["categories"]["rows"]}
    assert rows["ordnung.spritzen"]["received"] is None
    assert rows["gruen.baum"]["received"] is None, "38 of 54 would leave 2"
    assert rows["strasse.schlagloch"]["received"] == 38
    assert rows["ordnung.spritzen"].get("completion_days_half") is None
    lines = list(csv.reader(io.StringIO(Client().get(f"{DATA}.csv").content.decode())))
    assert lines[0] == ["table", "key", "name", "figure", "value"]
    assert ["categories", "ordnung.spritzen", "Spritzen", "received", ""] in lines
    # As a whole number it may stand nowhere: 2 is what is hidden.
    assert not [
        line for line in lines if line[3] in {"received", "closed"} and line[4] in set("1234")
    ]


def test_the_map_shows_cells_in_which_much_was_published(heilbronn, months, choose):
    when = timezone.now() - timedelta(days=60)
    for number in range(9):
        # Six of one cell, three of another one far away.
        lon = TOWN_HALL[0] + (0.05 if number >= 6 else 0)
        PublishedReport.objects.create(
            number=f"HN-2021-{number:06d}", municipality_slug="heilbronn", category_code="a",
            category_name="A", status="done", received_at=when, updated_at=when,
            place=Point(lon, TOWN_HALL[1], srid=4326), precision_m=10, time_precision="day",
            district="Innenstadt", revision=1, published_at=when,
        )  # fmt: skip
    choose()

    cells = Client().get("/heilbronn/statistik/felder.geojson").json()["features"]
    counts = [cell["properties"].get("count") for cell in cells]
    assert [count for count in counts if count] == [6]
    assert "Innenstadt: 6 Meldungen" in words(Client().get(PAGE))


def test_unchanged_figures_keep_their_mark_and_are_not_sent_again(heilbronn, months, choose):
    choose()
    first = Client().get(f"{DATA}.json")
    publish_everywhere(now=timezone.now() + timedelta(minutes=1))

    again = Client().get(f"{DATA}.json", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert first["Access-Control-Allow-Origin"] == "*"


def test_the_page_reads_with_the_public_role_and_few_queries(
    heilbronn, months, choose, django_assert_num_queries
):
    choose()
    Client().get(PAGE)
    with django_assert_num_queries(2, using="public"):
        Client().get(f"{DATA}.csv")
