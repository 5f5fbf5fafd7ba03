"""The clock of a target: pauses lengthen it, another office counts it anew, nothing shortens it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.calendar import WorkCalendar, week_of
from routing.clock import Clock, hours_paused, lengthened, set_anew

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Clock(WorkCalendar())
AROUND = Clock()


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type]


# The nights of the clock change and 29 February lie among them.
moments = st.one_of(
    st.datetimes(
        min_value=datetime(2023, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
        max_value=datetime(2029, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    st.sampled_from(
        [
            berlin(2026, 3, 28, 23),
            berlin(2026, 10, 24, 23),
            berlin(2028, 2, 28, 15),
            berlin(2028, 2, 29),
        ]
    ),
)
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
openings = st.tuples(st.integers(0, 6), times, times).filter(lambda row: row[1] < row[2])
clocks = st.one_of(
    st.just(AROUND),
    st.builds(
        lambda week, state, closed: Clock(
            WorkCalendar(week=week, state=state, closing_days=dict.fromkeys(closed, "zu"))
        ),
        st.lists(openings, max_size=8).map(week_of),
        st.sampled_from(["BW", "BY", "BE"]),
        st.sets(st.dates(date(2023, 1, 1), date(2029, 1, 1)), max_size=5),
    ),
)
hours = st.integers(min_value=0, max_value=200)
gaps = st.lists(st.tuples(st.integers(0, 60 * 24 * 9), st.integers(0, 60 * 24 * 9)), max_size=3)


def spans_after(start: datetime, parts: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
    """Pauses one after the other, from minutes of going on and of resting."""
    found, moment = [], start.astimezone(UTC)
    for running, resting in parts:
        began = moment + timedelta(minutes=running)
        moment = began + timedelta(minutes=resting)
        found.append((began, moment))
    return found


def test_a_weekend_of_waiting_costs_nobody_working_time() -> None:
    due = berlin(2026, 11, 25, 12)
    friday, monday = berlin(2026, 11, 20, 16), berlin(2026, 11, 23, 8)
    assert lengthened(due, [(friday, monday)], OFFICE) == due


def test_thirteen_working_hours_of_waiting_are_thirteen_hours_more() -> None:
    pause = (berlin(2026, 11, 23, 9), berlin(2026, 11, 24, 14))
    due = berlin(2026, 11, 25, 12)
    assert hours_paused(due, pause, OFFICE) == 13
    assert lengthened(due, [pause], OFFICE) == berlin(2026, 11, 27, 9)


def test_what_was_missed_before_stays_missed() -> None:
    due = berlin(2026, 11, 20, 12)
    assert lengthened(due, [(berlin(2026, 11, 23, 9), berlin(2026, 11, 27, 9))], OFFICE) == due


def test_the_clock_change_gives_a_danger_its_real_hours() -> None:
    spring = AROUND.after(berlin(2026, 3, 28, 23), 4)
    assert spring == berlin(2026, 3, 29, 4)
    assert AROUND.between(berlin(2026, 10, 25, 0), berlin(2026, 10, 25, 6)) == 7


def test_a_leap_day_is_a_working_day_like_any_other() -> None:
    assert OFFICE.after(berlin(2028, 2, 28, 12), 8) == berlin(2028, 2, 29, 12)
    assert OFFICE.after(berlin(2028, 3, 1, 12), -16) == berlin(2028, 2, 28, 12)


def test_another_office_counts_the_same_target_in_its_own_hours() -> None:
    mornings = Clock(WorkCalendar(week=week_of([(day, time(8), time(12)) for day in range(5)])))
    start = berlin(2026, 11, 23, 8)
    pause = (berlin(2026, 11, 23, 8), berlin(2026, 11, 24, 8))
    due = lengthened(OFFICE.after(start, 8), [pause], OFFICE)
    assert due == berlin(2026, 11, 24, 16)
    anew = set_anew(due, start=start, pauses=[pause], before=OFFICE, now=mornings)
    # 8 hours are two mornings, and the pause costs the third.
    assert anew == berlin(2026, 11, 25, 12)


@given(moments, hours, gaps, clocks)
@settings(max_examples=80, deadline=None)
def test_pauses_never_shorten_and_empty_ones_change_nothing(
    start: datetime, wanted: int, parts: list[tuple[int, int]], clock: Clock
) -> None:
    due = clock.after(start, wanted)
    pauses = spans_after(start, parts)
    assert lengthened(due, pauses, clock) >= due
    assert lengthened(due, [(began, began) for began, _ended in pauses], clock) == due


@given(moments, hours, gaps, clocks)
@settings(max_examples=80, deadline=None)
def test_what_was_left_before_a_pause_is_left_after_it(
    start: datetime, wanted: int, parts: list[tuple[int, int]], clock: Clock
) -> None:
    due = clock.after(start, wanted)
    for began, ended in spans_after(start, parts):
        left = clock.between(began, due)
        due = lengthened(due, [(began, ended)], clock)
        if left > 0:
            assert clock.between(ended, due) == pytest.approx(left, abs=0.001)


@given(moments, hours, gaps, clocks, clocks)
@settings(max_examples=80, deadline=None)
def test_there_and_back_to_another_office_is_the_same_date(
    start: datetime, wanted: int, parts: list[tuple[int, int]], one: Clock, other: Clock
) -> None:
    pauses = spans_after(start, parts)
    due = lengthened(one.after(start, wanted), pauses, one)
    assert set_anew(due, start=start, pauses=pauses, before=one, now=one) == due
    there = set_anew(due, start=start, pauses=pauses, before=one, now=other)
    assert there >= other.after(start, wanted) - timedelta(seconds=1)


@given(moments, st.integers(0, 100), st.integers(0, 100), clocks)
@settings(max_examples=80, deadline=None)
def test_more_hours_are_never_due_earlier_and_counting_back_leads_to_the_start(
    start: datetime, one: int, more: int, clock: Clock
) -> None:
    due = clock.after(start, one)
    assert due <= clock.after(start, one + more)
    assert clock.between(clock.after(due, -one), due) == pytest.approx(one, abs=0.001)
