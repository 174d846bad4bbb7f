"""Replies beyond the limits, on the running server: refused with a sentence, or waiting for a place."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.people import answer_to
from tests.support.replies import generation, saved_text, settle, watch
from tests.support.server import Server, running_server
from vision_chat.models import Conversation
from vision_chat.models.generation import Status

HELD = scenarios.step("One two three.")


@pytest.fixture
def narrow(transactional_db: None) -> Iterator[Server]:
    """A server that writes one reply at a time, and lets two wait."""
    with running_server(max_replies=1, max_waiting_replies=2) as server:
        yield server


@pytest.fixture
def people(narrow: Server, ann: User) -> Iterator[list[Browser]]:
    others = map(User.objects.create_user, ("bea", "cid", "dan"))
    browsers = [Browser(narrow, person) for person in (ann, *others)]
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
    narrow.fake.script(HELD, scenarios.say("At last."), scenarios.say("At last."))
    ann, bea, cid, dan = (browser.socket() for browser in people)
    ann.submit("Hello")
    first = ann.reply_id()
    call = narrow.next_call()
    bea.submit("Hello")
    waiting = bea.reply_id()
    cid.submit("Hello")
    last = cid.reply_id()
    dan.submit("Hello")
    refused = dan.wait_for("error")
    assert refused["code"] == "turn.no_place"
    assert "try again in a minute" in refused["message"]

    assert bea.wait_for("reply.note", message_id=waiting)["text"].endswith("Yours is next.")
    note = cid.wait_for("reply.note", message_id=last)
    assert note["text"].endswith("1 ahead of you.")
    assert note["queued"] == 1

    call.release(100)
    ann.wait_for("reply.settled", message_id=first)
    assert bea.wait_for("reply.settled", message_id=waiting)["status"] == "completed"
    assert cid.wait_for("reply.settled", message_id=last)["status"] == "completed"


@pytest.mark.each_database
def test_a_page_that_is_opened_says_how_many_are_ahead_and_follows(
    narrow: Server, people: list[Browser]
) -> None:
    narrow.fake.script(HELD, scenarios.say("Bea’s."), scenarios.say("Cid’s."))
    ann, bea, cid = (browser.socket() for browser in people[:3])
    ann.submit("Hello")
    first = ann.reply_id()
    call = narrow.next_call()
    bea.submit("Hello")
    bea.reply_id()
    conversation = cid.submit("Hello")
    waiting = cid.reply_id()
    cid.close()
    page = people[2].get(f"/c/{conversation}/").text
    assert 'data-queued="1"' in page
    assert "1 ahead of you" in page

    again = watch(people[2], conversation, leaf=waiting, cursors={waiting: 0})
    assert again.wait_for("reply.note", message_id=waiting)["queued"] == 1
    call.release(100)
    ann.wait_for("reply.settled", message_id=first)
    assert settle(again, waiting)["status"] == "completed"


def test_a_reply_that_waits_can_be_stopped_and_those_behind_it_move_on(
    narrow: Server, people: list[Browser]
) -> None:
    narrow.fake.script(HELD)
    ann, bea, cid = (browser.socket() for browser in people[:3])
    ann.submit("Hello")
    ann.reply_id()
    narrow.next_call()
    bea.submit("Hello")
    waiting = bea.reply_id()
    cid.submit("Hello")
    cid.wait_for("reply.note", queued=1)
    bea.send("generation.stop", message_id=waiting)

    assert bea.wait_for("reply.settled", message_id=waiting)["status"] == "stopped"
    cid.wait_for("reply.note", queued=0)
    assert len(narrow.fake.calls) == 1


def test_a_reply_that_waits_when_the_server_ends_is_written_by_the_next(
    narrow: Server, people: list[Browser]
) -> None:
    narrow.fake.script(HELD, scenarios.say("At last."))
    ann, bea = people[0].socket(), people[1].socket()
    ann.submit("Hello")
    first = ann.reply_id()
    narrow.next_call()
    bea.submit("Hello")
    waiting = bea.reply_id()
    ann.close()
    bea.close()
    narrow.stop()
    assert generation(first).status == Status.INTERRUPTED
    assert generation(waiting).is_queued

    narrow.start()
    narrow.until(lambda: generation(waiting).status == Status.COMPLETED)
    assert saved_text(waiting) == "At last."
