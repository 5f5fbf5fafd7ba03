"""Working time: hours of an office, holidays, closing days, daylight-saving time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.calendar import (
    DEFAULT_WEEK,
    Opening,
    Week,
    WorkCalendar,
    add_clock_hours,
    add_working_days,
    add_working_hours,
    describe_week,
    public_holidays,
    week_of,
    working_hours_between,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkCalendar()


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type]


moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
hours = st.integers(min_value=0, max_value=400)
clock_times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
openings = st.tuples(st.integers(0, 6), clock_times, clock_times).filter(
    lambda row: row[1] < row[2]
)
weeks = st.lists(openings, max_size=12).map(week_of)
closings = st.dictionaries(st.dates(date(2019, 12, 1), date(2036, 1, 1)), st.just("zu"), max_size=9)
zones = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Cairo"])
calendars = st.builds(
    WorkCalendar,
    time_zone=zones,
    state=st.sampled_from(["BW", "BY", "BE", "SN"]),
    week=weeks,
    closing_days=closings,
)


def test_hours_run_from_opening_to_closing() -> None:
    friday_afternoon = berlin(2026, 11, 20, 15)
    assert add_working_hours(friday_afternoon, 2, OFFICE) == berlin(2026, 11, 23, 9)


def test_a_target_that_ends_with_the_day_is_due_at_closing_time() -> None:
    assert add_working_hours(berlin(2026, 11, 23, 8), 40, OFFICE) == berlin(2026, 11, 27, 16)


def test_a_report_at_night_starts_counting_in_the_morning() -> None:
    assert add_working_hours(berlin(2026, 11, 21, 23), 1, OFFICE) == berlin(2026, 11, 23, 9)


def test_holidays_of_the_state_do_not_count() -> None:
    # Heilige Drei Könige is a holiday in Baden-Württemberg and not in Berlin.
    before = berlin(2026, 1, 5, 8)
    assert add_working_hours(before, 16, OFFICE) == berlin(2026, 1, 7, 16)
    assert add_working_hours(before, 16, WorkCalendar(state="BE")) == berlin(2026, 1, 6, 16)
    assert public_holidays("BW", 2026)[date(2026, 1, 6)] == "Heilige Drei Könige"


def test_an_unknown_state_keeps_the_nationwide_holidays() -> None:
    assert date(2026, 12, 25) in public_holidays("ZH", 2026)
    assert date(2026, 1, 6) not in public_holidays("ZH", 2026)


def test_closing_days_do_not_count_and_say_why() -> None:
    bridge_day = WorkCalendar(closing_days={date(2026, 5, 15): "Betriebsausflug"})
    wednesday = berlin(2026, 5, 13, 15)
    due = add_working_hours(wednesday, 2, bridge_day)
    assert due == berlin(2026, 5, 18, 9)
    assert bridge_day.days_off_between(wednesday, due) == [
        (date(2026, 5, 14), "Christi Himmelfahrt"),
        (date(2026, 5, 15), "Betriebsausflug"),
    ]


def test_the_night_the_clock_changes_has_its_real_length() -> None:
    night: Week = ((),) * 5 + ((Opening(time(20), time(23, 59)),), (Opening(time(0), time(6)),))
    spring = working_hours_between(
        berlin(2026, 3, 29, 0), berlin(2026, 3, 29, 6), WorkCalendar(week=night)
    )
    autumn = working_hours_between(
        berlin(2026, 10, 25, 0), berlin(2026, 10, 25, 6), WorkCalendar(week=night)
    )
    assert (spring, autumn) == (5, 7)


def test_daylight_saving_does_not_move_office_hours() -> None:
    friday = berlin(2026, 3, 27, 12)
    assert add_working_hours(friday, 8, OFFICE) == berlin(2026, 3, 30, 12)


def test_danger_runs_around_the_clock_over_the_clock_change() -> None:
    assert add_clock_hours(berlin(2026, 3, 28, 23), 4) == berlin(2026, 3, 29, 4)
    # In autumn the fourth hour ends when the clock shows two o'clock for the second time.
    second_two = datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert add_clock_hours(berlin(2026, 10, 24, 23), 4) == second_two


def test_working_days_skip_weekend_and_holiday() -> None:
    before_christmas = berlin(2026, 12, 23, 10)
    assert add_working_days(before_christmas, 3, OFFICE) == berlin(2026, 12, 29, 16)


def test_hours_between_are_negative_backwards() -> None:
    start, end = berlin(2026, 11, 23, 9), berlin(2026, 11, 24, 9)
    assert working_hours_between(start, end, OFFICE) == 8
    assert working_hours_between(end, start, OFFICE) == -8


def test_a_moment_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        add_working_hours(datetime(2026, 11, 23, 9), 1, OFFICE)  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="negative"):
        add_working_hours(berlin(2026, 11, 23, 9), -1, OFFICE)


def test_a_week_without_working_time_is_refused_or_replaced() -> None:
    with pytest.raises(ValueError, match="one hour"):
        WorkCalendar(week=((),) * 7)
    assert week_of([]) == DEFAULT_WEEK
    assert week_of([(0, time(8), time(8, 10))]) == DEFAULT_WEEK


def test_overlapping_openings_count_once() -> None:
    week = week_of([(0, time(8), time(12)), (0, time(11), time(13)), (0, time(14), time(16))])
    assert week[0] == (Opening(time(8), time(13)), Opening(time(14), time(16)))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "Mo–Fr 8–16 Uhr"),
        (
            [(day, time(8), time(16)) for day in range(4)] + [(4, time(8), time(12, 30))],
            "Mo–Do 8–16 Uhr, Fr 8–12:30 Uhr",
        ),
        (
            [(1, time(8), time(12)), (1, time(14), time(18)), (5, time(9), time(12))],
            "Di 8–12 und 14–18 Uhr, Sa 9–12 Uhr",
        ),
    ],
)
def test_a_week_is_described_briefly(rows: list[tuple[int, time, time]], words: str) -> None:
    assert describe_week(week_of(rows)) == words


@given(moments, hours, calendars)
@settings(max_examples=150, deadline=None)
def test_exactly_the_hours_asked_for_lie_between(
    start: datetime, wanted: int, calendar: WorkCalendar
) -> None:
    end = add_working_hours(start, wanted, calendar)
    assert end >= start
    assert working_hours_between(start, end, calendar) == pytest.approx(wanted)
    if wanted:
        # It is the first such moment: a second earlier, something was still missing.
        before = end - timedelta(seconds=1)
        assert working_hours_between(start, before, calendar) < wanted


@given(moments, hours, hours, calendars)
@settings(max_examples=100, deadline=None)
def test_hours_add_up(start: datetime, one: int, other: int, calendar: WorkCalendar) -> None:
    in_steps = add_working_hours(add_working_hours(start, one, calendar), other, calendar)
    assert in_steps == add_working_hours(start, one + other, calendar)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=60)), hours, calendars)
@settings(max_examples=100, deadline=None)
def test_a_later_report_is_never_due_earlier(
    start: datetime, later: timedelta, wanted: int, calendar: WorkCalendar
) -> None:
    assert add_working_hours(start, wanted, calendar) <= add_working_hours(
        start + later, wanted, calendar
    )


@given(moments, st.timedeltas(timedelta(0), timedelta(days=60)), calendars)
@settings(max_examples=100, deadline=None)
def test_working_time_never_exceeds_real_time(
    start: datetime, length: timedelta, calendar: WorkCalendar
) -> None:
    worked = working_hours_between(start, start + length, calendar)
    assert 0 <= worked <= length / timedelta(hours=1) + 1e-9


@given(moments, calendars)
@settings(max_examples=100, deadline=None)
def test_a_due_moment_lies_in_or_at_the_end_of_working_time(
    start: datetime, calendar: WorkCalendar
) -> None:
    due = add_working_hours(start, 7, calendar)
    assert calendar.is_working_at(due - timedelta(microseconds=1))
