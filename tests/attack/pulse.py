"""Measure what another feels while an attack runs: how long the server answers nothing, and what it takes."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.attack.finding import Finding, at_most
from tests.bench.line import Line
from tests.bench.processes import Served
from tests.bench.speakers import OurSpeaker
from tests.support.process_resources import waited_for_core

BETWEEN = 0.005
LOOK_AGAIN = 0.02
MAX_LOOKS = 20
IDLE_SECONDS = 0.3
IDLE_CPU = 0.02
BASELINE_SECONDS = 1.0
MAX_GROWTH = 500
"""Megabytes at which the server is ended: the machine is somebody's."""

PAUSE_BAR = 50
MEMORY_BAR = 50


@dataclass(slots=True)
class Pulse:
    """`has_ended` says that the attack came to its end by itself, within its time."""

    pause: float = 0
    """Milliseconds of the longest wait, without the time in which another program had the core."""
    idle: float = 0
    """The same on this server in the second before the attack: what the machine does to everybody."""
    growth: float = 0
    seconds: float = 0
    has_ended: bool = False

    def figures(self) -> tuple[Finding, Finding]:
        pause = Finding(
            attack="pause",
            measured=f"{self.pause:.0f} ms (idle {self.idle:.0f})",
            bar=f"<= {PAUSE_BAR} ms more than idle",
            is_met=self.pause - self.idle <= PAUSE_BAR,
        )
        return pause, at_most("memory +", self.growth, MEMORY_BAR, "MB", digits=0)

    def end(self, most: float) -> Finding:
        took = at_most("ended after", self.seconds, most, "s", digits=1)
        if self.has_ended:
            return took
        attack = "killed after" if self.growth > MAX_GROWTH else "no end in"
        return Finding(attack=attack, measured=f"{self.seconds:.1f} s", bar=took.bar, is_met=False)


async def feel(served: Served, session: str, attack: Callable[[], Awaitable[bool]], seconds: float) -> Pulse:
    """Run the attack, for so long at most, beside somebody who all the time asks the server for a word."""
    await _until_idle(served)
    line = await Line.connect(served.port, OurSpeaker.path, OurSpeaker().headers(session))
    pulse, is_over = Pulse(idle=await _idle_pause(served, line)), asyncio.Event()
    asking = asyncio.create_task(_ask(served, line, pulse, is_over))
    looking = asyncio.create_task(_look(served, pulse, asking))
    begun = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            pulse.has_ended = await attack() and not looking.done()
    except TimeoutError:
        pass
    pulse.seconds = time.monotonic() - begun
    is_over.set()
    await asyncio.gather(asking, looking)  # what is still worked on counts, too
    line.close()
    return pulse


async def _until_idle(served: Served) -> None:
    """Wait until nothing of the start is left to do; one that never rests is measured as it is."""
    for _ in range(MAX_LOOKS):
        before = served.cpu()
        await asyncio.sleep(IDLE_SECONDS)
        if served.cpu() - before < IDLE_CPU:
            return


async def _idle_pause(served: Served, line: Line) -> float:
    pulse, is_over = Pulse(), asyncio.Event()
    asyncio.get_running_loop().call_later(BASELINE_SECONDS, is_over.set)
    await _ask(served, line, pulse, is_over)
    return pulse.pause


async def _ask(served: Served, line: Line, pulse: Pulse, is_over: asyncio.Event) -> None:
    """Send what the event loop answers by itself, without a thread or the database: no command at all."""
    while not is_over.is_set():
        line.forget()
        began, waited = time.monotonic(), _kept_waiting(served)
        line.send(b"{}")
        await line.until((b'{"type":"error"',))
        lost = max(0.0, _kept_waiting(served) - waited)
        pulse.pause = max(pulse.pause, (time.monotonic() - began - lost) * 1000)
        if line.is_lost:  # the server was ended: what had been waited for counts
            return
        await asyncio.sleep(BETWEEN)


def _kept_waiting(served: Served) -> float:
    """Seconds in which another program had the core of the server, or of this one, which has no threads."""
    return served.kept_waiting() + waited_for_core(os.getpid())


async def _look(served: Served, pulse: Pulse, asking: "asyncio.Task[None]") -> None:
    """Watch the memory of the server, and end it where it takes too much."""
    served.forget_peak()
    before = served.memory()
    while True:
        pulse.growth = max(pulse.growth, served.memory("VmHWM") - before)
        if asking.done():
            return
        if pulse.growth > MAX_GROWTH:
            os.kill(served.pid, signal.SIGKILL)
            return
        await asyncio.sleep(LOOK_AGAIN)
