"""The published table always ends up as the case stands, and never shows more than it may."""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reports import photo_storage, public_copies
from reports.actions.align_published import align_published, count_outdated
from reports.actions.confidential import lift_confidential, mark_confidential
from reports.actions.derive_photo import derive_photo
from reports.actions.moderate import moderate
from reports.actions.publish import public_values, publish_report, republish
from reports.actions.submit import Receipt
from reports.actions.withdraw import withdraw
from reports.models import (
    Effect,
    Photo,
    Publication,
    Report,
    Screening,
    Submission,
    TimelineEntry,
)
from reports.place_precision import METRES_PER_DEGREE, snap_to_grid, truncate_time
from reports.published import PublishedPhoto, PublishedReport, Tombstone
from reports.tasks import drain
from routing.models import PublicationPolicy
from tests.people import ERIKA, TOWN_HALL, Town, fresh
from tests.threads import at_once, succeeded

database = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
Submit = Callable[..., Receipt]


def publish(report: Report) -> None:
    publish_report(report.pk, now=timezone.now())


def approve(report: Report, **more: Any) -> None:
    Report.objects.filter(pk=report.pk).update(publication=Publication.APPROVED, **more)


def row(report: Report) -> PublishedReport | None:
    return PublishedReport.objects.filter(number=report.number).first()


def shown(report: Report) -> PublishedReport:
    found = row(report)
    assert found is not None
    return found


def public_files() -> set[str]:
    return {name for name, _written in photo_storage.stored_names("published_photos")}


@pytest.fixture(autouse=True)
def _no_files_of_others(request: pytest.FixtureRequest) -> None:
    for name in public_files():
        photo_storage.remove_derivative(name)


@pytest.fixture
def with_photos(report: Submit) -> Callable[..., Report]:
    """A report of which text and photos are approved and published."""

    def make(town: Town, category: str = "tree", photos: int = 1) -> Report:
        made = report(town, category, photos=photos).report
        for photo in Photo.objects.filter(report=made):
            derive_photo(photo.pk)
        Photo.objects.filter(report=made).update(publication=Publication.APPROVED)
        approve(made, text_publication=Publication.APPROVED)
        publish(made)
        return made

    return make


# Whether


@database
@pytest.mark.parametrize(
    "state",
    [
        {"publication": Publication.PENDING},
        {"publication": Publication.WITHHELD},
        {"publication": Publication.WITHHELD, "is_confidential": True},
        {"screening": Screening.HELD},
        {"screening": Screening.SPAM},
        {"status": "withdrawn", "closed_at": datetime(2026, 11, 1, tzinfo=UTC)},
    ],
    ids=lambda state: " ".join(map(str, state.values())),
)
def test_what_must_not_be_public_leaves_with_a_tombstone(
    heilbronn: Town, with_photos: Callable[..., Report], state: dict[str, Any]
) -> None:
    report = with_photos(heilbronn)
    assert row(report)
    assert public_files()

    Report.objects.filter(pk=report.pk).update(**state)
    publish(report)

    assert row(report) is None
    assert not PublishedPhoto.objects.exists()
    assert public_files() == set()
    assert Tombstone.objects.get().number == report.number


@database
def test_a_category_that_is_never_public_stays_out_whatever_was_decided(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn, "noise").report
    approve(case, text_publication=Publication.APPROVED)

    publish(case)

    assert row(case) is None
    assert not Tombstone.objects.exists()


@database
def test_what_comes_back_has_no_tombstone_any_more(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn).report
    publish(case)
    Report.objects.filter(pk=case.pk).update(screening=Screening.HELD)
    publish(case)
    Report.objects.filter(pk=case.pk).update(screening=Screening.CLEAR)
    publish(case)

    assert row(case)
    assert not Tombstone.objects.exists()


