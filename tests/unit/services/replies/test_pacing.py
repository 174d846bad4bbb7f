from collections.abc import Callable
from functools import partial

import pytest

from vision_chat.services.replies._pacing import RENDER_INTERVAL, REST_FACTOR, TICK, RenderPace, Ticker


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


def test_ticker_runs_a_callback_at_once_after_a_quiet_time() -> None:
    loop = Loop()
    Ticker(loop.call_later, loop.clock).soon(lambda: None)

    assert [seconds for seconds, _ in loop.timers] == [0]


def test_ticker_runs_together_what_comes_between_two_ticks() -> None:
    loop = Loop()
    ticker = Ticker(loop.call_later, loop.clock)
    run: list[str] = []
    ticker.soon(lambda: run.append("first"))
    loop.pass_time()
    loop.now += TICK / 4
    for name in ("second", "third"):
        ticker.soon(partial(run.append, name))

    assert run == ["first"]
    assert [seconds for seconds, _ in loop.timers] == [pytest.approx(TICK * 3 / 4)]
    loop.pass_time()
    assert run == ["first", "second", "third"]
    assert not loop.timers


def test_ticker_keeps_what_is_asked_for_during_a_tick_for_the_next() -> None:
    loop = Loop()
    ticker = Ticker(loop.call_later, loop.clock)
    run: list[str] = []
    ticker.soon(lambda: ticker.soon(lambda: run.append("later")))
    loop.pass_time()

    assert run == []
    loop.pass_time()
    assert run == ["later"]
    assert loop.now == pytest.approx(100 + TICK)


def test_ticker_runs_a_later_callback_at_the_first_tick_after_its_time() -> None:
    loop = Loop()
    ticker = Ticker(loop.call_later, loop.clock)
    run: list[float] = []
    ticker.later(0.05, lambda: run.append(loop.now))
    loop.pass_time()
    loop.pass_time()

    assert run == [pytest.approx(100.05)]


def test_ticker_goes_on_after_a_callback_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    loop = Loop()
    ticker = Ticker(loop.call_later, loop.clock)
    run: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    ticker.soon(fail)
    ticker.soon(lambda: run.append("next"))
    loop.pass_time()

    assert run == ["next"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("cost", "wait"),
    [(0.0, RENDER_INTERVAL), (0.001, RENDER_INTERVAL), (0.01, 0.01 * REST_FACTOR)],
)
def test_render_pace_rests_for_an_interval_or_for_the_work_done(cost: float, wait: float) -> None:
    loop = Loop()
    pace = RenderPace(loop.clock)

    def render() -> None:
        loop.now += cost

    assert pace.wait() == 0
    pace.run(render)
    assert pace.wait() == pytest.approx(wait - cost)
    loop.now += wait
    assert pace.wait() == 0
