"""Public by rule: places off private ground, and what goes out by time where nobody decides."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.utils import timezone

from accounts.models import Municipality
from leases.models import Lane
from notifications.models import Message
from reports.actions import recheck_ground as recheck_module
from reports.actions.moderate import moderate
from reports.actions.object_to_publication import object_to_publication
from reports.actions.publish_by_time import publish_by_time
from reports.actions.recheck_ground import recheck_ground
from reports.actions.remind_of_decisions import remind_of_decisions
from reports.models import Publication, Report, TimelineEntry
from reports.participation import ObjectionPart
from reports.published import PublishedReport
from reports.queries.moderation import due_by_time
from reports.tasks import drain
from routing.ground_check import GroundCheck
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


def test_the_town_says_what_a_garden_means_and_a_category_may_differ(
    heilbronn: Town, garden: Area, report: Submit
) -> None:
    town = Municipality.objects.filter(pk=heilbronn.municipality.pk)
    town.update(private_ground=PrivateGround.SNAP)
    case = report(heilbronn)
    shown = published(case)
    assert shown is not None
    assert not garden.geometry.covers(shown.place)

    Category.objects.filter(code="strasse.schlagloch").update(private_ground=PrivateGround.IGNORE)
    assert recheck_ground(now=timezone.now())
    shown = published(case)
    assert shown is not None
    assert garden.geometry.covers(shown.place)
    assert recheck_ground(now=timezone.now()) == 0

    Category.objects.filter(code="strasse.schlagloch").update(private_ground="")
    town.update(private_ground=PrivateGround.HOLD)
    assert recheck_ground(now=timezone.now()) == 1
    assert published(case) is None  # nobody has let it out, so a person looks
    assert fresh(case).publication == Publication.PENDING


def test_a_changed_parcel_reaches_what_is_public_on_it(
    heilbronn: Town, garden: Area, report: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bought, grown and sold again; a worker that stops halfway leaves its note."""
    Category.objects.filter(code="strasse.schlagloch").update(private_ground=PrivateGround.SNAP)
    east = LON + 100 * METRE
    inside, outside = report(heilbronn), report(heilbronn, lon=east)
    before = published(outside)
    assert before is not None
    recheck_ground(now=timezone.now())
    assert not GroundCheck.objects.exists()

    reach = 30 * METRE
    wider = square(LON - reach, LAT - reach, LON + 130 * METRE, LAT + reach)
    Area.objects.filter(pk=garden.pk).update(geometry=wider)
    monkeypatch.setattr(recheck_module, "_cases_on", _stopped)
    with pytest.raises(KeyboardInterrupt):
        recheck_ground(now=timezone.now())
    assert GroundCheck.objects.count() == 2  # as it was, and as it is
    monkeypatch.undo()
    assert recheck_ground(now=timezone.now()) >= 1
    moved = published(outside)
    assert moved is not None
    assert moved.place != before.place
    assert not wider.covers(moved.place)

    Area.objects.filter(pk=garden.pk).update(attributes={"ownership": "public"})
    assert recheck_ground(now=timezone.now()) == 2
    back = published(outside)
    assert back is not None
    assert back.place == before.place
    change = published(inside)
    Area.objects.filter(pk=garden.pk).update(name="Flurstück 12/1")
    assert recheck_ground(now=timezone.now()) == 0
    assert published(inside) == change
    assert not GroundCheck.objects.exists()


def _stopped(_pieces: list[int]) -> list[int]:
    raise KeyboardInterrupt


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