@database
@pytest.mark.parametrize("seed", range(6))
def test_whatever_order_the_effects_come_in_the_end_is_the_same(
    heilbronn: Town, report: Submit, seed: int
) -> None:
    chance = random.Random(seed)
    mona, dora = heilbronn.people["mona"], heilbronn.people["dora"]
    case = report(heilbronn, "tree").report

    def decide(**decisions: Publication) -> None:
        moderate(
            case.pk,
            decisions=decisions,
            by=mona,
            now=timezone.now(),
            expected_version=Report.objects.get(pk=case.pk).version,
        )

    def version() -> int:
        return Report.objects.get(pk=case.pk).version

    decide(report=Publication.APPROVED, text=Publication.APPROVED)
    mark_confidential(
        case.pk, reason="Streit", by=dora, now=timezone.now(), expected_version=version()
    )
    lift_confidential(case.pk, by=dora, now=timezone.now(), expected_version=version())
    last = [
        lambda: decide(report=Publication.APPROVED),
        lambda: decide(report=Publication.WITHHELD),
        lambda: withdraw(case.pk, now=timezone.now()),
    ][seed % 3]
    last()

    effects = list(Effect.objects.filter(report=case, kind=Effect.Kind.PUBLISH))
    assert len(effects) >= 4
    for _effect in chance.sample(effects * 2, len(effects) * 2):
        publish(case)

    final = fresh_case(case)
    if seed % 3 == 0:
        assert {name: getattr(shown(case), name) for name in public_values(final)} == public_values(
            final
        )
    else:
        assert row(case) is None


def fresh_case(report: Report) -> Report:
    return Report.objects.select_related(
        "municipality", "category__parent", "office", "district", "submission"
    ).get(pk=report.pk)


@database
def test_publishing_at_the_same_time_as_deciding_converges(
    heilbronn: Town, with_photos: Callable[..., Report]
) -> None:
    report = with_photos(heilbronn)

    def change(number: int) -> None:
        if number % 2:
            publish(report)
            return
        wanted = Publication.APPROVED if number % 4 else Publication.WITHHELD
        with transaction.atomic():
            locked = Report.objects.select_for_update(no_key=True).get(pk=report.pk)
            locked.publication = wanted
            locked.save(update_fields=["publication"])
            republish(locked)

    succeeded(at_once(8, change))
    Effect.objects.filter(kind=Effect.Kind.PUBLISH).update(lane="staff")
    drain("staff")

    final = fresh_case(report)
    assert bool(row(report)) is (final.publication == Publication.APPROVED)
    assert public_files() == set(PublishedPhoto.objects.values_list("name", flat=True))


# What


@database
def test_an_automatic_category_shows_category_state_and_rounded_place_only(
    heilbronn: Town, report: Submit
) -> None:
    case = report(
        heilbronn,
        sender=ERIKA,
        address="Allee 12",
        description="Erika Mustermann wohnt gegenüber.",
        accuracy_m=3.5,
    ).report
    publish(case)

    public = shown(case)
    assert (public.text, public.answer) == ("", "")
    assert public.place.coords == snap_to_grid(*TOWN_HALL, 10)
    assert public.received_at == case.received_at.replace(second=0, microsecond=0)
    values = [
        getattr(public, field.attname)
        for field in PublishedReport._meta.get_fields()
        if hasattr(field, "attname")
    ]
    words = " ".join(str(value) for value in values)
    for canary in ("Mustermann", "erika@", "5550100", "Allee", "wohnt"):
        assert canary not in words
    assert 3.5 not in values


@database
def test_a_text_is_public_only_after_approval_and_as_it_was_edited(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn, description="Herr Maier hat das Loch gegraben.").report
    publish(case)
    assert shown(case).text == ""

    moderate(
        case.pk,
        decisions={"text": Publication.APPROVED},
        public_text="Ein Loch wurde gegraben.",
        by=heilbronn.people["mona"],
        now=timezone.now(),
        expected_version=Report.objects.get(pk=case.pk).version,
    )
    publish(case)
    assert shown(case).text == "Ein Loch wurde gegraben."

    Report.objects.filter(pk=case.pk).update(text_publication=Publication.WITHHELD)
    publish(case)
    assert shown(case).text == ""


@database
def test_a_coarse_category_shows_a_large_cell_a_month_and_no_words(
    heilbronn: Town, with_photos: Callable[..., Report]
) -> None:
    report = with_photos(heilbronn, "needles", photos=1)
    received = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)  # 0:30 on 1 November in Heilbronn
    Report.objects.filter(pk=report.pk).update(received_at=received)
    publish(report)

    public = shown(report)
    assert public.precision_m == 500
    assert public.place.coords == snap_to_grid(*TOWN_HALL, 500)
    assert public.time_precision == "month"
    assert public.received_at == datetime(2026, 11, 1, tzinfo=BERLIN)
    assert (public.text, public.answer) == ("", "")
    assert not PublishedPhoto.objects.exists()
    assert public_files() == set()


