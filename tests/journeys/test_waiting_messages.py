"""A question asked while an answer is written, over sockets, other tabs, ends and kills of the server."""

import html
import json
import re
import signal
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories, sample_images
from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser, Socket
from tests.support.people import answer_to
from tests.support.programs import endpoint_program
from tests.support.replies import Turn, ask, generation, saved_text, settle, watch
from tests.support.server import Server, running_server, until
from tests.support.started import SetUp, Start, Visit
from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.generation import Status

HELD = scenarios.step("One two three.")
SECOND = scenarios.say("The second answer.")


def wait_behind(turn: Turn, text: str = "And then?", **fields: Any) -> dict[str, Any]:
    """Submit a message while the reply runs; the event that tells of it."""
    turn.socket.submit(text, turn.conversation, **fields)
    return created(turn.socket, "data-waiting")


def created(socket: Socket, *words: str, role: str = "user") -> dict[str, Any]:
    while True:
        event = socket.wait_for("message.created", role=role)
        if all(word in event["html"] for word in words):
            return event


@pytest.mark.each_database
def test_a_message_that_waits_is_sent_at_the_end_of_the_answer_and_answered(browser: Browser) -> None:
    turn = ask(browser, HELD, SECOND)
    call = turn.begin(1)
    waiting = wait_behind(turn)
    assert waiting["parent_id"] == turn.reply
    call.release(100)
    sent = created(turn.socket)
    assert (sent["message_id"], "data-waiting" in sent["html"]) == (waiting["message_id"], False)
    second = turn.socket.reply_id()
    settle(turn.socket, second)

    assert saved_text(second) == "The second answer."
    body = browser.server.next_call().body["messages"]
    assert [message["content"] for message in body] == ["Hello", "One two three.", "And then?"]


@pytest.mark.each_database
def test_every_tab_sees_the_message_wait_and_go(
    open_browser: Callable[..., Browser], ann: User, browser: Browser
) -> None:
    turn = ask(browser, HELD, SECOND)
    call = turn.begin(1)
    other = watch(open_browser(ann), turn.conversation, turn.reply, {turn.reply: 0})
    other.wait_for("request.done")
    waiting = wait_behind(turn)["message_id"]
    assert created(other, "data-waiting")["message_id"] == waiting
    call.release(100)

    assert created(other)["message_id"] == waiting
    settle(other, other.reply_id())


def test_a_message_that_waits_goes_though_nobody_watches(browser: Browser) -> None:
    turn = ask(browser, HELD, SECOND)
    call = turn.begin(1)
    wait_behind(turn)
    turn.socket.close()
    call.release(100)
    browser.server.until(
        lambda: (
            Message.objects.filter(text="The second answer.").exists()
            and not Generation.objects.running().exists()
        )
    )
    page = browser.get(f"/c/{turn.conversation}/").text

    assert page.count("<article") == 4
    assert "data-waiting" not in page


def test_the_page_shows_what_waits_with_the_draft_that_it_was(browser: Browser) -> None:
    image = browser.upload(sample_images.encoded(sample_images.chart(), "PNG"), "a & b.png").json()
    turn = ask(browser, HELD)
    turn.begin(1)
    wait_behind(turn, 'Is "this" <b>?', image_ids=[image["id"]])
    page = browser.get(f"/c/{turn.conversation}/").text

    (attribute,) = re.findall(r'data-waiting data-draft="([^"]*)"', page)
    draft = json.loads(html.unescape(attribute))
    assert draft["text"] == 'Is "this" <b>?'
    assert draft["images"] == [
        {name: image[name] for name in ("id", "name", "thumbnail_url", "notes")} | {"choice": {}},
    ]
    for label in ("Change", "Withdraw", "Send now"):
        assert f">{label}</button>" in page


def test_a_second_message_is_refused_and_the_first_one_waits_on(browser: Browser) -> None:
    turn = ask(browser, HELD)
    turn.begin(1)
    wait_behind(turn)
    turn.socket.submit("And another?", turn.conversation)

    refused = turn.socket.wait_for("error")
    assert refused["code"] == "turn.message_waits"
    assert refused["message"] == "You already have a waiting message. Send, change or withdraw it first."
    assert Message.objects.filter(state="waiting").count() == 1


