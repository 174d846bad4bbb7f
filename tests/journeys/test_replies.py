"""A reply, from submit to settled, through everything that can happen to it on the way."""

import uuid
from collections.abc import Callable

from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import afresh, generation, settle, shown
from tests.support.server import Server
from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.generation import Status

ANSWER = "# Title\n\nSome **bold** text and `code`.\n\n- one\n- two\n\n```python\nprint(1)\n```\n\nThe end."


def test_a_submitted_question_is_answered_and_kept(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.say(ANSWER))
    socket = browser.socket()
    request_conversation = socket.submit("What is this?")
    reply = socket.reply_id()
    settled = settle(socket, reply)

    assert settled["status"] == "completed"
    assert shown(socket.events, reply) == afresh(reply)
    assert Message.objects.get(pk=reply).text == ANSWER
    conversation = Conversation.objects.get(pk=request_conversation)
    assert conversation.title == "What is this?"
    assert generation(reply).usd_spent is not None


def test_the_page_opened_afresh_shows_the_same_blocks(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.say(ANSWER))
    socket = browser.socket()
    conversation = socket.submit("Hello")
    reply = socket.reply_id()
    settle(socket, reply)

    page = browser.get(f"/c/{conversation}/").text

    for block in shown(socket.events, reply):
        assert f'<div class="block">{block}</div>' in page


def test_a_submit_is_answered_with_its_request_id(server: Server, browser: Browser) -> None:
    socket = browser.socket()
    request_id = socket.send(
        "turn.submit", conversation_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), text="Hi", image_ids=[]
    )
    assert socket.wait_for("request.done")["request_id"] == request_id


def test_a_reload_in_midstream_brings_the_text_so_far_and_the_rest(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.step(ANSWER))
    socket = browser.socket()
    conversation = socket.submit("Hello")
    reply = socket.reply_id()
    call = server.next_call()
    call.release(4)
    socket.wait_for("reply.blocks")
    socket.close()

    page = browser.get(f"/c/{conversation}/").text
    assert 'data-status="running"' in page
    assert "Title" in page
    again = browser.socket()
    again.send("conversation.watch", conversation_id=conversation, leaf_id=reply, cursors={reply: 0})
    call.release(1000)
    settle(again, reply)

    assert shown(again.events, reply) == afresh(reply)


def test_two_tabs_end_identical(server: Server, open_browser: Callable[..., Browser], ann: User) -> None:
    server.fake.script(scenarios.step(ANSWER))
    first = open_browser(ann).socket()
    conversation = first.submit("Hello")
    reply = first.reply_id()
    call = server.next_call()
    call.release(5)
    second = open_browser(ann).socket()
    second.send("conversation.watch", conversation_id=conversation, leaf_id=None, cursors={})
    assert second.reply_id() == reply
    call.release(1000)
    settle(first, reply)
    settle(second, reply)

    assert shown(first.events, reply) == shown(second.events, reply) == afresh(reply)


def test_stop_closes_the_request_upstream_and_keeps_the_text(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.step("one two three four"))
    socket = browser.socket()
    socket.submit("Count")
    reply = socket.reply_id()
    call = server.next_call()
    call.release(2)
    socket.wait_for("reply.blocks")
    socket.send("generation.stop", message_id=reply)
    call.wait_closed()

    assert settle(socket, reply)["status"] == "stopped"
    assert Message.objects.get(pk=reply).text.startswith("one")
    assert generation(reply).status == Status.STOPPED


def test_a_double_stop_is_no_error(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.hang_midway())
    socket = browser.socket()
    socket.submit("Count")
    reply = socket.reply_id()
    socket.wait_for("reply.blocks")
    first = socket.send("generation.stop", message_id=reply)
    second = socket.send("generation.stop", message_id=reply)
    socket.wait_for("request.done", request_id=first)
    socket.wait_for("request.done", request_id=second)

    assert [event for event in socket.events if event["type"] == "error"] == []
    server.until(lambda: generation(reply).status == Status.STOPPED)


def test_a_stop_that_races_the_end_leaves_one_settled_reply(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.step("done"))
    socket = browser.socket()
    socket.submit("Hello")
    reply = socket.reply_id()
    call = server.next_call()
    call.release(1)
    socket.wait_for("reply.blocks")
    call.release(1)
    socket.send("generation.stop", message_id=reply)
    status = settle(socket, reply)["status"]

    assert status in {"completed", "stopped"}
    assert generation(reply).status == status
    assert Message.objects.get(pk=reply).text == "done"