# Photos


@database
def test_a_picture_sent_twice_goes_with_its_last_report(
    heilbronn: Town, with_photos: Callable[..., Report]
) -> None:
    first, second = with_photos(heilbronn), with_photos(heilbronn)
    files = public_files()
    assert files
    assert set(PublishedPhoto.objects.values_list("name", flat=True)) == files

    withdraw(first.pk, now=timezone.now())
    publish(first)
    assert public_files() == files
    withdraw(second.pk, now=timezone.now())
    publish(second)
    assert public_files() == set()


@database
def test_removing_and_publishing_the_same_picture_at_once_leaves_no_row_without_file(
    heilbronn: Town, with_photos: Callable[..., Report]
) -> None:
    reports = [with_photos(heilbronn) for _number in range(4)]

    for turn in range(4):
        for number, report in enumerate(reports):
            wanted = Publication.APPROVED if (number + turn) % 2 else Publication.WITHHELD
            Report.objects.filter(pk=report.pk).update(publication=wanted)
        succeeded(at_once(4, lambda number: publish(reports[number])))
        assert set(PublishedPhoto.objects.values_list("name", flat=True)) == public_files()


@database
def test_a_lost_staff_copy_keeps_no_correction_from_the_public(
    heilbronn: Town, with_photos: Callable[..., Report]
) -> None:
    report = with_photos(heilbronn)
    for name, _written in list(photo_storage.stored_names("staff_photos")):
        storages["staff_photos"].delete(name)
    for name in public_files():
        photo_storage.remove_derivative(name)
    Submission.objects.filter(report=report).update(public_text="Ohne Namen.")

    publish(report)

    assert shown(report).text == "Ohne Namen."
    assert not PublishedPhoto.objects.exists()


@database
def test_only_copies_nobody_names_are_removed(
    heilbronn: Town, with_photos: Callable[..., Report]
) -> None:
    with_photos(heilbronn)
    files = public_files()

    assert public_copies.remove_unused([*files, "00/" + "0" * 64 + ".jpg"]) == 1
    assert public_files() == files


# What the administration changes


@database
def test_a_policy_turned_to_never_empties_the_public_table(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn).report
    publish(case)
    settle_effects()
    category = heilbronn.categories["pothole"]
    category.publication_policy = PublicationPolicy.NEVER
    category.save(update_fields=["publication_policy"])

    assert count_outdated() == 1
    assert align_published() == 1
    assert align_published() == 0  # somebody is about to do it
    drain("bulk")

    assert row(case) is None
    assert count_outdated() == 0
    # Widening the policy again publishes nothing that nobody has looked at.
    category.publication_policy = PublicationPolicy.AUTOMATIC
    category.save(update_fields=["publication_policy"])
    publish(case)
    assert row(case) is None
    assert TimelineEntry.objects.filter(report=case, kind="moderated").count() == 1


@database
def test_a_publication_that_was_given_up_is_not_booked_again_and_again(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn).report
    publish(case)
    PublishedReport.objects.update(category_name="alt")
    Effect.objects.filter(kind=Effect.Kind.PUBLISH).update(state="dead")

    assert align_published() == 0


@database
def test_names_and_grids_follow_the_administration(heilbronn: Town, report: Submit) -> None:
    case = report(heilbronn).report
    publish(case)
    settle_effects()
    assert align_published() == 0
    office, category = heilbronn.offices["66"], heilbronn.categories["pothole"]
    office.name, category.name, category.public_grid_m = "Tiefbauamt", "Loch im Belag", 100
    office.save(update_fields=["name"])
    category.save(update_fields=["name", "public_grid_m"])

    align_published()
    drain("bulk")

    public = shown(case)
    assert (public.office_name, public.category_name) == ("Tiefbauamt", "Loch im Belag")
    assert public.place.coords == snap_to_grid(*TOWN_HALL, 100)


def settle_effects() -> None:
    Effect.objects.all().delete()


