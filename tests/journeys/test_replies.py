"""A reply, from submit to settled, through everything that can happen to it on the way."""

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import afresh, ask, generation, saved_text, settle, shown, watch
from tests.support.server import Server
from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.generation import Status

pytestmark = pytest.mark.each_database

ANSWER = "# Title\n\nSome **bold** text and `code`.\n\n- one\n- two\n\n```python\nprint(1)\n```\n\nThe end."


def test_a_submitted_question_is_answered_and_kept(browser: Browser) -> None:
    turn = ask(browser, scenarios.say(ANSWER), text="What is this?")
    settled = turn.settle()

    assert settled["status"] == "completed"
    assert turn.shown() == afresh(turn.reply)
    assert saved_text(turn.reply) == ANSWER
    assert Conversation.objects.get(pk=turn.conversation).title == "What is this?"
    assert generation(turn.reply).completion.usd_spent is not None


def test_the_page_opened_afresh_shows_the_same_blocks(browser: Browser) -> None:
    turn = ask(browser, scenarios.say(ANSWER))
    turn.settle()

    page = browser.get(f"/c/{turn.conversation}/").text

    for block in turn.shown():
        assert f'<div class="block" dir="auto">{block}</div>' in page


def test_a_submit_is_answered_with_its_request_id(browser: Browser) -> None:
    socket = browser.socket()
    request_id = socket.send(
        "turn.submit", conversation_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), text="Hi", image_ids=[]
    )
    assert socket.wait_for("request.done")["request_id"] == request_id


def test_a_reload_in_midstream_brings_the_text_so_far_and_the_rest(browser: Browser) -> None:
    turn = ask(browser, scenarios.step(ANSWER))
    call = turn.begin(4)
    turn.socket.close()
    if len(browser.server.addresses) > 1:  # the page comes from one that has what is saved
        browser.server.until(lambda: "Title" in saved_text(turn.reply))

    page = browser.get(f"/c/{turn.conversation}/").text
    assert 'data-status="running"' in page
    assert "Title" in page
    again = watch(browser, turn.conversation, turn.reply, {turn.reply: 0})
    again.wait_for("request.done")
    call.release(1000)
    settle(again, turn.reply)

    assert shown(again.events, turn.reply) == afresh(turn.reply)


def test_two_tabs_end_identical(server: Server, open_browser: Callable[..., Browser], ann: User) -> None:
    turn = ask(open_browser(ann), scenarios.step(ANSWER))
    call = server.next_call()
    call.release(5)
    second = watch(open_browser(ann), turn.conversation)
    assert second.reply_id() == turn.reply
    call.release(1000)
    turn.settle()
    settle(second, turn.reply)

    assert turn.shown() == shown(second.events, turn.reply) == afresh(turn.reply)


def test_stop_closes_the_request_upstream_and_keeps_the_text(browser: Browser) -> None:
    turn = ask(browser, scenarios.step("one two three four"))
    call = turn.begin(2)
    turn.stop()
    call.wait_closed()

    assert turn.settle()["status"] == "stopped"
    assert saved_text(turn.reply).startswith("one")
    assert generation(turn.reply).status == Status.STOPPED


def test_a_double_stop_is_no_error(server: Server, browser: Browser) -> None:
    turn = ask(browser, scenarios.hang_midway())
    turn.wait_for_text()
    first, second = turn.stop(), turn.stop()
    turn.socket.wait_for("request.done", request_id=first)
    turn.socket.wait_for("request.done", request_id=second)

    assert [event for event in turn.socket.events if event["type"] == "error"] == []
    server.until(lambda: generation(turn.reply).status == Status.STOPPED)


def test_a_stop_that_races_the_end_leaves_one_settled_reply(browser: Browser) -> None:
    turn = ask(browser, scenarios.step("done"))
    call = turn.begin(1)
    call.release(1)
    turn.stop()
    status = turn.settle()["status"]

    assert status in {"completed", "stopped"}
    assert generation(turn.reply).status == status
    assert saved_text(turn.reply) == "done"


