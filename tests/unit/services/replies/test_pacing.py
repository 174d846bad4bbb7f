"""Together with others, and no faster than a page can show it."""

from collections.abc import Callable
from functools import partial

import pytest

from vision_chat.services.replies.pacing import TICK, Pace, Ticker


class Time:
    """A clock that only sleeping moves; `lag` is how much too long each sleep takes."""

    def __init__(self, lag: float = 0.0) -> None:
        self.now = 0.0
        self.lag = lag
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds + self.lag

    def clock(self) -> float:
        return self.now


async def test_the_first_update_goes_at_once_and_the_next_a_frame_later() -> None:
    time = Time()
    pace = Pace(time.sleep, time.clock)
    await pace.next_frame()
    assert time.slept == []
    await pace.next_frame()
    assert time.slept == [pytest.approx(0.016)]


async def test_a_lagging_loop_stretches_the_frames() -> None:
    time = Time(lag=0.05)
    pace = Pace(time.sleep, time.clock)
    for _ in range(3):
        await pace.next_frame()

    assert time.slept[-1] == pytest.approx(0.1)


async def test_updates_that_are_dear_to_make_are_made_less_often() -> None:
    time = Time()
    pace = Pace(time.sleep, time.clock)
    for cost in (0.0001, 0.005, 0.1, 0.0):
        await pace.next_frame()
        time.now += cost
        pace.made()
    await pace.next_frame()

    # from the beginning of the update before: a frame, twenty times its cost, at most a quarter of a second
    assert time.slept == [pytest.approx(seconds) for seconds in (0.0159, 0.095, 0.15, 0.016)]


class Loop:
    """Its timers wait until they are let go."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((seconds, callback))

    def clock(self) -> float:
        return self.now

    def pass_time(self) -> None:
        """Until the next timer, and run it."""
        seconds, callback = self.timers.pop(0)
        self.now += seconds
        callback()


def test_after_a_quiet_time_news_goes_at_once() -> None:
    loop = Loop()
    Ticker(loop.call_later, loop.clock).soon(lambda: None)

    assert [seconds for seconds, _ in loop.timers] == [0]


def test_what_comes_between_two_ticks_goes_together() -> None:
    loop = Loop()
    ticker = Ticker(loop.call_later, loop.clock)
    told: list[str] = []
    ticker.soon(lambda: told.append("first"))
    loop.pass_time()
    loop.now += TICK / 4
    for name in ("second", "third"):
        ticker.soon(partial(told.append, name))

    assert told == ["first"]
    assert [seconds for seconds, _ in loop.timers] == [pytest.approx(TICK * 3 / 4)]
    loop.pass_time()
    assert told == ["first", "second", "third"]
    assert not loop.timers


def test_what_is_asked_for_during_a_tick_waits_for_the_next() -> None:
    loop = Loop()
    ticker = Ticker(loop.call_later, loop.clock)
    told: list[str] = []
    ticker.soon(lambda: ticker.soon(lambda: told.append("later")))
    loop.pass_time()

    assert told == []
    loop.pass_time()
    assert told == ["later"]
    assert loop.now == pytest.approx(100 + TICK)