def test_a_submit_that_is_sent_again_is_the_message_that_waits(browser: Browser) -> None:
    turn, client_id = ask(browser, HELD), str(uuid.uuid4())
    turn.begin(1)
    first = wait_behind(turn, client_id=client_id)

    assert wait_behind(turn, client_id=client_id) == first


@pytest.mark.each_database
def test_after_a_stop_the_message_asks_and_goes_when_it_is_told_to(browser: Browser) -> None:
    turn = ask(browser, HELD, SECOND)
    turn.begin(1)
    waiting = wait_behind(turn)["message_id"]
    turn.stop()
    created(turn.socket, "The last answer was stopped. Send this anyway?")
    turn.socket.send("turn.send", message_id=waiting)
    settle(turn.socket, turn.socket.reply_id())

    assert Conversation.objects.get().messages.filter(state="sent").count() == 4


@pytest.mark.each_database
def test_send_now_stops_the_answer_at_the_endpoint_and_sends_the_message(browser: Browser) -> None:
    turn = ask(browser, HELD, SECOND)
    call = turn.begin(1)
    waiting = wait_behind(turn)["message_id"]
    request = turn.socket.send("turn.send", message_id=waiting)
    assert answer_to(turn.socket, request) == "done"
    call.wait_closed()
    browser.server.until(lambda: Message.objects.filter(text="The second answer.").exists())

    assert generation(turn.reply).status == Status.STOPPED
    assert answer_to(turn.socket, turn.socket.send("turn.send", message_id=waiting)) == "done"
    assert Message.objects.count() == 4


def test_a_message_that_is_withdrawn_goes_from_every_tab(
    browser: Browser, open_browser: Callable[..., Browser], ann: User
) -> None:
    turn = ask(browser, HELD)
    call = turn.begin(1)
    other = watch(open_browser(ann), turn.conversation, turn.reply, {turn.reply: 0})
    other.wait_for("request.done")
    waiting = wait_behind(turn)["message_id"]
    assert browser.post(f"/messages/{waiting}/withdraw/").status_code == 204
    assert browser.post(f"/messages/{waiting}/withdraw/").status_code == 404

    for socket in (turn.socket, other):
        assert socket.wait_for("message.removed")["message_id"] == waiting
    call.release(100)
    turn.settle()
    assert Message.objects.count() == 2


def test_a_page_that_comes_back_shows_the_message_as_it_is_by_then(browser: Browser) -> None:
    turn = ask(browser, HELD, SECOND)
    call = turn.begin(1)
    waiting = wait_behind(turn)["message_id"]
    shown = watch(browser, turn.conversation, waiting, {turn.reply: 0})
    assert created(shown, "data-waiting")["message_id"] == waiting
    call.release(100)
    second = created(turn.socket, role="assistant")["message_id"]
    settle(turn.socket, second)
    away = watch(browser, turn.conversation, waiting, {turn.reply: 0})

    assert "data-waiting" not in created(away)["html"]
    assert away.reply_id() == second


def test_a_page_that_shows_what_was_withdrawn_meanwhile_fetches_itself_again(browser: Browser) -> None:
    turn = ask(browser, HELD)
    turn.begin(1)
    waiting = wait_behind(turn)["message_id"]
    browser.post(f"/messages/{waiting}/withdraw/")

    assert watch(browser, turn.conversation, waiting).wait_for("conversation.stale")


def test_a_failed_answer_is_asked_for_again_and_the_message_follows_the_new_one(browser: Browser) -> None:
    turn = ask(browser, scenarios.hang_midway(), HELD, SECOND)
    turn.wait_for_text()
    wait_behind(turn)
    turn.stop()
    created(turn.socket, "Send this anyway?")
    turn.socket.send("turn.regenerate", message_id=turn.reply)
    again = turn.socket.reply_id()
    assert created(turn.socket, "when the answer is complete")["parent_id"] == again
    browser.server.next_call()
    browser.server.next_call().release(100)
    settle(turn.socket, turn.socket.reply_id())

    assert saved_text(again) == "One two three."


