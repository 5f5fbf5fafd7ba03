"""Figures are what somebody with a pencil would count, frozen ones the same, none of a person."""

import random
import statistics
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from figures import basis, queries
from figures.measures import Measures
from figures.models import FrozenCase, ManagementReport
from figures.period import read_named
from figures.queries import Dimension, Narrow
from reports.models import Report
from reports.participation import Feedback
from tests.people import fresh

pytestmark = pytest.mark.django_db

PERIOD = read_named("2026-H1")
CUT_OFF = datetime.fromisoformat("2026-07-10T08:00:00+02:00")


@pytest.fixture
def year(heilbronn, report):
    """Two hundred cases of a year and a half, with every kind of fate; as plain values too."""
    chance = random.Random(8)
    template = fresh(report(heilbronn))
    tz = heilbronn.municipality.tz
    rows, told = [], []
    offices = [heilbronn.offices["66"], heilbronn.offices["67"]]
    for number in range(200):
        received = datetime(2025, 1, 1, 9, tzinfo=tz) + timedelta(hours=chance.randrange(13_000))
        minutes = chance.randrange(30, 60 * 24 * 60)
        closed = received + timedelta(minutes=minutes)
        closed_at = closed if closed <= CUT_OFF and chance.random() < 0.85 else None
        answered = received + timedelta(minutes=minutes // 2)
        report_row = Report(
            municipality=heilbronn.municipality,
            number=f"HN-2020-{number + 1:06d}",
            category=heilbronn.categories[chance.choice(["pothole", "tree", "noise"])],
            office=chance.choice(offices),
            source=chance.choice(["web", "phone"]),
            place=template.place,
            place_chosen_by="map",
            status="done" if closed_at else "in_progress",
            closing_reason="done" if closed_at else None,
            received_at=received,
            first_answered_at=answered if answered <= CUT_OFF else None,
            first_answer_due_at=received + timedelta(days=7),
            closed_at=closed_at,
            due_at=received + timedelta(days=20) if chance.random() < 0.8 else None,
            handover_count=chance.choice([0, 0, 0, 1, 2]),
            reopened_count=chance.choice([0, 0, 0, 0, 1]),
            is_confidential=number % 29 == 0,
            publication="withheld",
        )
        rows.append(report_row)
        told.append(report_row)
    Report.objects.bulk_create(rows)
    for place, row in enumerate(rows):
        if row.closed_at and place % 3 == 0:
            Feedback.objects.create(
                report=row, is_fixed=place % 2 == 0, satisfaction=place % 5 + 1,
                given_at=min(row.closed_at, CUT_OFF),
            )  # fmt: skip
    Report.objects.filter(pk=template.pk).update(screening="spam")
    return told


def by_hand(cases: list[Report], tz: Any) -> dict[str, Any]:
    """The same counts from the rows, in plain Python."""

    def day(moment: datetime | None) -> date | None:
        return moment.astimezone(tz).date() if moment else None

    def inside(moment: datetime | None) -> bool:
        return moment is not None and PERIOD.first <= day(moment) <= PERIOD.last

    came = [case for case in cases if inside(case.received_at)]
    ended = [case for case in cases if inside(case.closed_at)]
    answered = [case for case in cases if inside(case.first_answered_at)]
    still = [
        case for case in cases
        if day(case.received_at) <= PERIOD.last
        and (case.closed_at is None or day(case.closed_at) > PERIOD.last)
    ]  # fmt: skip
    took = [(case.closed_at - case.received_at).total_seconds() // 60 for case in ended]
    due = [case for case in ended if case.due_at]
    return {
        "received": len(came),
        "closed": len(ended),
        "open": len(still),
        "answered": len(answered),
        "completion_due": len(due),
        "completion_kept": sum(case.closed_at <= case.due_at for case in due),
        "completion_p50": statistics.median(took),
        "completion_p90": statistics.quantiles(took, n=10, method="inclusive")[8],
        "hops": sum(case.handover_count for case in came),
        "reopened": sum(case.reopened_count > 0 for case in came),
    }


def live(town, **narrow):
    since = PERIOD.year_before.first - basis.HISTORY
    return basis.live(town.municipality, since=since, until=PERIOD.last, cut_off=CUT_OFF, **narrow)


def test_figures_are_those_counted_by_hand(heilbronn, heidenheim, report, year):
    report(heidenheim, lon=10.15, lat=49.14)

    told = queries.totals(live(heilbronn), PERIOD)

    expected = by_hand(year, heilbronn.municipality.tz)
    found = {name: getattr(told, name) for name in expected}
    assert found == pytest.approx(expected)
    offices = queries.breakdown(live(heilbronn), PERIOD, Dimension.OFFICE)
    for row, office in ((row, heilbronn.offices[row.key]) for row in offices):
        own = by_hand([case for case in year if case.office == office], heilbronn.municipality.tz)
        assert {name: getattr(row.measures, name) for name in own} == pytest.approx(own)


def test_parts_add_up_to_the_whole_and_filters_to_the_parts(heilbronn, year):
    facts = live(heilbronn)
    whole = queries.totals(facts, PERIOD)
    for dimension in Dimension:
        parts = queries.breakdown(facts, PERIOD, dimension)
        for name in ("received", "closed", "open", "hops", "feedback"):
            assert sum(getattr(row.measures, name) for row in parts) == getattr(whole, name)
    months = queries.by_month(facts, PERIOD)
    assert [month.first.month for month in months] == [1, 2, 3, 4, 5, 6]
    assert sum(month.received for month in months) == whole.received
    assert sum(month.closed for month in months) == whole.closed
    assert sum(age.count for age in queries.open_by_age(facts, PERIOD)) == whole.open
    trees = queries.totals(facts, PERIOD, Narrow(category="gruen.baum"))
    assert (
        trees
        == {row.key: row.measures for row in queries.breakdown(facts, PERIOD, Dimension.CATEGORY)}[
            "gruen.baum"
        ]
    )
    assert len(queries.case_ids(facts, PERIOD, "received")) == whole.received
    forecast = queries.forecast(facts, PERIOD)
    assert 0 < forecast.within50 <= forecast.within90
    assert forecast.judged50 >= forecast.judged90 > 0


def test_what_is_never_public_counts_inside_only(heilbronn, year):
    inside = queries.totals(live(heilbronn), PERIOD)
    outside = queries.totals(live(heilbronn, public=True), PERIOD)

    hidden = [
        case for case in year if case.is_confidential or case.category.code == "ordnung.laerm"
    ]
    expected = by_hand(hidden, heilbronn.municipality.tz)
    assert inside.received - outside.received == expected["received"]
    kinds = queries.breakdown(live(heilbronn, public=True), PERIOD, Dimension.CATEGORY)
    assert "ordnung.laerm" not in {row.key for row in kinds}


def test_frozen_facts_give_the_same_figures_whatever_becomes_of_the_cases(heilbronn, year):
    facts = live(heilbronn)
    asked = {
        "totals": lambda source: queries.totals(source, PERIOD),
        "before": lambda source: queries.totals(source, PERIOD.year_before),
        "kinds": lambda source: queries.breakdown(source, PERIOD, Dimension.CATEGORY),
        "months": lambda source: queries.by_month(source, PERIOD),
        "ages": lambda source: queries.open_by_age(source, PERIOD),
        "forecast": lambda source: queries.forecast(source, PERIOD),
    }
    before = {name: ask(facts) for name, ask in asked.items()}
    kept = ManagementReport.objects.create(
        municipality=heilbronn.municipality, first=PERIOD.first, last=PERIOD.last,
        requested_by=heilbronn.people["ada"],
    )  # fmt: skip
    with transaction.atomic():
        assert basis.freeze(facts, kept.pk) == len(year)
    seal = basis.checksum(kept.pk)

    Report.objects.filter(number__startswith="HN-2020").update(
        screening="spam", received_at=timezone.now(), closed_at=None, status="received",
        closing_reason=None, office=None, category=heilbronn.categories["needles"],
    )  # fmt: skip

    assert queries.totals(live(heilbronn), PERIOD) == Measures()
    assert {name: ask(basis.frozen(kept.pk)) for name, ask in asked.items()} == before
    assert basis.checksum(kept.pk) == seal
    FrozenCase.objects.filter(report=kept).first().delete()
    assert basis.checksum(kept.pk) != seal


def test_every_figure_costs_one_query(heilbronn, year):
    facts = live(heilbronn)
    for ask in (
        lambda: queries.totals(facts, PERIOD),
        lambda: queries.breakdown(facts, PERIOD, Dimension.OFFICE),
        lambda: queries.by_month(facts, PERIOD),
        lambda: queries.open_by_age(facts, PERIOD),
        lambda: queries.forecast(facts, PERIOD),
    ):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            ask()
        assert len(asked) == 1


def test_facts_know_no_person_text_place_or_number():
    columns = {field.name for field in FrozenCase._meta.get_fields()}

    assert columns == {"id", "report", *basis.COLUMNS}
    unwanted = ("person", "user", "assignee", "actor", "number", "place", "text", "name_of", "by")
    assert not [name for name in columns if name.startswith(unwanted) or name.endswith("_by")]
    kinds = {field.get_internal_type() for field in FrozenCase._meta.fields}
    assert "TextField" not in kinds
    assert not kinds & {"PointField", "JSONField", "DateTimeField"}
