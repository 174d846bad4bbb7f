import asyncio
from collections.abc import AsyncIterator

import pytest

from vision_chat.services.completions.timeouts import MovingDeadline

SHORT, LONG = 0.02, 30.0  # seconds; time itself is the subject here, so a little of it has to pass


@pytest.fixture
async def deadline() -> AsyncIterator[MovingDeadline]:
    deadline = MovingDeadline()
    yield deadline
    deadline.close()


def now() -> float:
    return asyncio.get_running_loop().time()


async def never() -> None:
    await asyncio.Event().wait()


async def wait(deadline: MovingDeadline, seconds: float) -> None:
    with deadline.until(now() + seconds):
        await never()


@pytest.mark.parametrize("seconds", [SHORT, 0, -1])
async def test_what_takes_too_long_times_out(deadline: MovingDeadline, seconds: float) -> None:
    with pytest.raises(TimeoutError):
        await wait(deadline, seconds)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_it_can_time_out_again(deadline: MovingDeadline) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await wait(deadline, SHORT)


async def test_a_later_deadline_moves_the_earlier_one_away(deadline: MovingDeadline) -> None:
    with deadline.until(now() + SHORT):
        await asyncio.sleep(0)
    with deadline.until(now() + SHORT * 3):
        await asyncio.wait_for(asyncio.shield(asyncio.sleep(SHORT * 2)), LONG)


async def test_a_deadline_is_moved_away_from_inside(deadline: MovingDeadline) -> None:
    with deadline.until(now() + SHORT):
        deadline.until(now() + LONG)
        await asyncio.sleep(SHORT * 2)


async def test_a_deadline_is_moved_nearer_from_inside(deadline: MovingDeadline) -> None:
    async def wait_less() -> None:
        deadline.until(now() + SHORT)
        await never()

    with pytest.raises(TimeoutError), deadline.until(now() + LONG):
        await wait_less()


async def test_an_earlier_deadline_counts_at_once(deadline: MovingDeadline) -> None:
    with deadline.until(now() + LONG):
        await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await wait(deadline, SHORT)


async def test_time_outside_is_not_counted(deadline: MovingDeadline) -> None:
    with deadline.until(now() + SHORT):
        pass
    await asyncio.sleep(SHORT * 2)
    with pytest.raises(TimeoutError):
        await wait(deadline, SHORT)


async def test_a_cancellation_from_outside_stays_one(deadline: MovingDeadline) -> None:
    task = asyncio.create_task(wait(deadline, LONG))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_from_outside_wins_over_the_deadline(deadline: MovingDeadline) -> None:
    at = now() + SHORT
    task = asyncio.create_task(wait(deadline, SHORT))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_at(at, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_an_error_inside_is_its_own(deadline: MovingDeadline) -> None:
    with pytest.raises(KeyError), deadline.until(now() + LONG):
        raise KeyError


async def test_a_closed_deadline_leaves_no_timer() -> None:
    deadline = MovingDeadline()
    with deadline.until(now() + SHORT):
        pass
    deadline.close()
    deadline.close()
    await asyncio.sleep(SHORT * 2)

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
