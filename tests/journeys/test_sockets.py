"""Which sockets open, which frames they take, and when they close."""

import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

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
from vision_chat.consumers import SIGNED_OUT
from vision_chat.events import MAX_FRAME_BYTES
from vision_chat.services import relay

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
    assert server.runtime.runner.running_text(int(turn.reply)) is not None, "the reply itself goes on"


def test_a_frame_that_is_too_large_closes_the_socket(browser: Browser) -> None:
    socket = browser.socket()
    socket.send_raw(json.dumps({"type": "turn.submit", "text": "x" * MAX_FRAME_BYTES}))

    assert socket.wait_closed() == TOO_BIG


def test_the_largest_frame_is_read(browser: Browser) -> None:
    socket = browser.socket()
    socket.send_raw("x" * MAX_FRAME_BYTES)

    assert socket.wait_for("error")["code"] == "protocol.invalid"


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        ("no json", "JSON is malformed"),
        ("", "Input data was truncated"),
        ("[1]", "Expected `object`, got `array`"),
        ('{"type": "turn.fly"}', "Invalid value 'turn.fly'"),
        ('{"type": ["turn.submit"]}', "at `$.type`"),
        ('{"text": "no type"}', "missing required field `type`"),
        ("[" * 100_000, "Expected `object`"),
        ('{"type": "generation.stop", "x": ' + "[" * 100_000, "unknown field `x`"),
        ('{"type": "\\ud800"}', "Input data was truncated"),
    ],
)
def test_a_frame_without_sense_is_an_error_and_the_socket_stays_open(
    browser: Browser, frame: str, fault: str
) -> None:
    socket = browser.socket()
    socket.send_raw(frame)
    error = socket.wait_for("error")

    assert (error["code"], error["request_id"]) == ("protocol.invalid", None)
    assert fault in error["message"]
    assert_works(socket)


STOP = {"type": "generation.stop", "request_id": "r1", "message_id": "1"}
WATCH: dict[str, Any] = {
    "type": "conversation.watch",
    "request_id": "r1",
    "conversation_id": str(uuid.uuid4()),
    "leaf_id": None,
    "cursors": {},
}
SUBMIT = {
    "type": "turn.submit",
    "request_id": "r1",
    "conversation_id": str(uuid.uuid4()),
    "client_id": str(uuid.uuid4()),
    "text": "Hello",
    "image_ids": [],
}


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (STOP | {"type": "generation.pause"}, "Invalid value 'generation.pause'"),
        (STOP | {"force": True}, "unknown field `force`"),
        ({"type": "generation.stop", "request_id": "r1"}, "missing required field `message_id`"),
        (STOP | {"message_id": 1}, "got `int` - at `$.message_id`"),
        (STOP | {"message_id": None}, "got `null` - at `$.message_id`"),
        (STOP | {"message_id": "one"}, "at `$.message_id`"),
        (STOP | {"message_id": "-1"}, "at `$.message_id`"),
        (STOP | {"message_id": "٣"}, "at `$.message_id`"),
        (STOP | {"message_id": "9" * 30}, "at `$.message_id`"),
        (SUBMIT | {"conversation_id": "mine"}, "Invalid UUID - at `$.conversation_id`"),
        (SUBMIT | {"client_id": ""}, "Invalid UUID - at `$.client_id`"),
        (SUBMIT | {"image_ids": "all"}, "at `$.image_ids`"),
        (SUBMIT | {"image_ids": [1]}, "at `$.image_ids[0]`"),
        (SUBMIT | {"image_ids": ["x"]}, "Invalid UUID - at `$.image_ids[0]`"),
        (SUBMIT | {"text": "Hello\0"}, "at `$.text`"),
        (WATCH | {"leaf_id": 3}, "at `$.leaf_id`"),
        (WATCH | {"cursors": []}, "at `$.cursors`"),
        (WATCH | {"cursors": {"1": 1.5}}, "at `$.cursors[...]`"),
        (WATCH | {"cursors": {"1": True}}, "at `$.cursors[...]`"),
    ],
)
def test_a_command_that_is_not_understood_is_answered_with_its_request_id(
    browser: Browser, frame: dict[str, Any], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    socket = browser.socket()
    socket.send_raw(json.dumps(frame))
    error = socket.wait_for("error")

    assert (error["code"], error["request_id"]) == ("protocol.invalid", "r1")
    assert fault in error["message"]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert_works(socket)


@pytest.mark.parametrize("cursors", [{"x": 1}, {"9" * 30: 1}, {"1": -5}, {"1": 10**18}, {"٣": 1}])
@pytest.mark.each_database
def test_a_cursor_of_nothing_is_ignored(browser: Browser, cursors: dict[str, int]) -> None:
    socket = browser.socket()
    conversation = socket.submit("Hello")
    socket.wait_for("reply.settled")
    leaf = socket.events[-1]["message_id"]
    request_id = socket.send(
        "conversation.watch", conversation_id=conversation, leaf_id=leaf, cursors=cursors
    )

    assert answer_to(socket, request_id) == "done"


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
    assert "try again" in error["message"]
    assert_works(socket)


def test_there_is_one_socket_address(browser: Browser) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(
            f"ws://127.0.0.1:{browser.server.port}/ws/other/",
            origin=Origin(browser.server.url),
            proxy=None,
        )
    assert caught.value.response.status_code in {403, 404, 500}
