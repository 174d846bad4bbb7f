import asyncio

import pytest

from vision_chat.services.sharing.single_flight import SingleFlight


async def test_work_under_one_key_is_done_once_and_again_when_it_is_over() -> None:
    flight: SingleFlight[int] = SingleFlight()
    begun: list[str] = []

    async def work() -> int:
        begun.append("work")
        await asyncio.sleep(0)
        return len(begun)

    assert await asyncio.gather(*(flight.run("key", work) for _ in range(5))) == [1] * 5
    assert await flight.run("key", work) == 2


async def test_who_gives_up_takes_the_result_from_nobody() -> None:
    flight: SingleFlight[str] = SingleFlight()
    may_end = asyncio.Event()

    async def work() -> str:
        await may_end.wait()
        return "done"

    first, second = (asyncio.create_task(flight.run("key", work)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    may_end.set()
    assert await second == "done"
    assert first.cancelled()


async def test_a_failure_reaches_all_who_wait() -> None:
    flight: SingleFlight[str] = SingleFlight()

    async def work() -> str:
        raise KeyError("lost")

    for result in await asyncio.gather(*(flight.run("key", work) for _ in range(2)), return_exceptions=True):
        assert isinstance(result, KeyError)
    with pytest.raises(KeyError):
        await flight.run("key", work)
