"""What waits on a socket: kept in order, dropped at the end, and never more than may."""

import asyncio
from typing import Any

import pytest

from vision_chat.server.inbox import MAX_TOLD, MAX_WAITING, MAX_WAITING_CHARACTERS, Inbox, SocketGoneError

DISCONNECT = {"type": "websocket.disconnect", "code": 1005}


def frame(text: str) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": text}


class Wire:
    """What a server hands on: every message that was put in."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.inbox = Inbox(self.queue.get)
        self.put(*messages)

    def put(self, *messages: dict[str, Any]) -> None:
        for message in messages:
            self.queue.put_nowait(message)

    async def read(self) -> "asyncio.Task[None]":
        task = asyncio.create_task(self.inbox.read())
        for _ in range(self.queue.qsize() + 2):
            await asyncio.sleep(0)
        return task


async def test_messages_come_in_their_order() -> None:
    wire = Wire({"type": "websocket.connect"}, frame("one"), frame("two"))
    reading = await wire.read()
    assert [(await wire.inbox.next()).get("text") for _ in range(3)] == [None, "one", "two"]
    reading.cancel()


async def test_a_message_that_has_not_come_is_waited_for() -> None:
    wire = Wire()
    reading = await wire.read()
    waiting = asyncio.create_task(wire.inbox.next())
    await asyncio.sleep(0)
    wire.put(frame("late"))
    assert await waiting == frame("late")
    reading.cancel()


async def test_a_disconnect_drops_the_frames_that_wait() -> None:
    wire = Wire(frame("one"), frame("two"), DISCONNECT)
    await (await wire.read())
    assert await wire.inbox.next() == DISCONNECT
    assert not wire.inbox.is_flooded


@pytest.mark.parametrize(
    "flood", [[frame("x")] * (MAX_WAITING + 1), [frame("x" * (MAX_WAITING_CHARACTERS // 4))] * 5]
)
async def test_a_flood_ends_the_socket_and_is_dropped(flood: list[dict[str, Any]]) -> None:
    wire = Wire(*flood, frame("never read"))
    await (await wire.read())
    assert wire.inbox.is_flooded
    assert (await wire.inbox.next())["type"] == "websocket.disconnect"
    assert wire.queue.qsize() == 1


async def test_frames_that_are_handled_in_time_are_no_flood() -> None:
    wire = Wire()
    reading = await wire.read()
    for _ in range(MAX_WAITING * 3):
        wire.put(frame("x" * (MAX_WAITING_CHARACTERS // 4)))
        await wire.inbox.next()
    assert not wire.inbox.is_flooded
    reading.cancel()


async def test_work_for_a_socket_that_stays_is_done() -> None:
    async def work() -> str:
        return "done"

    assert await Wire().inbox.unless_gone(work()) == "done"


async def test_an_error_of_the_work_is_raised() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Wire().inbox.unless_gone(work())


async def test_work_for_a_socket_that_goes_is_given_up() -> None:
    wire, was_cancelled = Wire(DISCONNECT), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            was_cancelled.set()

    working = asyncio.create_task(wire.inbox.unless_gone(work()))
    await asyncio.sleep(0)
    await (await wire.read())
    with pytest.raises(SocketGoneError):
        await working
    await asyncio.wait_for(was_cancelled.wait(), 20)


async def test_what_it_is_told_waits_behind_the_frames_that_came_before() -> None:
    wire = Wire(frame("one"))
    reading = await wire.read()
    wire.inbox.tell({"type": "told"})
    wire.put(frame("two"))
    await asyncio.sleep(0)

    assert [(await wire.inbox.next())["type"] for _ in range(2)] == ["websocket.receive", "told"]
    assert await wire.inbox.next() == frame("two")
    reading.cancel()


async def test_what_it_is_told_is_no_flood() -> None:
    wire = Wire(*[frame("")] * MAX_WAITING)
    reading = await wire.read()
    for _ in range(MAX_TOLD):
        wire.inbox.tell({"type": "told"})
    kinds = [(await wire.inbox.next())["type"] for _ in range(MAX_WAITING + MAX_TOLD)]
    wire.put(frame("last"))

    assert kinds.count("told") == MAX_TOLD
    assert not wire.inbox.is_flooded
    assert not wire.inbox.is_behind
    assert await wire.inbox.next() == frame("last")
    reading.cancel()


async def test_a_socket_that_is_told_more_than_may_wait_ends_so_that_its_page_comes_again() -> None:
    wire = Wire(frame("one"))
    reading = await wire.read()
    for _ in range(MAX_TOLD + 1):
        wire.inbox.tell({"type": "told"})

    assert wire.inbox.is_behind
    assert await wire.inbox.next() == {"type": "websocket.disconnect", "code": 1012}
    reading.cancel()


async def test_nothing_is_told_after_the_end() -> None:
    wire = Wire(DISCONNECT)
    await (await wire.read())
    wire.inbox.tell({"type": "told"})
    assert await wire.inbox.next() == DISCONNECT
