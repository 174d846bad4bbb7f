"""Who gets a place, in which order, and how many at most."""

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.replies.places import Place, Places, ReplyLimits


class Line:
    """Replies that ask for places, by name: the person's letter and a number."""

    def __init__(self, at_once: int = 1, waiting: int = 20) -> None:
        self.places = Places(ReplyLimits(at_once=at_once, waiting=waiting))
        self.asked: dict[str, Place] = {}
        self.ahead: dict[str, int | None] = {}

    def ask(self, *names: str) -> None:
        for name in names:

            def tell(ahead: int | None, name: str = name) -> None:
                self.ahead[name] = ahead

            self.asked[name] = self.places.ask(name[0], tell)

    def leave(self, *names: str) -> None:
        for name in names:
            self.asked.pop(name).leave()
            self.ahead.pop(name, None)

    def running(self) -> list[str]:
        return [name for name, place in self.asked.items() if place.is_taken.is_set()]

    def has_room(self) -> bool:
        with self.places.expect() as has_room:
            return has_room


def test_a_free_place_is_taken_at_once() -> None:
    line = Line(at_once=2)
    line.ask("a1", "b1", "c1")
    assert line.running() == ["a1", "b1"]


def test_people_take_turns_for_a_place() -> None:
    line = Line()
    line.ask("x1", "a1", "a2", "a3", "b1")
    order = []
    while running := line.running():
        order += running
        line.leave(*running)

    assert order == ["x1", "a1", "b1", "a2", "a3"]


def test_each_is_told_how_many_come_first_whenever_that_changes() -> None:
    line = Line()
    line.ask("x1", "a1", "a2", "b1")
    assert line.ahead == {"x1": None, "a1": 0, "b1": 1, "a2": 2}
    line.leave("b1")
    assert line.ahead == {"x1": None, "a1": 0, "a2": 1}
    line.leave("x1")
    assert line.ahead == {"a1": None, "a2": 0}


def test_one_that_no_longer_waits_takes_no_place() -> None:
    line = Line()
    line.ask("a1", "b1", "c1")
    line.leave("b1")
    line.leave("a1")
    assert line.running() == ["c1"]


def test_leaving_twice_frees_one_place() -> None:
    line = Line()
    line.ask("a1", "b1", "c1")
    place = line.asked["a1"]
    place.leave()
    place.leave()
    assert line.running() == ["a1", "b1"]


def test_there_is_room_for_those_who_run_and_those_who_wait() -> None:
    line = Line(at_once=2, waiting=1)
    for name in ("a1", "b1", "c1"):
        assert line.has_room()
        line.ask(name)
    assert not line.has_room()
    line.leave("a1")
    assert line.has_room()


@given(st.integers(0, 10))
def test_of_many_that_are_expected_at_once_as_many_find_room_as_there_is(running: int) -> None:
    line = Line(at_once=7, waiting=3)
    line.ask(*(f"a{number}" for number in range(running)))
    with ExitStack() as stack:
        found = [stack.enter_context(line.places.expect()) for _ in range(20)]

    assert sum(found) == 10 - running
    assert line.has_room() == (running < 10)


@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(1, 4))
def test_never_more_run_than_may_and_all_have_run_at_last(people: Iterable[str], at_once: int) -> None:
    inside: list[int] = []
    most = 0

    async def one(place: Place, number: int) -> None:
        nonlocal most
        async with place:
            inside.append(number)
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.remove(number)

    async def everybody() -> int:
        places = Places(ReplyLimits(at_once=at_once))
        asked = [places.ask(person, lambda _: None) for person in people]
        await asyncio.gather(*(one(place, number) for number, place in enumerate(asked)))
        return len(asked)

    count = asyncio.run(everybody())
    assert most == min(count, at_once)


async def test_a_cancelled_wait_leaves_the_line() -> None:
    line = Line()
    line.ask("a1", "b1", "c1")

    async def wait() -> None:
        async with line.asked["b1"]:
            raise AssertionError("it was cancelled before it had a place")

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    line.asked["b1"].leave()
    line.leave("a1")

    assert line.running() == ["c1"]
