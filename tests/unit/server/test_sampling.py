"""A sample of a process."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from tests.support.metrics import noted
from tests.support.told import Told
from vision_chat.server.sampling import Sampling, look_at_loop
from vision_chat.services.metrics import measured
from vision_chat.services.replies.runner import Counts
from vision_chat.services.site import relay


def sampling(cpu: Callable[[], float]) -> Sampling:
    runner = SimpleNamespace(counts=lambda: Counts(running=2, queued=1))
    threads = [
        SimpleNamespace(name="writer", waiting_count=4),
        SimpleNamespace(name="reader", waiting_count=0),
    ]
    images = SimpleNamespace(waiting_count=3)
    return Sampling(cast(Any, runner), cast(Any, images), cast(Any, threads), cpu, 0.0)


async def test_a_sample_says_what_the_process_holds() -> None:
    before = relay.count_all_sockets()
    with Told(7), noted(*measured.ALL) as seen:
        sampling(lambda: 1.5).sample()

    for instrument, value in {
        measured.REPLIES_RUNNING: 2,
        measured.REPLIES_QUEUED: 1,
        measured.SOCKETS: before + 1,
        measured.IMAGES_QUEUED: 3,
        measured.PROCESSES: 1,
        measured.CPU: 1.5,
    }.items():
        assert seen.of(instrument) == {(): value}, instrument.name
    assert seen.of(measured.JOBS_QUEUED) == {("writer",): 4, ("reader",): 0}
    assert seen.of(measured.MEMORY)[()] > 10_000_000
    assert seen.of(measured.DESCRIPTORS)[()] > 2
    assert seen.of(measured.TASKS)[()] >= 1


async def test_time_of_processors_is_counted_as_it_grows() -> None:
    with noted(*measured.ALL) as seen:
        taken = sampling(iter([1.0, 1.5, 4.0]).__next__)
        for _ in range(3):
            taken.sample()

    assert seen.of(measured.CPU) == {(): 4.0}


async def test_a_loop_that_was_busy_is_late() -> None:
    loop = asyncio.get_running_loop()
    busy_until = loop.time() + 0.02

    def hold() -> None:
        while loop.time() < busy_until:
            pass

    loop.call_soon(hold)
    with noted(measured.LOOP_LAG) as seen:
        await look_at_loop(0.001)

    assert seen.of(measured.LOOP_LAG)[()] > 0.01


async def test_samples_are_taken_again_and_again() -> None:
    enough = asyncio.Event()

    def cpu() -> float:
        calls.append(1)
        if len(calls) == 3:
            enough.set()
        return float(len(calls))

    calls: list[int] = []
    with noted(*measured.ALL) as seen:
        running = asyncio.create_task(sampling(cpu).run())
        await enough.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert seen.of(measured.LOOP_LAG)