def test_a_slow_reader_gets_fewer_and_larger_updates_and_loses_nothing(
    server: Server, browser: Browser
) -> None:
    text = "word " * 20_000
    turn = ask(browser, scenarios.say(text.strip()))
    server.until(lambda: generation(turn.reply).status != Status.RUNNING)  # nothing was read meanwhile
    turn.settle()

    assert turn.shown() == afresh(turn.reply)
    updates = [event for event in turn.socket.events if event["type"] in {"reply.append", "reply.blocks"}]
    assert len(updates) < 10_000


def test_a_resent_submit_is_the_same_turn(server: Server, browser: Browser) -> None:
    socket = browser.socket()
    client_id = str(uuid.uuid4())
    conversation = socket.submit("Hello", client_id=client_id)
    reply = socket.reply_id()
    settle(socket, reply)
    socket.submit("Hello", conversation, client_id=client_id)

    assert socket.reply_id() == reply
    assert Message.objects.filter(conversation_id=uuid.UUID(conversation)).count() == 2
    assert len(server.fake.calls) == 1


def test_continue_goes_on_with_the_same_message(browser: Browser) -> None:
    turn = ask(browser, scenarios.length(), scenarios.say(" middle of a sentence."))
    assert 'data-command="turn.continue"' in turn.settle()["html"]
    turn.socket.send("turn.continue", message_id=turn.reply)
    assert turn.socket.reply_id() == turn.reply
    turn.settle()

    assert saved_text(turn.reply) == "This answer is cut off in the middle of a sentence."
    assert Generation.objects.filter(message_id=int(turn.reply)).count() == 2


def test_regenerate_makes_a_sibling_and_keeps_the_first_answer(browser: Browser) -> None:
    turn = ask(browser, scenarios.say("first"), scenarios.say("second"))
    turn.settle()
    turn.socket.send("turn.regenerate", message_id=turn.reply)
    second = turn.socket.reply_id()
    settle(turn.socket, second)

    assert second != turn.reply
    assert saved_text(turn.reply) == "first"
    assert str(Conversation.objects.get(pk=turn.conversation).leaf_id) == second


def test_a_page_that_missed_a_turn_catches_up(browser: Browser) -> None:
    turn = ask(browser)
    turn.settle()
    away = watch(browser, turn.conversation)
    created = [away.wait_for("message.created")["role"] for _ in range(2)]

    assert created == ["user", "assistant"]


def test_a_page_on_another_branch_is_told_to_fetch_afresh(browser: Browser) -> None:
    turn = ask(browser)
    turn.settle()
    turn.socket.send("turn.regenerate", message_id=turn.reply)
    settle(turn.socket, turn.socket.reply_id())
    away = watch(browser, turn.conversation, leaf=turn.reply)

    assert away.wait_for("conversation.stale")["conversation_id"] == turn.conversation


@pytest.mark.one_server("another one has not kept it in memory, and sends the message as it is in the rows")
def test_a_reply_that_ended_while_the_page_was_away_is_brought_whole(browser: Browser) -> None:
    turn = ask(browser, scenarios.say(ANSWER))
    turn.settle()
    away = watch(browser, turn.conversation, turn.reply, {turn.reply: 3})
    settle(away, turn.reply)

    assert shown(away.events, turn.reply) == afresh(turn.reply)


def test_a_checkpoint_saves_the_running_text(server: Server, browser: Browser) -> None:
    turn = ask(browser, scenarios.step("one two three"))
    turn.begin(2)

    server.until(lambda: saved_text(turn.reply).startswith("one"))
    assert generation(turn.reply).status == Status.RUNNING


def test_a_cursor_that_names_a_strangers_reply_shows_nothing_of_it(
    open_browser: Callable[..., Browser], ann: User, stranger: User
) -> None:
    own = ask(open_browser(stranger))
    own.settle()
    theirs = ask(open_browser(ann), scenarios.hang_midway("Nobody else may read this"))
    theirs.wait_for_text()
    for _ in range(2):
        request = own.socket.send(
            "conversation.watch",
            conversation_id=own.conversation,
            leaf_id=None,
            cursors={theirs.reply: 0},
        )
        own.socket.wait_for("request.done", request_id=request)

    assert [event for event in own.socket.events if event.get("message_id") == theirs.reply] == []
