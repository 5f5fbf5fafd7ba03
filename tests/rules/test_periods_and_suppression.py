"""Periods have the names and neighbours people expect; small counts stay hidden from everybody."""

from collections import defaultdict
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figures.period import (
    Period,
    PeriodInvalid,
    last_complete_months,
    presets,
    read_days,
    read_named,
)
from figures.suppression import suppress


@pytest.mark.parametrize(
    ("code", "name", "before", "year_before"),
    [
        ("2026-H1", "1. Halbjahr 2026", "2025-H2", "2025-H1"),
        ("2026-Q1", "1. Quartal 2026", "2025-Q4", "2025-Q1"),
        ("2025", "2025", "2024", "2024"),
        ("2024-02", "Februar 2024", "2024-01", "2023-02"),
        ("2025-02", "Februar 2025", "2025-01", "2024-02"),
    ],
)
def test_a_named_period_has_its_name_and_neighbours(code, name, before, year_before):
    period = read_named(code)

    assert (period.name, period.code) == (name, code)
    assert period.before == read_named(before)
    assert period.year_before == read_named(year_before)


def test_other_days_are_compared_with_as_many_days_before():
    period = read_days("2026-03-10", "2026-03-16")

    assert period.before == read_days("2026-03-03", "2026-03-09")
    assert period.year_before == read_days("2025-03-10", "2025-03-16")
    assert (period.code, period.name) == ("", "10.03.2026 – 16.03.2026")


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("gestern", "heute", "unreadable"),
        ("2026-03-02", "2026-03-01", "reversed"),
        ("1999-01-01", "1999-02-01", "too_early"),
        ("2001-01-01", "2026-01-01", "too_long"),
    ],
)
def test_what_is_no_period_is_refused_with_a_reason(first, last, code):
    with pytest.raises(PeriodInvalid) as refused:
        read_days(first, last)
    assert refused.value.code == code


@given(st.dates(date(2001, 1, 1), date(2060, 12, 31)))
def test_periods_touch_and_codes_are_read_back(today):
    for period in presets(today):
        assert read_named(period.code) == period
        assert (period.first - period.before.last).days == 1
    months = last_complete_months(today)
    assert months.last < today
    assert (months.last.month, months.first.day) == ((today.month - 2) % 12 + 1, 1)


COUNTS = st.lists(st.integers(0, 30), max_size=12)


@given(COUNTS, st.integers(2, 12))
def test_no_count_below_the_limit_is_shown_nor_the_sum_of_the_hidden(counts, k):
    shown = suppress(counts, k)

    assert all(cell is None or cell == 0 or cell >= k for cell in shown.cells)
    assert all(cell in {None, count} for cell, count in zip(shown.cells, counts, strict=False))
    assert shown.total in {None, sum(counts)}
    if shown.total is not None and shown.cells:
        left = shown.total - sum(cell or 0 for cell in shown.cells)
        assert left == 0 or left >= k, "what is left over is a group as well"


@pytest.mark.parametrize(("k", "places", "most"), [(2, 3, 12), (3, 3, 14), (4, 3, 15), (3, 4, 11)])
def test_who_knows_the_rule_cannot_work_out_a_hidden_count(k, places, most):
    """Every table is tried that could look like this: a hidden cell must still be undecided."""
    tables = defaultdict(list)
    for counts in product(range(most + 1), repeat=places):
        if sum(counts) <= most:
            tables[suppress(counts, k)].append(counts)

    for shown, possible in tables.items():
        for place, cell in enumerate(shown.cells):
            if cell is None:
                assert len({counts[place] for counts in possible}) > 1, (shown, possible)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=4), st.integers(3, 5))
def test_the_same_holds_for_any_table(counts, k):
    shown = suppress(counts, k)
    if shown.is_withheld or None not in shown.cells:
        return
    alike = [
        other
        for other in product(range(sum(counts) + 1), repeat=len(counts))
        if sum(other) == sum(counts) and suppress(other, k) == shown
    ]
    for place, cell in enumerate(shown.cells):
        assert cell is not None or len({other[place] for other in alike}) > 1


def test_a_period_ends_after_it_begins():
    with pytest.raises(PeriodInvalid):
        Period(date(2026, 2, 1), date(2026, 1, 31))
