import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.sharing.fair_queue import FairQueue

People = st.lists(st.sampled_from("abcd"))


def filled(people: list[str]) -> FairQueue[tuple[str, int]]:
    queue: FairQueue[tuple[str, int]] = FairQueue()
    for number, person in enumerate(people):
        queue.put(person, (person, number))
    return queue


def drained(queue: FairQueue[tuple[str, int]]) -> list[tuple[str, int]]:
    return [queue.get() for _ in range(len(queue))]


def test_people_take_turns_in_the_order_in_which_they_came() -> None:
    assert [person for person, _ in drained(filled(list("aaabbc")))] == list("abcaba")


def test_a_person_who_comes_back_waits_for_everybody_else() -> None:
    queue = filled(list("aabb"))
    assert queue.get() == ("a", 0)
    queue.put("c", ("c", 9))
    assert [person for person, _ in drained(queue)] == list("bacb")


@given(People)
def test_nothing_is_lost_or_doubled_and_each_keeps_their_order(people: list[str]) -> None:
    served = drained(filled(people))
    assert sorted(served, key=lambda item: item[1]) == [(person, n) for n, person in enumerate(people)]
    for person in set(people):
        own = [number for one, number in served if one == person]
        assert own == sorted(own)


@given(People, st.sampled_from("abcd"))
def test_nobody_waits_for_more_than_one_item_of_each_other(people: list[str], person: str) -> None:
    queue = filled(people)
    queue.put(person, (person, -1))
    served = drained(queue)
    before = served[: next(n for n, (one, _) in enumerate(served) if one == person)]
    assert len({one for one, _ in before}) == len(before)


@given(People)
def test_iterating_shows_the_order_and_takes_nothing(people: list[str]) -> None:
    queue = filled(people)
    assert list(queue) == drained(queue)
    assert not queue


def test_a_person_who_is_busy_is_passed_over_and_keeps_their_place() -> None:
    queue = filled(list("aab"))
    assert queue.get({"a"}) == ("b", 2)
    assert queue.get({"b"}) == ("a", 0)
    with pytest.raises(LookupError):
        queue.get({"a"})
    assert drained(queue) == [("a", 1)]


def test_an_item_that_is_discarded_is_not_served() -> None:
    queue = filled(list("aab"))
    queue.discard("a", ("a", 0))
    queue.discard("b", ("b", 2))
    queue.discard("b", ("b", 2))
    queue.discard("c", ("c", 7))
    assert drained(queue) == [("a", 1)]


def test_an_empty_queue_serves_nothing() -> None:
    with pytest.raises(LookupError):
        FairQueue[int]().get()
