"""Close the tab of a turn at every moment, and see what becomes of it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import ask, generation, saved_text, settle, watch
from tests.support.server import PATIENCE, Server
from vision_chat.models.generation import Status

ANSWER = "# Title\n\nSome **bold** text.\n\n- one\n- two\n\nThe end."


def test_other_tabs_hear_of_a_turn_whose_own_tab_closed_at_once(server: Server, browser: Browser) -> None:
    turn = ask(browser)
    turn.settle()
    other = watch(browser, turn.conversation)
    other.wait_for("request.done")
    connections = server.open_connections()
    with busy_writer(server):
        turn.socket.submit("And then?", turn.conversation)
        turn.socket.abort()
        server.until(lambda: server.open_connections() == connections - 1)

    while "And then?" not in other.wait_for("message.created", role="user")["html"]:
        """The question before, through Redis."""
    assert settle(other, other.reply_id())["status"] == "completed"


@contextmanager
def busy_writer(server: Server) -> Iterator[None]:
    """Hold the writer, so that what is to be written waits until this is over."""
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go_on.wait(PATIENCE)

    async def hold() -> "asyncio.Task[None]":
        return asyncio.create_task(server.runtime.writer.run(wait))

    held = server.call(hold())
    assert begun.wait(PATIENCE)
    yield
    go_on.set()
    server.until(held.done)


def test_a_closed_tab_loses_nothing(server: Server, browser: Browser) -> None:
    turn = ask(browser, scenarios.step(ANSWER))
    call = turn.begin(3)
    turn.socket.close()
    call.release(1000)

    server.until(lambda: generation(turn.reply).status == Status.COMPLETED)
    assert saved_text(turn.reply) == ANSWER
