"""What becomes of a turn whose tab closes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import generation, settle
from tests.support.server import PATIENCE, Server
from vision_chat.models import Message
from vision_chat.models.generation import Status

ANSWER = "# Title\n\nSome **bold** text.\n\n- one\n- two\n\nThe end."


def test_other_tabs_hear_of_a_turn_whose_own_tab_closed_at_once(server: Server, browser: Browser) -> None:
    tab, other = browser.socket(), browser.socket()
    conversation = tab.submit("Hello")
    settle(tab, tab.reply_id())
    other.send("conversation.watch", conversation_id=conversation, leaf_id=None, cursors={})
    other.wait_for("request.done")
    connections = server.open_connections()
    with busy_writer(server):
        tab.submit("And then?", conversation)
        tab.abort()
        server.until(lambda: server.open_connections() == connections - 1)

    while "And then?" not in other.wait_for("message.created", role="user")["html"]:
        """The question before, through Redis."""
    assert settle(other, other.reply_id())["status"] == "completed"


@contextmanager
def busy_writer(server: Server) -> Iterator[None]:
    """What is to be written waits until this is over."""
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go_on.wait(PATIENCE)

    async def hold() -> "asyncio.Task[None]":
        return asyncio.create_task(server.process.writer.run(wait))

    held = server.call(hold())
    assert begun.wait(PATIENCE)
    yield
    go_on.set()
    server.until(held.done)


def test_a_closed_tab_loses_nothing(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.step(ANSWER))
    socket = browser.socket()
    socket.submit("Hello")
    reply = socket.reply_id()
    call = server.next_call()
    call.release(3)
    socket.wait_for("reply.blocks")
    socket.close()
    call.release(1000)

    server.until(lambda: generation(reply).status == Status.COMPLETED)
    assert Message.objects.get(pk=reply).text == ANSWER
