"""Whatever a sensor sends: at most one case at a time, and none without enough readings."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sensors.decision import Course, Step, Threshold, decide

START = datetime(2026, 11, 23, tzinfo=UTC)
FULL = Threshold(opens_at=80, closes_at=30, readings_needed=2, rest=timedelta(hours=12))
COLD = Threshold(opens_at=2, closes_at=5, readings_needed=1, rest=timedelta(0))
values = st.floats(min_value=-50, max_value=150, allow_nan=False)
runs = st.lists(st.tuples(values, st.integers(0, 300)), max_size=60)


def play(threshold: Threshold, run: list[tuple[float, int]]) -> list[tuple[Step, datetime, float]]:
    course, now, steps = Course(), START, []
    for value, minutes in run:
        now += timedelta(minutes=minutes)
        step, course = decide(threshold, course, value, now=now)
        steps.append((step, now, value))
    return steps


@given(runs)
def test_opening_and_closing_take_turns(run: list[tuple[float, int]]) -> None:
    turns = [step for step, _at, _value in play(FULL, run) if step in {Step.OPEN, Step.CLOSE}]
    assert turns[::2] == [Step.OPEN] * len(turns[::2])
    assert turns[1::2] == [Step.CLOSE] * len(turns[1::2])


@given(runs)
def test_nothing_opens_in_the_rest_or_by_a_single_reading(run: list[tuple[float, int]]) -> None:
    closed_at: datetime | None = None
    before: float = 0
    for step, at, value in play(FULL, run):
        if step == Step.OPEN:
            assert before >= 80
            assert value >= 80
            assert closed_at is None or at - closed_at >= FULL.rest
        if step == Step.CLOSE:
            assert value <= 30
            closed_at = at
        before = value


def test_low_values_can_call_for_somebody_too() -> None:
    steps = [step for step, _at, _value in play(COLD, [(9, 1), (1.5, 1), (3, 1), (6, 1)])]
    assert steps == [Step.NOTHING, Step.OPEN, Step.REFRESH, Step.CLOSE]
