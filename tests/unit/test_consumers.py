"""The table of commands and use-cases, and what a socket does at a closed door."""

import pytest

from tests.support.client import Browser
from tests.support.server import Server
from vision_chat import events
from vision_chat.consumers import TRY_AGAIN, USE_CASES

BY_THE_CONSUMER = {events.ConversationWatch, events.TurnPreview}
"""It needs the socket itself: what it shows, and what it follows."""


def test_every_command_has_a_use_case_or_is_carried_out_by_the_consumer() -> None:
    assert set(USE_CASES) | BY_THE_CONSUMER == set(events.COMMANDS.values())
    assert not set(USE_CASES) & BY_THE_CONSUMER


@pytest.mark.each_database
def test_a_turn_at_a_closed_door_is_asked_again_where_another_process_may_take_it(
    server: Server, browser: Browser
) -> None:
    socket = browser.socket()
    server.now(server.runtime.runner.close_door, 5.0)
    socket.submit("Hello")

    if not server.runtime.mirrors.has_link:
        assert socket.wait_for("error")["code"] == "server.shutting_down"
    else:
        assert socket.wait_closed() == TRY_AGAIN
