"""Close the tab of a turn at every moment, and see what becomes of it."""

import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.busy import busy, has_asked
from tests.support.client import Browser
from tests.support.replies import ask, generation, saved_text, settle, watch
from tests.support.server import Server
from vision_chat.models.generation import Status

pytestmark = pytest.mark.each_database

ANSWER = "# Title\n\nSome **bold** text.\n\n- one\n- two\n\nThe end."


def test_other_tabs_hear_of_a_turn_whose_own_tab_closed_before_it_was_saved(
    server: Server, browser: Browser, ann: User
) -> None:
    turn = ask(browser)
    turn.settle()
    other = watch(browser, turn.conversation)
    other.wait_for("request.done")
    connections = server.open_connections()
    with busy(server, server.runtime.writer):
        turn.socket.submit("And then?", turn.conversation)
        server.until(lambda: has_asked(server, server.runtime.writer, ann.pk))
        turn.socket.abort()
        server.until(lambda: server.open_connections() == connections - 1)

    while "And then?" not in other.wait_for("message.created", role="user")["html"]:
        """The question before, through Redis."""
    assert settle(other, other.reply_id())["status"] == "completed"


def test_a_closed_tab_loses_nothing(server: Server, browser: Browser) -> None:
    turn = ask(browser, scenarios.step(ANSWER))
    call = turn.begin(3)
    turn.socket.close()
    call.release(1000)

    server.until(lambda: generation(turn.reply).status == Status.COMPLETED)
    assert saved_text(turn.reply) == ANSWER
