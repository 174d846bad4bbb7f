"""Turns of people at blocking work."""

import asyncio
import threading

import pytest

from tests.support.server import PATIENCE
from vision_chat.services.sharing.person_turns import PersonTurns

THREADS = 4


async def test_who_asks_for_much_holds_up_nobody_else() -> None:
    in_turn = PersonTurns("test", THREADS).run
    may_end = threading.Event()
    asked = [asyncio.create_task(in_turn("mallory", may_end.wait, PATIENCE)) for _ in range(THREADS * 3)]
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        assert await in_turn("ann", str, 7) == "7"
        assert await asyncio.to_thread(str, 8) == "8"
    may_end.set()
    assert all(await asyncio.gather(*asked))


async def test_who_hangs_up_has_the_next_turn_only_after_the_call_has_ended() -> None:
    in_turn = PersonTurns("test", THREADS).run
    may_end, begun = threading.Event(), threading.Event()

    def wait() -> bool:
        begun.set()
        return may_end.wait(PATIENCE)

    first = asyncio.create_task(in_turn("mallory", wait))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    first.cancel()
    second = asyncio.create_task(in_turn("mallory", may_end.is_set))
    with pytest.raises(asyncio.CancelledError):
        await first
    may_end.set()

    assert await second
