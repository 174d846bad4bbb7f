"""Messages between processes are lost: a page that is behind watches again."""

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from tests.support import factories
from tests.support.client import Browser, Socket
from tests.support.environment import redis_database
from tests.support.lossy_layer import LossyLayer
from tests.support.server import Server, running_server
from tests.support.thread_model import ThreadModel
from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.presentation.messages import message_created, message_html, views_of_rows
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.ends import settle
from vision_chat.services.site import relay

pytestmark = pytest.mark.service("TEST_REDIS_URL")


@pytest.fixture
def lose(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], bool]], None]:
    """Let the layer lose messages by their numbers, counted anew."""

    def lose_some(loses: Callable[[int], bool]) -> None:
        monkeypatch.setattr(LossyLayer, "sent", 0)
        monkeypatch.setattr(LossyLayer, "loses", staticmethod(loses))

    return lose_some


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    """One of many processes, as far as it knows."""
    layer = {"default": {"BACKEND": "tests.support.lossy_layer.LossyLayer"}}
    url = redis_database(os.environ["TEST_REDIS_URL"])
    with (
        override_settings(CHANNEL_LAYERS=layer),
        running_server(Server, redis_url=url, database_url="postgres://elsewhere/") as server,
    ):
        yield server


class WatchedPage:
    """A page of the conversation that there is, and its socket."""

    def __init__(self, server: Server, socket: Socket) -> None:
        self._server = server
        self._socket = socket
        self.thread = opened()
        self.watch()

    def watch(self) -> None:
        """Send what the page shows, and take what it lacks."""
        cursors = self.thread.cursors
        conversation_id = str(Conversation.objects.get().pk)
        self._socket.send(
            "conversation.watch",
            conversation_id=conversation_id,
            leaf_id=self.thread.leaf_id,
            cursors=cursors,
            tree_revision=self.thread.tree_revision,
        )
        self.take_until("request.done")

    def take_until(self, kind: str) -> dict[str, Any]:
        event = self._socket.receive()
        while event["type"] != kind:
            if event["type"] != "ping":
                self.thread.apply(event)
            if self.thread.is_stale:
                self.thread = opened()
                self.watch()
            event = self._socket.receive()
        return event

    def look_again(self) -> int:
        """Let the server look whether the page is behind, until it is not; how often it was."""
        times = in_time = 0
        while in_time < 3:  # pings that were due are of before
            self._server.now(relay.look_again)
            if "conversation_id" in self.take_until("ping"):
                times, in_time = times + 1, 0
                self.watch()
            else:
                in_time += 1
        return times


def opened() -> ThreadModel:
    """A page that is opened now."""
    conversation = Conversation.objects.get()
    branch = list(Message.objects.branch_to(conversation.leaf_id).with_details())
    thread = ThreadModel(map(message_html, views_of_rows(branch)))
    thread.tree_revision = conversation.tree_revision
    return thread


def nothing_runs() -> bool:
    return not Generation.objects.running().exists()


def test_a_page_ends_equal_to_one_opened_afresh_where_every_tenth_message_is_lost(
    server: Server, browser: Browser, ann: User, lose: Callable[[Callable[[int], bool]], None]
) -> None:
    asking = browser.socket()
    conversation_id = asking.submit("The first")
    asking.wait_for("request.done")  # else it would be taken for that of the next question
    server.until(lambda: Conversation.objects.exists() and nothing_runs())
    page = WatchedPage(server, browser.socket())
    lose(lambda number: number % 10 == 0)
    for number in range(12):
        asking.submit(f"Question {number}", conversation_id)
        asking.wait_for("request.done")
        server.until(nothing_runs)
    asking.abort()  # it has not read what it was told, which would delay its end
    page.look_again()

    assert page.thread.shown() == opened().shown()


def test_a_page_that_hears_late_that_a_reply_began_which_has_ended_is_told_to_watch_again(
    server: Server, browser: Browser, ann: User
) -> None:
    conversation_id = browser.socket().submit("The first")
    server.until(lambda: Conversation.objects.exists() and nothing_runs())
    reply = factories.turn(Conversation.objects.get(), "The second")
    page = WatchedPage(server, browser.socket())
    assert page.look_again() == 0
    branch = list(Message.objects.branch_to(reply.pk).with_details())[-2:]
    assert branch[1].generation is not None
    branch[1].generation.status = Status.RUNNING  # as when its process told of it
    told = [message_created(uuid.UUID(conversation_id), view) for view in views_of_rows(branch)]
    server.call(relay.broadcast(ann.pk, *told))

    assert page.take_until("ping")["conversation_id"] == conversation_id
    assert page.thread.articles[-1].status == "running"
    page.watch()
    assert page.thread.shown() == opened().shown()


def test_a_page_that_heard_nothing_of_a_turn_is_told_to_watch_again(
    server: Server, browser: Browser, ann: User, lose: Callable[[Callable[[int], bool]], None]
) -> None:
    asking = browser.socket()
    conversation_id = asking.submit("The first")
    asking.wait_for("request.done")  # else it would be taken for that of the next question
    server.until(lambda: Conversation.objects.exists() and nothing_runs())
    page = WatchedPage(server, browser.socket())
    page.look_again()
    lose(bool)
    asking.submit("The second", conversation_id)
    asking.wait_for("request.done")
    server.until(nothing_runs)

    assert page.look_again() > 0
    assert page.thread.shown() == opened().shown()


def interrupted(person: User, text: str) -> Message:
    """The only reply of a new conversation, whose process was taken for dead."""
    conversation = factories.conversation(person)
    return factories.turn(conversation, answer=text, status=Status.INTERRUPTED)


def test_a_page_that_does_not_hear_of_the_rest_of_a_reply_is_told_to_watch_again(
    server: Server, browser: Browser, ann: User
) -> None:
    reply = interrupted(ann, "It leads")
    page = WatchedPage(server, browser.socket())
    assert reply.generation is not None
    settled = settle(
        Checkpoint(reply.generation.pk, reply.pk, "It leads up."), Outcome(Status.COMPLETED, {}, {})
    )

    assert settled.has_grown
    assert page.look_again() > 0
    assert page.thread.shown() == opened().shown()


def test_a_page_that_hears_of_a_turn_and_not_of_the_continuation_before_it_is_told_of_that(
    server: Server, browser: Browser, ann: User, lose: Callable[[Callable[[int], bool]], None]
) -> None:
    reply = interrupted(ann, "It leads")
    page = WatchedPage(server, browser.socket())
    asking = browser.socket()
    lose(bool)
    asking.send("turn.continue", message_id=str(reply.pk))
    asking.wait_for("request.done")
    server.until(nothing_runs)
    lose(lambda _: False)
    asking.submit("And then?", str(reply.conversation_id))
    for _ in ("question", "reply"):
        page.thread.apply(page.take_until("message.created"))
    page.watch()
    server.until(nothing_runs)
    page.look_again()

    assert page.thread.shown() == opened().shown()
