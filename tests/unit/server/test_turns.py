"""Who gets a place, and when; there is no clock in it but that of the longest wait."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.errors.server import BusyError
from vision_chat.server.places import Places
from vision_chat.server.turns import Caller, Turns

ANN = Caller("session ann", is_known=True)
BEN = Caller("session ben", is_known=True)
STRANGER = Caller("address 192.0.2.1", is_known=False)
OTHER = Caller("address 192.0.2.2", is_known=False)


def places(**values: float) -> Places:
    usual = {
        "working": 3,
        "working_for_strangers": 2,
        "working_per_caller": 2,
        "waiting": 6,
        "waiting_per_caller": 4,
        "wait_seconds": 60,
    }
    return Places(**(usual | values))  # type: ignore[arg-type]  # whole numbers all


class Line:
    """Requests that take a place, in the order in which they got it."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.inside: list[Caller] = []
        self.waiting: list[asyncio.Task[None]] = []

    async def come(self, *callers: Caller) -> None:
        for caller in callers:
            self.waiting.append(asyncio.create_task(self._take(caller)))
        await asyncio.sleep(0)

    async def _take(self, caller: Caller) -> None:
        await self.turns.take(caller)
        self.inside.append(caller)

    async def go(self, caller: Caller) -> None:
        self.inside.remove(caller)
        self.turns.give_back(caller)
        await asyncio.sleep(0)

    async def end(self) -> None:
        for task in self.waiting:
            task.cancel()
        await asyncio.gather(*self.waiting, return_exceptions=True)


async def test_one_caller_gets_no_more_places_than_are_meant_for_one() -> None:
    line = Line(Turns(places()))
    await line.come(ANN, ANN, ANN, BEN)

    assert line.inside == [ANN, ANN, BEN]
    await line.end()


async def test_strangers_leave_a_place_to_those_who_are_known() -> None:
    line = Line(Turns(places()))
    await line.come(STRANGER, OTHER, STRANGER, OTHER, ANN)

    assert line.inside == [STRANGER, OTHER, ANN]
    await line.end()


async def test_those_who_wait_take_turns() -> None:
    line = Line(Turns(places(working=1, working_for_strangers=1)))
    await line.come(STRANGER, STRANGER, STRANGER, STRANGER, ANN, BEN)
    order = []
    for _ in range(6):
        order.append(line.inside[0])
        await line.go(line.inside[0])

    assert order == [STRANGER, STRANGER, ANN, BEN, STRANGER, STRANGER]


async def test_too_many_of_one_caller_are_refused_while_others_may_wait() -> None:
    line = Line(Turns(places(working=1, working_for_strangers=1)))
    await line.come(ANN, *[STRANGER] * 4)
    with pytest.raises(BusyError):
        await line.turns.take(STRANGER)
    await line.come(BEN)
    await line.go(ANN)
    await line.go(STRANGER)

    assert line.inside == [BEN]
    await line.end()


async def test_too_many_in_all_are_refused() -> None:
    line = Line(Turns(places(working=1, waiting=2)))
    await line.come(ANN, BEN, STRANGER)

    with pytest.raises(BusyError):
        await line.turns.take(OTHER)
    await line.end()


async def test_who_waits_too_long_is_refused_and_out_of_the_line() -> None:
    line = Line(Turns(places(working=1, wait_seconds=0)))
    await line.come(ANN)
    with pytest.raises(BusyError):
        await line.turns.take(BEN)
    await line.go(ANN)
    await line.come(STRANGER)

    assert line.inside == [STRANGER]
    await line.end()


@given(
    st.lists(
        st.tuples(st.sampled_from(["come", "go", "leave"]), st.sampled_from([ANN, BEN, STRANGER, OTHER])),
        max_size=40,
    )
)
def test_in_any_order_the_limits_hold_and_no_place_is_lost(steps: list[tuple[str, Caller]]) -> None:
    async def live() -> None:
        limits = places(waiting=99, waiting_per_caller=99)
        line = Line(Turns(limits))
        for step, caller in steps:
            if step == "come":
                await line.come(caller)
            elif step == "go" and caller in line.inside:
                await line.go(caller)
            elif step == "leave":
                for task in [task for task in line.waiting if not task.done()][:1]:
                    task.cancel()
                await asyncio.sleep(0)
            counts = Counter(line.inside)
            assert counts.total() <= limits.working
            assert max(counts.values(), default=0) <= limits.working_per_caller
            assert counts[STRANGER] + counts[OTHER] <= limits.working_for_strangers
        while line.inside:
            await line.go(line.inside[0])
        assert all(task.done() for task in line.waiting)
        await line.come(ANN, BEN, STRANGER)
        assert line.inside == [ANN, BEN, STRANGER]

    asyncio.run(live())
