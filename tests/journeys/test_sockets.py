"""Sockets: which open, which frames they take, and when they close."""

import json
import logging
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from websockets import Origin
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.people import answer_to
from tests.support.replies import ask, assert_works
from tests.support.server import Server
from vision_chat.commands import MAX_FRAME_BYTES
from vision_chat.consumers import SIGNED_OUT
from vision_chat.services.site import relay

TOO_BIG = 1009


@pytest.mark.each_database
def test_signing_out_closes_the_sockets_of_that_session_only(
    browser: Browser, open_browser: Callable[[User | None], Browser], ann: User
) -> None:
    here, there = browser.socket(), open_browser(ann).socket()
    assert_works(here)
    assert_works(there)
    browser.post("/accounts/logout/")

    assert here.wait_closed() == SIGNED_OUT
    assert_works(there)


@pytest.mark.each_database
def test_a_closed_account_closes_its_sockets(server: Server, browser: Browser, ann: User) -> None:
    socket = browser.socket()
    assert_works(socket)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    server.call(relay.recheck_sessions(ann.pk))

    assert socket.wait_closed() == SIGNED_OUT


@pytest.mark.each_database
def test_a_changed_password_closes_the_sockets(server: Server, browser: Browser, ann: User) -> None:
    socket = browser.socket()
    assert_works(socket)
    ann.set_password("another battery staple")
    ann.save()
    server.call(relay.recheck_sessions(ann.pk))

    assert socket.wait_closed() == SIGNED_OUT


def test_a_running_answer_is_not_shown_to_a_session_that_has_ended(
    server: Server, browser: Browser, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    turn = ask(browser, scenarios.hang_midway())
    turn.wait_for_text()
    browser.post("/accounts/logout/")

    assert turn.socket.wait_closed() == SIGNED_OUT
    assert server.runtime.runner.written(int(turn.reply)) is not None, "the reply itself goes on"


def test_a_frame_that_is_too_large_closes_the_socket(browser: Browser) -> None:
    socket = browser.socket()
    socket.send_raw(json.dumps({"type": "turn.submit", "text": "x" * MAX_FRAME_BYTES}))

    assert socket.wait_closed() == TOO_BIG


def test_the_largest_frame_is_read(browser: Browser) -> None:
    socket = browser.socket()
    socket.send_raw("x" * MAX_FRAME_BYTES)

    assert socket.wait_for("error")["code"] == "protocol.invalid"


def test_frames_without_sense_are_errors_and_the_socket_stays_open(browser: Browser) -> None:
    socket = browser.socket()
    for frame in ("no json", "", "[" * 100_000, '{"type": "turn.fly"}'):
        socket.send_raw(frame)
        error = socket.wait_for("error")
        assert (error["code"], error["request_id"]) == ("protocol.invalid", None)

    assert_works(socket)


def test_a_command_that_is_not_understood_is_answered_with_its_request_id(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    socket = browser.socket()
    request_id = socket.send("generation.stop", message_id="one")
    error = socket.wait_for("error")

    assert (error["code"], error["request_id"]) == ("protocol.invalid", request_id)
    assert "at `$.message_id`" in error["message"]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert_works(socket)


CURSORS = ({"x": 1}, {"9" * 30: 1}, {"1": -5}, {"1": 10**18}, {"٣": 1})


@pytest.mark.each_database
def test_a_cursor_of_nothing_is_ignored(browser: Browser) -> None:
    socket = browser.socket()
    conversation = socket.submit("Hello")
    socket.wait_for("reply.settled")
    leaf = socket.events[-1]["message_id"]
    for cursors in CURSORS:
        request_id = socket.send(
            "conversation.watch", conversation_id=conversation, leaf_id=leaf, cursors=cursors
        )
        assert answer_to(socket, request_id) == "done", cursors


def test_bytes_are_no_frame(browser: Browser) -> None:
    socket = browser.socket()
    socket._connection.send(b"\x00\x01")

    assert socket.wait_for("error")["code"] == "protocol.invalid"
    assert_works(socket)


@pytest.mark.each_database
def test_half_an_emoji_is_refused_with_the_id_of_its_command(browser: Browser) -> None:
    socket = browser.socket()
    socket.send_raw('{"type": "turn.submit", "request_id": "7", "text": "half \\ud83d"}')

    assert socket.wait_for("error", request_id="7")["code"] == "protocol.invalid"
    assert_works(socket)


@pytest.mark.each_database
def test_a_database_that_takes_nothing_is_said_in_a_sentence(browser: Browser) -> None:
    socket = browser.socket()
    with factories.without_table("vision_chat_message"):
        socket.submit("Hello")
        error = socket.wait_for("error")

    assert error["code"] == "server.not_saved"
    assert "Try again" in error["message"]
    assert_works(socket)


def test_there_is_one_socket_address(browser: Browser) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(
            f"ws://127.0.0.1:{browser.server.port}/ws/other/",
            origin=Origin(browser.server.url),
            proxy=None,
        )
    assert caught.value.response.status_code in {403, 404, 500}
