"""The on-call plan: weeks filled, split, copied, swapped; gaps are seen before they hurt."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.absence import Absence
from routing.calendar import Span
from routing.duty_plan import (
    Plan,
    copy_week,
    gaps,
    put,
    slots,
    span_of,
    swap_weeks,
    week_of,
    without,
)
from tests.people import Town
from tests.threads import at_once, succeeded

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 10, 19)  # in this week the clocks go back
NOON = datetime(2026, 10, 19, 12, tzinfo=BERLIN)


def berlin(day: int, hour: int = 7) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=BERLIN)


@pytest.fixture
def plan(heilbronn: Town) -> Plan:
    from routing.models import OnCallShift

    OnCallShift.objects.all().delete()
    return Plan(heilbronn.municipality)


def names(plan: Plan, first: date = MONDAY) -> list[tuple[int, str, datetime, datetime]]:
    return [
        (slot.rank, slot.name.split()[0], slot.starts_at, slot.ends_at)
        for slot in slots(plan, span_of(plan.town, first))
    ]


minutes = st.integers(0, 5000)
spans = st.tuples(minutes, minutes).map(
    lambda pair: (NOON + timedelta(minutes=min(pair)), NOON + timedelta(minutes=max(pair) + 1))
)


@given(spans, st.lists(spans, max_size=5), minutes)
def test_what_is_left_is_what_nobody_took(whole: Span, taken: list[Span], at: int) -> None:
    moment = NOON + timedelta(minutes=at)
    left = without(whole, taken)
    is_left = whole[0] <= moment < whole[1] and not any(a <= moment < b for a, b in taken)
    assert any(a <= moment < b for a, b in left) == is_left


@pytest.mark.django_db
def test_a_week_begins_when_the_town_changes_its_people(heilbronn: Town) -> None:
    town = heilbronn.municipality
    assert week_of(town, date(2026, 10, 25)) == MONDAY
    town.on_call_weekday, town.on_call_hour = 4, 12
    assert week_of(town, date(2026, 10, 22)) == date(2026, 10, 16)
    assert span_of(town, date(2026, 10, 16))[1] == berlin(23, 12)


@pytest.mark.django_db
def test_a_single_day_splits_a_week_and_clearing_it_leaves_a_gap(
    heilbronn: Town, plan: Plan
) -> None:
    people = heilbronn.people
    put(plan, rank=1, span=span_of(plan.town, MONDAY), person=people["clara"])
    put(plan, rank=1, span=(berlin(21), berlin(22)), person=people["carlo"])
    assert names(plan) == [
        (1, "Clara", berlin(19), berlin(21)),
        (1, "Carlo", berlin(21), berlin(22)),
        (1, "Clara", berlin(22), berlin(26)),
    ]
    assert gaps(plan, span_of(plan.town, MONDAY)) == []

    put(plan, rank=1, span=(berlin(21), berlin(22)), person=None)
    assert gaps(plan, span_of(plan.town, MONDAY)) == [(berlin(21), berlin(22))]
    put(plan, rank=2, span=(berlin(21), berlin(22)), person=people["gero"])
    assert gaps(plan, span_of(plan.town, MONDAY)) == []


@pytest.mark.django_db
def test_who_is_on_leave_leaves_a_gap(heilbronn: Town, plan: Plan) -> None:
    clara = heilbronn.people["clara"]
    put(plan, rank=1, span=span_of(plan.town, MONDAY), person=clara)
    Absence.objects.create(person=clara, first_day=date(2026, 10, 20), last_day=date(2026, 10, 20))
    assert gaps(plan, span_of(plan.town, MONDAY)) == [(berlin(20, 0), berlin(21, 0))]


@pytest.mark.django_db
def test_weeks_are_copied_and_swapped_by_the_clock_on_the_wall(heilbronn: Town, plan: Plan) -> None:
    people, after = heilbronn.people, MONDAY + timedelta(days=7)
    put(plan, rank=1, span=span_of(plan.town, MONDAY), person=people["clara"])
    put(plan, rank=1, span=(berlin(25, 9), berlin(25, 18)), person=people["carlo"])
    copy_week(plan, source=MONDAY, target=after)
    assert [row[1] for row in names(plan, after)] == ["Clara", "Carlo", "Clara"]
    _rank, _name, starts, ends = names(plan, after)[1]
    local = starts.astimezone(BERLIN)
    assert (local.date(), local.hour) == (date(2026, 11, 1), 9)
    assert ends - starts == timedelta(hours=9)
    put(plan, rank=1, span=span_of(plan.town, after), person=people["gero"])

    swap_weeks(plan, one=MONDAY, other=after)

    assert [row[1] for row in names(plan, MONDAY)] == ["Gero"]
    assert [row[1] for row in names(plan, after)] == ["Clara", "Carlo", "Clara"]
    assert gaps(plan, (berlin(19), datetime(2026, 11, 2, 7, tzinfo=BERLIN))) == []


@pytest.mark.django_db
def test_two_planners_at_once_leave_one_person_a_rank(heilbronn: Town, plan: Plan) -> None:
    people = [heilbronn.people["clara"], heilbronn.people["carlo"]]
    week = span_of(plan.town, MONDAY)
    succeeded(at_once(4, lambda n: put(plan, rank=1, span=week, person=people[n % 2])))
    assert len(names(plan)) == 1
