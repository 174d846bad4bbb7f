"""The table of commands and use-cases, and what a socket does at a closed door."""

import json
import uuid
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.busy import busy, has_asked
from tests.support.client import Browser
from tests.support.live_stage import Stage
from tests.support.people import answer_to
from tests.support.replies import ask, settle
from tests.support.server import Server
from vision_chat import commands, events
from vision_chat.consumers import TRY_AGAIN, USE_CASES, ChatConsumer
from vision_chat.server.inbox import MAX_TOLD
from vision_chat.server.subscriptions import Subscriptions
from vision_chat.services.accounts.sessions import SocketSession
from vision_chat.services.presentation.messages import message_created, views_of_rows
from vision_chat.services.replies.history import Cursor
from vision_chat.services.site import relay

BY_THE_CONSUMER = {commands.ConversationWatch, commands.TurnPreview}
"""It needs the socket itself: what it shows, and what it follows."""


def test_every_command_has_a_use_case_or_is_carried_out_by_the_consumer() -> None:
    assert set(USE_CASES) | BY_THE_CONSUMER == set(commands.COMMANDS.values())
    assert not set(USE_CASES) & BY_THE_CONSUMER


@pytest.mark.each_database
def test_a_turn_at_a_closed_door_is_asked_again_where_another_process_may_take_it(
    server: Server, browser: Browser
) -> None:
    socket = browser.socket()
    server.now(server.runtime.runner.close_door, 5.0)
    socket.submit("Hello")

    if server.runtime.mirroring is None:
        assert socket.wait_for("error")["code"] == "server.shutting_down"
    else:
        assert socket.wait_closed() == TRY_AGAIN


@pytest.mark.each_database
def test_only_beside_other_processes_a_reply_that_has_ended_already_is_looked_for(
    server: Server, browser: Browser, ann: User
) -> None:
    conversation = factories.conversation(ann)
    socket, shown = browser.socket(), str(conversation.pk)
    done = socket.send("conversation.watch", conversation_id=shown, leaf_id=None, cursors={})
    socket.wait_for("request.done", request_id=done)
    reply = factories.turn(conversation, "Before?")
    told = [message_created(conversation.pk, view) for view in views_of_rows([reply])]
    server.call(relay.broadcast(ann.pk, *told, events.ConversationSettled(conversation_id=shown)))
    socket.wait_for("conversation.settled")

    kinds = [event["type"] for event in socket.events]
    assert ("ping" in kinds) == server.runtime.mirrors.has_link


class Page(ChatConsumer):
    """A socket that keeps what it sends, in a process that does not know where any reply runs."""

    def __init__(self, conversation_id: uuid.UUID) -> None:
        self.sent: list[str] = []
        self.conversation_id, self.is_closing = conversation_id, False
        self.subscriptions = Subscriptions(self.emit, self.close_socket)
        self.runtime = cast(Any, SimpleNamespace(runner=SimpleNamespace(live=lambda _: None)))
        self.context = cast(Any, SimpleNamespace(mirrors=self, has_others=True))

    async def running(self, reply_id: int) -> None:
        return None

    async def send(self, text_data: str | None = None, **_: object) -> None:  # type: ignore[override]  # as that of Channels
        self.sent.append(text_data or "")


async def test_news_of_a_reply_that_is_followed_is_not_sent_where_nobody_knows_where_it_runs() -> None:
    """Its text would be reset, and what is appended then would not fit."""
    stage, page = Stage(), Page(uuid.uuid4())
    page.subscriptions.add(stage.reply, Cursor())
    await stage.say("Hello")
    begun = len(page.sent)
    conversation_id = str(page.conversation_id)
    created = events.MessageCreated(
        conversation_id=conversation_id, message_id="7", parent_id="6", role="assistant", html=""
    )
    await page.relay_broadcast({"frames": [list(relay.Frame.of(created))]})
    await stage.say(" there")
    await stage.settle()

    kinds = [json.loads(text)["type"] for text in page.sent]
    assert "message.created" not in kinds
    assert len(kinds) > begun
    assert kinds[-1] == "reply.settled"


