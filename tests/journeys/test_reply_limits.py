"""Replies beyond the limits, on the running server: refused with a sentence, or waiting for a place."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.people import answer_to
from tests.support.replies import generation
from tests.support.server import Server, running_server
from vision_chat.models import Conversation
from vision_chat.models.generation import Status

HELD = scenarios.step("One two three.")


@pytest.fixture
def narrow(transactional_db: None) -> Iterator[Server]:
    """A server that writes one reply at a time, and lets one wait."""
    with running_server(max_replies=1, max_waiting_replies=1) as server:
        yield server


@pytest.fixture
def people(narrow: Server, ann: User) -> Iterator[list[Browser]]:
    browsers = [Browser(narrow, person) for person in (ann, *map(User.objects.create_user, ("bea", "cid")))]
    yield browsers
    for browser in browsers:
        browser.close()


def test_a_person_s_fifth_running_reply_is_refused_until_one_ends(server: Server, browser: Browser) -> None:
    server.fake.script(*[HELD] * 6)
    socket = browser.socket()
    replies = []
    for _ in range(4):
        socket.submit("Hello")
        replies.append(socket.reply_id())
    socket.submit("One more")
    refused = socket.wait_for("error")
    assert refused["code"] == "turn.too_many_replies"
    assert "Wait until one is complete or stop one" in refused["message"]

    socket.send("generation.stop", message_id=replies[0])
    server.until(lambda: generation(replies[0]).status == Status.STOPPED)
    socket.submit("Once more")
    assert socket.reply_id() not in replies
    assert Conversation.objects.count() == 5


@pytest.mark.each_database
def test_many_questions_at_once_of_one_person_make_four_replies(server: Server, browser: Browser) -> None:
    server.fake.script(*[HELD] * 4)
    sockets = [browser.socket() for _ in range(5)]
    for socket in sockets:
        for _ in range(6):
            socket.submit("Hello")
    for socket in sockets:
        answer_to(socket, socket.send("generation.stop", message_id="1"))  # behind all of them

    assert Conversation.objects.count() == 4


def test_a_reply_waits_for_its_place_and_one_more_is_refused(narrow: Server, people: list[Browser]) -> None:
    narrow.fake.script(HELD, scenarios.say("At last."))
    ann, bea, cid = (browser.socket() for browser in people)
    ann.submit("Hello")
    first = ann.reply_id()
    call = narrow.next_call()
    bea.submit("Hello")
    waiting = bea.reply_id()
    cid.submit("Hello")
    refused = cid.wait_for("error")
    assert refused["code"] == "turn.no_place"
    assert "try again in a minute" in refused["message"]

    assert bea.wait_for("reply.note", message_id=waiting)["text"].endswith("Yours is next.")

    call.release(100)
    ann.wait_for("reply.settled", message_id=first)
    assert bea.wait_for("reply.settled", message_id=waiting)["status"] == "completed"


def test_a_reply_that_waits_can_be_stopped(narrow: Server, people: list[Browser]) -> None:
    narrow.fake.script(HELD)
    ann, bea = people[0].socket(), people[1].socket()
    ann.submit("Hello")
    ann.reply_id()
    narrow.next_call()
    bea.submit("Hello")
    waiting = bea.reply_id()
    bea.send("generation.stop", message_id=waiting)

    assert bea.wait_for("reply.settled", message_id=waiting)["status"] == "stopped"
    assert len(narrow.fake.calls) == 1


def test_a_reply_that_waits_when_the_server_ends_is_interrupted_with_a_way_on(
    narrow: Server, people: list[Browser]
) -> None:
    narrow.fake.script(HELD)
    ann, bea = people[0].socket(), people[1].socket()
    ann.submit("Hello")
    ann.reply_id()
    conversation = bea.submit("Hello")
    waiting = bea.reply_id()
    ann.close()
    bea.close()
    narrow.stop()
    assert generation(waiting).status == Status.INTERRUPTED

    narrow.start()
    page = people[1].http.get(f"{narrow.url}/c/{conversation}/").text
    assert 'data-command="turn.regenerate"' in page