def test_a_slow_reader_gets_fewer_and_larger_updates_and_loses_nothing(
    server: Server, browser: Browser
) -> None:
    text = "word " * 20_000
    server.fake.script(scenarios.say(text.strip()))
    socket = browser.socket()
    socket.submit("Tell me everything")
    reply = socket.reply_id()
    server.until(lambda: generation(reply).status != Status.RUNNING)  # nothing was read meanwhile
    settle(socket, reply)

    assert shown(socket.events, reply) == afresh(reply)
    updates = [event for event in socket.events if event["type"] in {"reply.append", "reply.blocks"}]
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


def test_continue_goes_on_with_the_same_message(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.length(), scenarios.say(" middle of a sentence."))
    socket = browser.socket()
    socket.submit("Hello")
    reply = socket.reply_id()
    assert 'data-command="turn.continue"' in settle(socket, reply)["html"]
    socket.send("turn.continue", message_id=reply)
    assert socket.reply_id() == reply
    settle(socket, reply)

    assert Message.objects.get(pk=reply).text == "This answer is cut off in the middle of a sentence."
    assert Generation.objects.filter(message_id=int(reply)).count() == 2


def test_regenerate_makes_a_sibling_and_keeps_the_first_answer(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.say("first"), scenarios.say("second"))
    socket = browser.socket()
    conversation = socket.submit("Hello")
    first = socket.reply_id()
    settle(socket, first)
    socket.send("turn.regenerate", message_id=first)
    second = socket.reply_id()
    settle(socket, second)

    assert second != first
    assert Message.objects.get(pk=first).text == "first"
    assert str(Conversation.objects.get(pk=conversation).leaf_id) == second


def test_a_second_question_while_the_answer_runs_is_refused_with_a_sentence(
    server: Server, browser: Browser
) -> None:
    server.fake.script(scenarios.hang_midway())
    socket = browser.socket()
    conversation = socket.submit("Hello")
    socket.reply_id()
    socket.submit("And?", conversation)

    assert socket.wait_for("error")["code"] == "turn.reply_running"


def test_a_page_that_missed_a_turn_catches_up(server: Server, browser: Browser) -> None:
    socket = browser.socket()
    conversation = socket.submit("Hello")
    first = socket.reply_id()
    settle(socket, first)
    away = browser.socket()
    away.send("conversation.watch", conversation_id=conversation, leaf_id=None, cursors={})
    created = [away.wait_for("message.created")["role"] for _ in range(2)]

    assert created == ["user", "assistant"]


def test_a_page_on_another_branch_is_told_to_fetch_afresh(server: Server, browser: Browser) -> None:
    socket = browser.socket()
    conversation = socket.submit("Hello")
    first = socket.reply_id()
    settle(socket, first)
    socket.send("turn.regenerate", message_id=first)
    settle(socket, socket.reply_id())
    away = browser.socket()
    away.send("conversation.watch", conversation_id=conversation, leaf_id=first, cursors={})

    assert away.wait_for("conversation.stale")["conversation_id"] == conversation


def test_a_reply_that_ended_while_the_page_was_away_is_brought_whole(
    server: Server, browser: Browser
) -> None:
    server.fake.script(scenarios.say(ANSWER))
    socket = browser.socket()
    conversation = socket.submit("Hello")
    reply = socket.reply_id()
    settle(socket, reply)
    away = browser.socket()
    away.send("conversation.watch", conversation_id=conversation, leaf_id=reply, cursors={reply: 3})
    settle(away, reply)

    assert shown(away.events, reply) == afresh(reply)


def test_a_checkpoint_saves_the_running_text(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.step("one two three"))
    socket = browser.socket()
    socket.submit("Count")
    reply = socket.reply_id()
    call = server.next_call()
    call.release(2)
    socket.wait_for("reply.blocks")

    server.until(lambda: Message.objects.get(pk=reply).text.startswith("one"))
    assert generation(reply).status == Status.RUNNING


def test_a_cursor_that_names_a_strangers_reply_shows_nothing_of_it(
    server: Server, open_browser: Callable[..., Browser], ann: User, stranger: User
) -> None:
    own, theirs = open_browser(stranger).socket(), open_browser(ann).socket()
    conversation = own.submit("Mine")
    own.wait_for("reply.settled", message_id=own.reply_id())
    server.fake.script(scenarios.hang_midway("Nobody else may read this"))
    theirs.submit("Secret")
    reply = theirs.reply_id()
    theirs.wait_for("reply.blocks")
    for _ in range(2):
        request = own.send(
            "conversation.watch", conversation_id=conversation, leaf_id=None, cursors={reply: 0}
        )
        own.wait_for("request.done", request_id=request)

    assert [event for event in own.events if event.get("message_id") == reply] == []
