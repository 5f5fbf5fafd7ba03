"""Links between cases: no case ever leads itself, and taking a link away undoes just that link."""

from hypothesis import given
from hypothesis import strategies as st

from reports.merging import Forest, MergeRing

CASE = st.integers(1, 8)
STEPS = st.lists(st.tuples(st.booleans(), CASE, CASE), max_size=25)


def grown(steps: list[tuple[bool, int, int]]) -> Forest:
    """What clerks make of eight cases who link and unlink as they like."""
    forest = Forest()
    for links, case, into in steps:
        if not links:
            forest = forest.without(case)
        elif case not in forest.parents and case != into:
            try:
                forest = forest.linked(case, into)
            except MergeRing:
                continue
    return forest


def leads(forest: Forest) -> dict[int, int]:
    return {case: forest.leading(case) for case in range(1, 9)}


@given(STEPS)
def test_every_case_has_one_leading_case_that_is_linked_to_nothing(
    steps: list[tuple[bool, int, int]],
) -> None:
    forest = grown(steps)

    for case, leading in leads(forest).items():
        assert leading not in forest.parents
        assert (case in forest.below(leading)) is (case != leading)


@given(STEPS, CASE, CASE)
def test_taking_a_link_away_is_the_inverse_of_making_it(
    steps: list[tuple[bool, int, int]], case: int, into: int
) -> None:
    forest = grown(steps).without(case)
    try:
        linked = forest.linked(case, into)
    except MergeRing:
        assert forest.leading(into) == case
        return

    assert leads(linked.without(case)) == leads(forest)
    assert linked.below(case) == forest.below(case)
