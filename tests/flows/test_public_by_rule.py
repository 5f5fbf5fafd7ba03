"""Public by rule: places off private ground, and what goes out by time where nobody decides."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.utils import timezone

from leases.models import Lane
from notifications.models import Message
from reports.actions.moderate import moderate
from reports.actions.object_to_publication import object_to_publication
from reports.actions.publish_by_time import publish_by_time
from reports.actions.remind_of_decisions import remind_of_decisions
from reports.models import Publication, Report, TimelineEntry
from reports.participation import ObjectionPart
from reports.published import PublishedReport
from reports.queries.moderation import due_by_time
from reports.tasks import drain
from routing.models import Area, AreaLevel, Category, PrivateGround
from tests.factories import AreaFactory, square
from tests.people import TOWN_HALL, Town, fresh

pytestmark = pytest.mark.django_db

LON, LAT = TOWN_HALL
METRE = 1 / 111_320
Submit = Callable[..., Any]


@pytest.fixture
def garden(heilbronn: Town) -> Area:
    """The town hall stands in somebody's garden, forty metres west of a street."""
    town = heilbronn.municipality
    middle = LON + 40 * METRE
    AreaFactory(
        municipality=town,
        level=AreaLevel.ROAD,
        key="marktplatz",
        name="Marktplatz",
        geometry=square(middle - 4 * METRE, LAT - 0.002, middle + 4 * METRE, LAT + 0.002),
        centre_line=MultiLineString(LineString((middle, LAT - 0.002), (middle, LAT + 0.002))),
        buffer_m=4,
    )
    reach = 30 * METRE
    return AreaFactory(
        municipality=town,
        level=AreaLevel.PARCEL,
        key="garten",
        name="Flurstück 12",
        geometry=square(LON - reach, LAT - reach, LON + reach, LAT + reach),
        attributes={"ownership": "private"},
    )


def published(case: Any) -> PublishedReport | None:
    for lane in (Lane.CITIZEN, Lane.STAFF, Lane.BULK):
        drain(lane)
    return PublishedReport.objects.filter(number=case.number).first()


def test_a_place_in_a_garden_waits_for_a_person(
    heilbronn: Town, garden: Area, report: Submit
) -> None:
    case, elsewhere = report(heilbronn), report(heilbronn, lon=LON + 100 * METRE)

    assert published(elsewhere) is not None
    assert published(case) is None
    assert fresh(case).publication == Publication.PENDING


def test_a_place_in_a_garden_moves_into_the_street(
    heilbronn: Town, garden: Area, report: Submit
) -> None:
    Category.objects.filter(code="strasse.schlagloch").update(private_ground=PrivateGround.SNAP)
    case = report(heilbronn)

    shown = published(case)

    assert shown is not None
    assert not garden.geometry.covers(shown.place)
    assert 30 < (shown.place.x - LON) / METRE < 60
    assert Report.objects.get(number=case.number).place.x == pytest.approx(LON)


def timed(code: str = "gruen.baum", **rules: Any) -> None:
    Category.objects.filter(code=code).update(**({"publish_after_hours": 24} | rules))


def in_hours(hours: int) -> Any:
    return timezone.now() + timedelta(hours=hours)


def test_by_time_goes_what_the_category_names_and_nothing_more(
    heilbronn: Town, report: Submit
) -> None:
    """Never photos; the text only where the guard finds nothing at all."""
    timed(publish_text_by_time=True)
    clean = report(heilbronn, "tree", description="Ast auf dem Weg.", photos=1)
    named = report(heilbronn, "tree", description="Bitte anrufen: 07131 5550100")
    drain(Lane.MEDIA)
    assert publish_by_time(now=in_hours(23)) == 0

    assert publish_by_time(now=in_hours(25)) == 2
    assert publish_by_time(now=in_hours(26)) == 0

    shown, other = published(clean), published(named)
    assert shown is not None
    assert other is not None
    assert (shown.text, other.text) == ("Ast auf dem Weg.", "")
    assert not shown.photos.exists()
    entry = TimelineEntry.objects.get(report=clean.report, kind="moderated")
    assert (entry.actor, entry.data["by_time"], entry.data["case"]) == (None, 24, "approved")


def test_nothing_goes_by_time_that_somebody_decided_or_objected_to(
    heilbronn: Town, garden: Area, report: Submit
) -> None:
    timed()
    away = {"lon": LON + 200 * METRE}
    taken_back, objected = report(heilbronn, "tree", **away), report(heilbronn, "tree", **away)
    in_garden, held = report(heilbronn, "tree"), report(heilbronn, "tree", **away)
    moderate(
        taken_back.report.pk,
        decisions={"report": Publication.PENDING},
        by=heilbronn.people["mona"],
        now=timezone.now(),
        expected_version=fresh(taken_back).version,
    )
    object_to_publication(
        objected.report.pk, parts=[ObjectionPart.TEXT], reason="", now=timezone.now()
    )
    Report.objects.filter(pk=held.report.pk).update(screening="held")
    coarse = report(heilbronn, "needles", **away)

    assert list(due_by_time(now=in_hours(999))) == []
    assert publish_by_time(now=in_hours(999)) == 0
    assert {fresh(each).publication for each in (in_garden, coarse)} == {Publication.PENDING}
    # A parcel that had ended before the report came in holds nothing back, to the day.
    today = timezone.localdate()
    Area.objects.filter(pk=garden.pk).update(valid_to=today)
    assert not due_by_time(now=in_hours(999)).exists()
    Area.objects.filter(pk=garden.pk).update(valid_to=today - timedelta(days=1))
    assert [each.number for each in due_by_time(now=in_hours(999))] == [in_garden.number]


def test_late_decisions_are_counted_and_mailed_once_a_day(heilbronn: Town, report: Submit) -> None:
    timed(publish_after_hours=None, decide_within_hours=8)
    report(heilbronn, "tree")
    report(heilbronn, "needles")
    assert remind_of_decisions(now=in_hours(7)) == 0
    day = timezone.now().replace(hour=12) + timedelta(days=2)

    for hours in (0, 1, 24):
        assert remind_of_decisions(now=day + timedelta(hours=hours)) == 1

    mails = Message.objects.filter(event="decisions_late").order_by("pk")
    assert [mail.context["late"] for mail in mails] == [1, 1]
    assert mails[0].recipient == heilbronn.offices["dispatch"].email
