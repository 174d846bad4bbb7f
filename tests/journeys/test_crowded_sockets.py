"""Sockets of one person: what they may ask of the server, and what is left of it when they close."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.busy import busy, has_asked
from tests.support.client import Browser, Socket
from tests.support.people import answer_to
from tests.support.replies import ask, assert_works, watch
from tests.support.server import Server
from vision_chat.consumers import MAX_SOCKETS, SIGNED_OUT, TOO_MUCH, TRY_AGAIN
from vision_chat.models import Conversation
from vision_chat.server.inbox import MAX_WAITING
from vision_chat.services.site import relay
from vision_chat.services.writer import READERS

pytestmark = pytest.mark.each_database


def watch_again(socket: Socket, conversation: str) -> str:
    return socket.send("conversation.watch", conversation_id=conversation, leaf_id=None, cursors={})


def test_what_waits_on_a_socket_that_closes_is_dropped(server: Server, browser: Browser, ann: User) -> None:
    turn = ask(browser)
    turn.settle()
    with busy(server, server.runtime.readers, READERS):
        watch_again(turn.socket, turn.conversation)
        turn.socket.submit("Dropped", conversation_id="0f8fad5b-d9cb-469f-a165-70867728950e")
        turn.socket.abort()
        server.until(lambda: relay.count_sockets(ann.pk) == 0)

    assert_works(browser.socket())
    titles = set(Conversation.objects.values_list("title", flat=True))
    assert titles == {"Hello", "Are you there?"}


def test_a_submit_that_has_begun_is_finished_though_its_socket_closes(
    server: Server, browser: Browser, ann: User
) -> None:
    socket = browser.socket()
    server.until(lambda: relay.count_sockets(ann.pk) == 1)
    with busy(server, server.runtime.writer):
        socket.submit("Kept")
        server.until(lambda: has_asked(server, server.runtime.writer, ann.pk))
        socket.abort()

    call = server.next_call()
    assert call.body["messages"][-1]["content"] == "Kept"


def test_a_flood_of_frames_closes_the_socket_with_a_sentence(server: Server, browser: Browser) -> None:
    socket = browser.socket()
    conversation = socket.submit("Hello")
    socket.wait_for("reply.settled")
    with busy(server, server.runtime.readers, READERS):
        for _ in range(MAX_WAITING + 2):
            watch_again(socket, conversation)
        # while nothing is handled: what is sent may be read long after it
        assert socket.wait_for("error")["code"] == "socket.flooded"

    assert socket.wait_closed() == TOO_MUCH
    assert_works(browser.socket())


@pytest.mark.one_server("the limit is that of a process")
def test_a_socket_beyond_the_limit_of_a_person_is_told_so(
    server: Server,
    browser: Browser,
    open_browser: Callable[[User | None], Browser],
    ann: User,
    stranger: User,
) -> None:
    sockets = [browser.socket() for _ in range(MAX_SOCKETS)]
    for socket in sockets:
        answer_to(socket, socket.send("generation.stop", message_id="1"))  # each is in
    refused = browser.socket()

    assert refused.wait_for("error")["code"] == "socket.too_many"
    assert refused.wait_closed() == TOO_MUCH
    assert_works(open_browser(stranger).socket())
    sockets[0].close()
    server.until(lambda: relay.count_sockets(ann.pk) < MAX_SOCKETS)
    assert_works(browser.socket())


def test_a_visitor_s_socket_needs_no_thread(server: Server, visitor: Browser) -> None:
    with busy(server, server.runtime.writer), busy(server, server.runtime.readers, READERS):
        assert visitor.socket().wait_closed() == SIGNED_OUT


def test_a_socket_with_an_invented_session_leaves_the_writer_alone(server: Server, visitor: Browser) -> None:
    visitor.cookies = {"sessionid": "invented"}
    with busy(server, server.runtime.writer):
        assert visitor.socket().wait_closed() == SIGNED_OUT


def test_a_stop_hangs_up_while_nothing_can_be_written(server: Server, browser: Browser) -> None:
    turn = ask(browser, scenarios.step("One two three."))
    call = turn.begin(1)
    with busy(server, server.runtime.writer):
        turn.stop()
        call.wait_closed()

    assert turn.settle()["status"] == "stopped"


def test_a_page_is_brought_up_to_date_while_nothing_can_be_written(server: Server, browser: Browser) -> None:
    turn = ask(browser)
    turn.settle()
    with busy(server, server.runtime.writer):
        other = watch(browser, turn.conversation)
        other.wait_for("message.created", role="assistant")
        assert other.wait_for("request.done")


def test_a_socket_whose_session_cannot_be_read_is_told_to_come_back(browser: Browser) -> None:
    with factories.without_table("django_session"):
        socket = browser.socket()
        assert socket.wait_for("error")["code"] == "server.not_saved"
        assert socket.wait_closed() == TRY_AGAIN

    assert_works(browser.socket())


@pytest.mark.service("TEST_POSTGRES_URL")
def test_the_first_question_after_the_database_dropped_every_connection_is_taken(
    browser: Browser,
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to drop")
    socket = browser.socket()
    for _ in range(3):
        assert_works(socket)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    assert_works(socket)
    assert "error" not in {event["type"] for event in socket.events}
