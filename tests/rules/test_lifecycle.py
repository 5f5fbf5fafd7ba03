"""The one table of permitted moves, as a property of every pair of statuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.lifecycle import (
    CLOSED,
    MOVES,
    NEEDS_ANSWER,
    OPEN,
    REASONS_FOR,
    ClosingIncomplete,
    ClosingReason,
    MoveNotAllowed,
    Status,
    check_move,
)

S = Status
statuses = st.sampled_from(list(Status))
reasons = st.one_of(st.none(), st.sampled_from(list(ClosingReason)))

# Written out once more, by hand: a changed table must be meant.
PERMITTED = {
    S.RECEIVED: "in_progress waiting done rejected duplicate withdrawn",
    S.IN_PROGRESS: "waiting done rejected duplicate withdrawn",
    S.WAITING: "in_progress done rejected duplicate withdrawn",
    S.DONE: "in_progress archived",
    S.REJECTED: "in_progress archived",
    S.DUPLICATE: "in_progress archived",
    S.WITHDRAWN: "archived",
    S.ARCHIVED: "",
}


@pytest.mark.parametrize("status", Status)
def test_the_table_is_the_agreed_one(status):
    assert MOVES[status] == {Status(word) for word in PERMITTED[status].split()}


def test_every_status_is_either_open_or_closed():
    assert set(Status) == OPEN | CLOSED
    assert not OPEN & CLOSED


@given(current=statuses, wanted=statuses, has_answer=st.booleans(), reason=reasons)
def test_a_move_is_allowed_exactly_when_the_table_and_the_duties_say_so(
    current, wanted, has_answer, reason
):
    complete = wanted not in NEEDS_ANSWER or (has_answer and reason in REASONS_FOR[wanted])
    allowed = wanted in MOVES[current] and complete

    try:
        move = check_move(current, wanted, has_answer=has_answer, reason=reason)
    except (MoveNotAllowed, ClosingIncomplete):
        assert not allowed
    else:
        assert allowed
        assert (move.current, move.wanted) == (current, wanted)
        assert not (move.reopens and move.closes)


@given(current=statuses, wanted=statuses)
def test_a_move_outside_the_table_is_refused_before_anything_else(current, wanted):
    if wanted in MOVES[current]:
        return
    with pytest.raises(MoveNotAllowed) as refused:
        check_move(current, wanted)
    assert (refused.value.current, refused.value.wanted) == (current, wanted)


@pytest.mark.parametrize("wanted", sorted(NEEDS_ANSWER))
def test_closing_names_what_is_missing(wanted):
    with pytest.raises(ClosingIncomplete) as without_reason:
        check_move(S.RECEIVED, wanted, has_answer=True)
    reason = min(REASONS_FOR[wanted])
    with pytest.raises(ClosingIncomplete) as without_answer:
        check_move(S.RECEIVED, wanted, reason=reason)

    assert without_reason.value.field == "closing_reason"
    assert without_answer.value.field == "answer"


def test_not_ours_never_reads_as_rejected():
    heard = {ClosingReason.FORWARDED, ClosingReason.PLANNED, ClosingReason.NOTHING_FOUND}

    assert heard <= REASONS_FOR[S.DONE]
    assert not heard & REASONS_FOR[S.REJECTED]


def test_nothing_leaves_the_archive_and_reopening_means_work_again():
    assert not MOVES[S.ARCHIVED]
    for closed in (S.DONE, S.REJECTED, S.DUPLICATE):
        assert check_move(closed, S.IN_PROGRESS).reopens