async def test_a_socket_stays_where_its_session_cannot_be_checked_again() -> None:
    class Failing:
        async def check(self, *_: object) -> None:
            raise OperationalError("away")

    page = Page(uuid.uuid4())
    page.runtime = cast(Any, SimpleNamespace(socket_checks=Failing()))
    page.session = SocketSession("key")
    await page.relay_recheck({"type": "relay.recheck"})

    assert [json.loads(text)["type"] for text in page.sent] == ["ping"]
    assert not page.is_closing


@pytest.mark.each_database
def test_a_page_that_comes_back_with_the_revision_is_sent_nothing_until_something_happens(
    server: Server, browser: Browser
) -> None:
    turn = ask(browser)
    turn.settle()
    revision = watched(browser, turn.conversation, None)[-1].get("revision")
    assert (revision is not None) == server.runtime.mirrors.has_link
    if revision is None:
        return

    # its thread is not even read: it would be sent to a page that shows none
    assert [event["type"] for event in watched(browser, turn.conversation, revision)] == ["request.done"]
    turn.socket.submit("And now?", conversation_id=turn.conversation)
    settle(turn.socket, turn.socket.reply_id())
    came = watched(browser, turn.conversation, revision)
    assert [event["type"] for event in came] == ["message.created"] * 4 + ["request.done"]
    assert came[-1]["revision"] != revision


@pytest.mark.each_database
def test_a_page_gets_no_revision_while_a_reply_runs_nor_where_it_is_out_of_date(
    server: Server, browser: Browser
) -> None:
    turn = ask(browser, scenarios.step("One two"))
    turn.begin(1)
    running = watched(browser, turn.conversation, None)
    turn.stop()
    turn.settle()
    stale = watched(browser, turn.conversation, None, tree_revision=-1)

    assert "revision" not in running[-1]
    assert [event["type"] for event in stale] == ["conversation.stale", "request.done"]
    assert "revision" not in stale[-1]


@pytest.mark.each_database
@pytest.mark.parametrize("revision", ["None", ""])
def test_no_revision_opens_what_the_person_does_not_see(
    browser: Browser, stranger: User, revision: str
) -> None:
    socket = browser.socket()
    for conversation_id in (factories.conversation(stranger).pk, uuid.uuid4()):
        page: dict[str, Any] = {"conversation_id": str(conversation_id), "leaf_id": None, "cursors": {}}
        asked = socket.send("conversation.watch", **page, revision=revision)
        assert answer_to(socket, asked) == "conversation.not_found"


def watched(
    browser: Browser, conversation: str, revision: str | None, **fields: object
) -> list[dict[str, Any]]:
    """What a page that shows nothing is sent when it comes with this revision, up to the answer."""
    socket = browser.socket()
    page: dict[str, Any] = {
        "conversation_id": conversation,
        "leaf_id": None,
        "cursors": {},
        "revision": revision,
    }
    done = socket.send("conversation.watch", **page, **fields)
    socket.wait_for("request.done", request_id=done)
    socket.close()
    return [event for event in socket.events if event["type"] != "reply.blocks"]


@pytest.mark.each_database
def test_a_socket_that_is_told_more_than_it_can_handle_is_closed_so_that_its_page_comes_again(
    server: Server, browser: Browser, ann: User
) -> None:
    socket = browser.socket()
    server.until(lambda: relay.count_sockets(ann.pk) == 1)
    with busy(server, server.runtime.writer):
        socket.submit("Hello")
        server.until(lambda: has_asked(server, server.runtime.writer, ann.pk))
        server.now(flood, ann.pk)

    assert socket.wait_closed() == TRY_AGAIN


def flood(person_id: int) -> None:
    """Tell the sockets of a person more than one can keep."""
    for _ in range(MAX_TOLD + 1):
        relay._tell(person_id, {"type": "relay.broadcast", "frames": []})
