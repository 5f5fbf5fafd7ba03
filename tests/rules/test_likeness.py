"""Whether two reports mean the same: alike from both sides, less alike the further apart."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.likeness import (
    CITIZENS_FROM,
    STAFF_FROM,
    Kinship,
    Likeness,
    Sight,
    compare,
    reason,
    text_likeness,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WORDS = st.sampled_from(
    ["Laterne", "Straßenlaterne", "dunkel", "Schlagloch", "Müll", "Ampel", "seit gestern", "groß"]
)
SIGHTS = st.builds(
    Sight,
    category_id=st.integers(1, 3),
    group_id=st.sampled_from([None, 1, 2]),
    radius_m=st.integers(0, 300),
    at=st.integers(0, 10**6).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    text=st.lists(WORDS, max_size=5).map(" ".join),
    assets=st.sampled_from([frozenset(), frozenset({1}), frozenset({1, 2}), frozenset({3})]),
)
METRES = st.floats(0, 2_000)


@given(SIGHTS, SIGHTS, METRES)
def test_it_is_the_same_from_both_sides(one: Sight, other: Sight, metres: float) -> None:
    found = compare(one, other, metres)

    assert found == compare(other, one, metres)
    assert 0 <= found.score <= 100


@given(SIGHTS, SIGHTS, METRES, METRES)
def test_what_lies_further_apart_is_never_more_alike(
    one: Sight, other: Sight, metres: float, more: float
) -> None:
    near, far = sorted((metres, more))

    assert compare(one, other, near).score >= compare(one, other, far).score


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Die Laterne brennt nicht", "Straßenlaterne defekt", True),
        ("Strassenlaterne aus", "Straßenlaterne dunkel, geht nicht mehr", True),
        ("Mülltonne überfüllt", "Muelltonne ueberfuellt", True),
        ("Tiefes Schlagloch", "Sperrmüll am Gehweg", False),
        ("eine und noch eine", "nicht ohne diese", None),
        ("", "Laterne", None),
    ],
)
def test_words_count_inside_compounds(one: str, other: str, alike: bool | None) -> None:
    share = text_likeness(one, other)

    assert share == text_likeness(other, one)
    assert alike is (None if share is None else share >= 0.4)


def test_kind_and_distance_decide_who_is_asked() -> None:
    hole = Sight(1, 9, 50, NOON, "Tiefes Schlagloch")
    sibling = Sight(2, 9, 50, NOON, "Tiefes Schlagloch")
    stranger = Sight(3, 8, 50, NOON, "Tiefes Schlagloch")

    assert compare(hole, hole, 5).score > compare(hole, sibling, 5).score >= STAFF_FROM
    assert compare(hole, stranger, 0).score == 0
    assert compare(hole, hole, 50).score == 0
    wordless = Sight(1, 9, 50, NOON)
    assert compare(wordless, hole, 15).score >= CITIZENS_FROM
    assert compare(hole, hole, 5).score > compare(wordless, hole, 5).score


def test_the_same_lamp_is_the_same_at_any_distance() -> None:
    lamp = Sight(1, 9, 50, NOON, "dunkel", assets=frozenset({7}))
    neighbour = Sight(3, 8, 50, NOON, "dunkel", assets=frozenset({7}))

    assert compare(lamp, neighbour, 400).score >= STAFF_FROM


def test_the_reason_is_a_sentence_a_clerk_understands() -> None:
    found = Likeness(80, 12.3, Kinship.SAME, 0.8, same_asset=False)
    near = Likeness(60, 1.0, Kinship.RELATED, None, same_asset=False)

    assert reason(found, days_ago=2) == (
        "12 m entfernt, gleiche Anliegenart, vor 2 Tagen, ähnlicher Text"
    )
    assert reason(near, days_ago=0) == "an derselben Stelle, verwandte Anliegenart, heute gemeldet"