@database
def test_the_receipt_holder_sees_the_exact_place_all_the_same(
    heilbronn: Town, report: Submit
) -> None:
    receipt = report(heilbronn, "needles")

    assert fresh(receipt).place.coords == TOWN_HALL


# Precision, by property

LONS, LATS = st.floats(5.5, 15.5), st.floats(47.0, 55.5)
GRIDS = st.sampled_from([10, 50, 100, 250, 500, 1000, 5000])


def metres(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Distance east-west and north-south, on the sphere the grid is made for."""
    lat = math.radians((one[1] + other[1]) / 2)
    east = (one[0] - other[0]) * METRES_PER_DEGREE * math.cos(lat)
    return abs(east), abs(one[1] - other[1]) * METRES_PER_DEGREE


@given(LONS, LATS, GRIDS)
def test_a_cell_is_near_its_points_and_snapping_again_changes_nothing(
    lon: float, lat: float, grid: int
) -> None:
    cell = snap_to_grid(lon, lat, grid)

    assert snap_to_grid(*cell, grid) == cell
    east, north = metres((lon, lat), cell)
    rounding = 0.6  # five decimals
    assert east <= grid / 2 * 1.001 + rounding
    assert north <= grid / 2 + rounding
    assert cell == (round(cell[0], 5), round(cell[1], 5))


@given(LONS, LATS, GRIDS, st.floats(-0.45, 0.45), st.floats(-0.45, 0.45))
def test_neighbours_in_one_cell_cannot_be_told_apart(
    lon: float, lat: float, grid: int, east: float, north: float
) -> None:
    cell = snap_to_grid(lon, lat, grid)
    # Five decimals move the middle of the smallest cell by up to 0.56 m.
    reach = grid - 1.2
    step = reach / METRES_PER_DEGREE
    neighbour = (
        cell[0] + east * step / math.cos(math.radians(cell[1])),
        cell[1] + north * step,
    )

    assert snap_to_grid(*neighbour, grid) == cell


MOMENTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - the library adds the time zone itself
    datetime(2035, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
) | st.sampled_from(
    [  # the nights in which clocks are changed, and both New Years
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
    ]
)


@given(MOMENTS, st.sampled_from(["minute", "day", "month"]))
def test_a_cut_time_is_earlier_idempotent_and_starts_its_unit(at: datetime, precision: str) -> None:
    cut = truncate_time(at, precision, BERLIN)

    longest = {
        "minute": timedelta(minutes=1),
        "day": timedelta(hours=25),  # the last Sunday of October
        "month": timedelta(days=31, hours=1),
    }[precision]
    assert timedelta(0) <= at - cut < longest
    assert truncate_time(cut, precision, BERLIN) == cut
    local, cut_local = at.astimezone(BERLIN), cut.astimezone(BERLIN)
    assert (cut_local.second, cut_local.microsecond) == (0, 0)
    if precision != "minute":
        assert (cut_local.hour, cut_local.minute) == (0, 0)
        assert (cut_local.year, cut_local.month) == (local.year, local.month)
        assert cut_local.day == (local.day if precision == "day" else 1)
        assert cut_local.utcoffset() == BERLIN.utcoffset(cut_local.replace(tzinfo=None))


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(hours=26)))
def test_times_of_one_local_day_look_alike(at: datetime, later: timedelta) -> None:
    other = at + later
    same_day = at.astimezone(BERLIN).date() == other.astimezone(BERLIN).date()

    cuts = truncate_time(at, "day", BERLIN), truncate_time(other, "day", BERLIN)

    assert (cuts[0] == cuts[1]) is same_day


@database
def test_the_public_role_sees_the_row_and_nothing_behind_it(
    heilbronn: Town, report: Submit
) -> None:
    case = report(heilbronn).report
    publish(case)
    with connections["public"].cursor() as cursor:
        cursor.execute("SELECT number FROM open_data.reports")
        assert cursor.fetchall() == [(case.number,)]
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.DB_USERS["public"],)
    for table in ("published_report", "reports_report", "reports_submission", "reports_contact"):
        with pytest.raises(DatabaseError), connections["public"].cursor() as cursor:
            cursor.execute(f"SELECT * FROM public.{table}")