def test_an_answer_that_goes_on_sends_the_message_at_its_end(browser: Browser) -> None:
    turn = ask(browser, scenarios.hang_midway("One"), scenarios.say(" two."), SECOND)
    turn.wait_for_text()
    wait_behind(turn)
    turn.stop()
    created(turn.socket, "Send this anyway?")
    turn.socket.send("turn.continue", message_id=turn.reply)
    assert turn.socket.reply_id() == turn.reply
    settle(turn.socket, turn.socket.reply_id())

    assert saved_text(turn.reply) == "One two."


def test_a_deleted_conversation_sends_nothing_and_keeps_the_message_for_its_return(browser: Browser) -> None:
    turn = ask(browser, HELD)
    turn.begin(1)
    wait_behind(turn)
    browser.post(f"/c/{turn.conversation}/delete/")
    browser.server.until(lambda: generation(turn.reply).status == Status.STOPPED)
    browser.post(f"/c/{turn.conversation}/restore/")

    assert "Send this anyway?" in browser.get(f"/c/{turn.conversation}/").text
    assert Message.objects.count() == 3


def texts(data_dir: Path) -> list[str]:
    """The texts of all messages."""
    with closing(sqlite3.connect(f"file:{data_dir}/db.sqlite3?mode=ro", uri=True)) as database:
        return [text for (text,) in database.execute("SELECT text FROM vision_chat_message")]


@pytest.mark.long
def test_killed_while_a_message_waits_the_server_comes_back_with_it_and_asks(
    start: Start, visit: Visit, set_up: SetUp, data_dir: Path
) -> None:
    with endpoint_program() as base_url:
        program = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision")
        browser = set_up(program)
        socket = browser.socket()
        conversation = socket.submit("[scenario: hang_midway]")
        reply = socket.reply_id()
        socket.wait_for("reply.blocks")
        socket.submit("And then?", conversation)
        waiting = created(socket, "data-waiting")["message_id"]
        until(lambda: "The answer begins" in texts(data_dir))  # or the endpoint would find its marker again
        program.end(signal.SIGKILL)
        again = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision")
        returned = visit(again, browser.cookies["sessionid"])
        page = returned.get(f"/c/{conversation}/").text
        assert "The last answer was interrupted. Send this anyway?" in page
        after = watch(returned, conversation, waiting, {reply: 0})
        after.wait_for("request.done")
        after.send("turn.send", message_id=waiting)
        second = after.reply_id()
        after.wait_for("reply.settled", message_id=second, status="completed")

    assert page.count("data-waiting") == 1


@pytest.mark.each_database
def test_a_message_that_a_process_has_left_is_sent_when_the_next_one_starts(
    ann: User, transactional_db: None
) -> None:
    reply = factories.turn(factories.conversation(ann))
    waiting = factories.waiting_for(reply)
    with running_server(model_name=factories.MODEL) as server:
        server.until(lambda: Message.objects.filter(parent=waiting, text=scenarios.HELLO).exists())

    assert Message.objects.get(pk=waiting.pk).state == "sent"
    assert Message.objects.count() == 4


@pytest.mark.usefixtures("reading_without_reasons")
def test_what_waits_is_no_part_of_the_conversation_for_reviewers(
    server: Server, administrator: User, ann: User
) -> None:
    reply = factories.turn(factories.conversation(ann))
    factories.waiting_for(reply, "Unsent words", factories.image(ann, "unsent.jpg"))
    Generation.objects.update(status=Status.STOPPED)
    reviewer = Browser(server, administrator)
    address = "/admin/vision_chat/conversation/"
    transcript = reviewer.get(f"{address}{reply.conversation_id}/change/").text
    found = reviewer.get(f"{address}?q=Unsent").text
    reviewer.close()

    assert "A staircase." in transcript
    assert "Unsent words" not in transcript
    assert "unsent.jpg" not in transcript
    assert str(reply.conversation_id) not in found
