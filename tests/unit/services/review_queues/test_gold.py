"""The rules of gold items: when one comes, how many will, and what a share of right verdicts says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.review_queues.gold import Ahead, Answers, Share, count_ahead, is_due, is_right


def test_the_share_of_turns_is_kept_and_is_another_for_each_reviewer() -> None:
    turns = {reviewer: [is_due(20, 1, reviewer, turn) for turn in range(2000)] for reviewer in (1, 2)}
    assert turns[1] != turns[2]
    for due in turns.values():
        assert 330 < sum(due) < 470
    assert not any(is_due(0, 1, 1, turn) for turn in range(100))


@given(
    percent=st.integers(0, 50),
    reviewer=st.integers(1, 5),
    new=st.integers(0, 12),
    given_back=st.integers(0, 2),
    gold=st.integers(0, 8),
)
def test_what_is_counted_ahead_is_what_comes(
    percent: int, reviewer: int, new: int, given_back: int, gold: int
) -> None:
    had, turn, total = 0, 3, count_ahead(percent, 1, reviewer, Ahead(3, new, given_back, gold))
    while new or given_back:
        ahead = count_ahead(percent, 1, reviewer, Ahead(turn, new, given_back, gold))
        assert had + ahead == total
        if gold and is_due(percent, 1, reviewer, turn):
            gold, had, turn = gold - 1, had + 1, turn + 1
        elif new:
            new, turn = new - 1, turn + 1
        else:
            given_back -= 1
    assert had == total


def test_a_verdict_is_right_with_each_answer_that_is_known() -> None:
    said: Answers = {"tone": {"value": "yes"}, "clarity": {"value": 4}}
    assert is_right("good", said, "good", {})
    assert is_right("good", said, "good", {"clarity": {"value": 4}})
    assert not is_right("good", said, "flawed", {})
    assert not is_right("good", said, "good", {"clarity": {"value": 5}})
    assert not is_right("good", said, "good", {"length": {"value": "no"}})


def test_a_share_has_the_interval_of_wilson() -> None:
    low, high = Share(8, 10).interval or (0, 0)
    assert (low, high) == pytest.approx((0.4901625, 0.9433178))
    assert not Share(8, 10).is_few
    assert Share(9, 9).is_few
    low, high = Share(9, 9).interval or (0, 0)
    assert 0.6 < low < 0.8
    assert high == 1
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)
