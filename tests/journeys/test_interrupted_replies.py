"""Replies that the endpoint, a bug, a crash or the end of the server cuts short."""

import threading
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import ask, generation, saved_text
from tests.support.server import Server, running_server
from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.generation import Status


@pytest.mark.parametrize(
    ("scenario", "status", "code"),
    [
        (scenarios.error(401), "failed", "endpoint.key_refused"),
        (scenarios.error(400), "failed", "endpoint.refused"),
        (scenarios.error_midway(), "failed", "reply.failed"),
        (scenarios.cut(), "interrupted", "reply.cut_off"),
        (scenarios.cut_connection(), "interrupted", "reply.lost"),
        (scenarios.empty(), "failed", "reply.empty"),
        (scenarios.html(), "failed", "endpoint.not_a_completion"),
    ],
)
def test_what_goes_wrong_upstream_ends_as_a_typed_error_with_a_way_on(
    browser: Browser, scenario: scenarios.Scenario, status: str, code: str
) -> None:
    turn = ask(browser, scenario)
    settled = turn.settle()

    assert settled["status"] == status
    assert generation(turn.reply).error_code == code
    assert "data-command=" in settled["html"], "a way on"


def test_text_that_came_before_an_error_is_kept(browser: Browser) -> None:
    turn = ask(browser, scenarios.error_midway("The answer begins"))
    turn.settle()

    assert saved_text(turn.reply) == "The answer begins"


def test_an_endpoint_that_hangs_ends_the_reply_with_a_sentence(ann: User, transactional_db: None) -> None:
    with running_server(first_token_timeout=0.05) as server:
        browser = Browser(server, ann)
        turn = ask(browser, scenarios.hang())
        assert turn.settle()["status"] == "failed"
        assert generation(turn.reply).error_code == "endpoint.first_token_timeout"
        browser.close()


def test_a_refused_connection_ends_the_reply_with_a_sentence(ann: User, transactional_db: None) -> None:
    with running_server(endpoint_base_url="http://127.0.0.1:9/v1") as server:
        browser = Browser(server, ann)
        turn = ask(browser)
        assert turn.settle()["status"] == "failed"
        assert generation(turn.reply).error_code == "endpoint.unreachable"
        browser.close()


def test_line_separators_inside_the_text_survive(browser: Browser) -> None:
    turn = ask(browser, scenarios.line_separator())
    turn.settle()

    assert saved_text(turn.reply) == "one\u2028two\u2029three\x85four"


def test_an_exception_in_the_replys_task_settles_it_as_failed(server: Server, browser: Browser) -> None:
    class Broken:
        """A client whose every call is a bug."""

        def stream(self, *args: object, **kwargs: object) -> None:
            raise RuntimeError("a bug")

    server.runtime.runner.dependencies = replace(server.runtime.runner.dependencies, client=Broken())  # type: ignore[arg-type]  # a fake
    turn = ask(browser)

    assert turn.settle()["status"] == "failed"
    assert generation(turn.reply).status == Status.FAILED


@pytest.mark.each_database
def test_a_restart_within_a_second_marks_the_running_reply_interrupted(
    ann: User, transactional_db: None
) -> None:
    """The row of a process that was killed a moment ago, whose heartbeat is still fresh."""
    conversation = Conversation.objects.create(owner=ann, title="Before")
    question = Message.objects.create(conversation=conversation, role="user", text="Hello", author=ann)
    reply = Message.objects.create(
        conversation=conversation, role="assistant", text="The answer so", parent=question
    )
    factories.add_generation(reply, boot_id="killed", model_name="m", endpoint="e")
    Conversation.objects.filter(pk=conversation.pk).update(leaf=reply)
    with running_server(redis_url="") as server:  # the only server on this database, whatever it is
        browser = Browser(server, ann)
        page = browser.get(f"/c/{conversation.pk}/").text
        browser.close()

    assert 'data-status="interrupted"' in page
    assert "The answer so" in page
    assert 'data-command="turn.continue"' in page


@pytest.mark.each_database
def test_a_reply_claimed_by_somebody_else_ends_here_too(server: Server, browser: Browser) -> None:
    turn = ask(browser, scenarios.hang_midway())
    turn.wait_for_text()
    Generation.objects.filter(message_id=int(turn.reply)).update(status=Status.INTERRUPTED)
    server.call(server.runtime.runner.checkpoint())

    assert turn.settle()["status"] == "interrupted"
    server.next_call().wait_closed()


@pytest.mark.each_database
def test_shutting_down_interrupts_running_replies_and_keeps_their_text(
    ann: User, transactional_db: None
) -> None:
    with running_server() as server:
        browser = Browser(server, ann)
        turn = ask(browser, scenarios.hang_midway("The answer begins"))
        turn.wait_for_text()
        reader = threading.Thread(target=turn.socket.wait_closed)
        reader.start()
        server.stop()
        reader.join()
        browser.close()

    assert saved_text(turn.reply) == "The answer begins"
    assert generation(turn.reply).status == Status.INTERRUPTED


def test_a_retired_model_is_said_plainly_with_others_that_the_catalogue_has(
    administrator: User, transactional_db: None
) -> None:
    with running_server(model_name="gone/model") as server:
        browser = Browser(server, administrator)
        turn = ask(browser, scenarios.error(404))
        settled = turn.settle()
        page = browser.get(f"/c/{turn.conversation}/").text
        browser.close()

    assert "does not offer the model gone/model" in settled["html"]
    assert "fake/vision" in page


@pytest.mark.each_database
def test_characters_that_no_database_takes_do_not_keep_a_reply_from_being_saved(
    browser: Browser,
) -> None:
    turn = ask(browser, scenarios.say("one\0two"))

    assert turn.settle()["status"] == "completed"
    assert saved_text(turn.reply) == "one\ufffdtwo"
