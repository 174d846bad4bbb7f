"""The program on PostgreSQL and Redis, alone and as two servers that share them."""

import os
import signal
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.support.client import PASSWORD, Browser, Socket
from tests.support.environment import redis_database
from tests.support.neighbour import neighbour
from tests.support.programs import endpoint_program
from tests.support.replies import assert_works
from tests.support.server import Server, running_server
from tests.support.started import MakeServices, Services, SetUp, Start, Visit
from vision_chat.consumers import SIGNED_OUT

pytestmark = [pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL"), pytest.mark.long]


def test_a_turn_on_postgresql_and_redis(start: Start, set_up: SetUp, services: Services) -> None:
    program = start(**services)
    browser = set_up(program)
    socket = browser.socket()
    conversation = socket.submit("What can you do?")
    reply = socket.reply_id()
    socket.wait_for("reply.settled", message_id=reply, status="completed")

    assert "What can you do?" in browser.get(f"/c/{conversation}/").text
    assert program.errors() == ""


def test_two_servers_tell_each_others_pages(
    start: Start, visit: Visit, set_up: SetUp, services: Services
) -> None:
    asked = set_up(first := start(**services))
    second = start(**services)
    elsewhere = visit(second, asked.cookies["sessionid"]).socket()
    elsewhere.send("generation.stop", message_id="0")
    elsewhere.wait_for("error")  # so its socket hears what is broadcast
    conversation = asked.socket().submit("Who else hears this?")

    assert elsewhere.wait_for("conversation.updated")["conversation_id"] == conversation
    assert first.errors() == second.errors() == ""


def test_with_two_servers_for_a_journey_requests_and_sockets_go_to_both(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SERVERS", "2")
    redis_url = redis_database(os.environ["TEST_REDIS_URL"])
    with running_server(redis_url=redis_url, database_url="postgres://elsewhere/") as server:
        browser = Browser(server, ann)
        for _ in range(2):
            assert browser.get("/").status_code == 200
            assert_works(browser.socket())
        open_at_each = [Server.open_connections(server), neighbour().open_connections()]
        browser.close()

    assert open_at_each == [2, 2]


@pytest.fixture
def endpoint() -> Iterator[dict[str, str]]:
    """The settings of an endpoint of its own."""
    with endpoint_program() as base_url:
        yield {"CHAT_API_BASE_URL": base_url, "AIMLAPI_KEY": "key", "CHAT_MODEL": "fake/vision"}


def watch(socket: Socket, conversation_id: str) -> None:
    """Show the conversation on a page that has nothing of it."""
    socket.send("conversation.watch", conversation_id=conversation_id, leaf_id=None, cursors={})
    socket.wait_for("request.done")


def test_what_is_done_on_one_server_happens_on_the_other(
    start: Start, visit: Visit, set_up: SetUp, services: Services, endpoint: dict[str, str]
) -> None:
    asked = set_up(first := start(**services, **endpoint))
    second = start(**services, **endpoint)
    asking = asked.socket()
    conversation = asking.submit("[scenario: say tokens=3000 rate=50]")
    reply = asking.reply_id()
    browser = visit(second, asked.cookies["sessionid"])
    watching = browser.socket()
    watch(watching, conversation)
    watching.wait_for("reply.append", message_id=reply)
    watching.send("generation.stop", message_id=reply)

    ends = [socket.wait_for("reply.settled", message_id=reply) for socket in (watching, asking)]
    assert [end["status"] for end in ends] == ["stopped", "stopped"]
    assert ends[0]["revision"] == ends[1]["revision"]

    # which the first one still has in memory
    watching.send("turn.continue", message_id=reply)
    ends = [socket.wait_for("reply.settled", status="completed") for socket in (asking, watching)]
    assert ends[0]["message_id"] == ends[1]["message_id"] == reply
    assert ends[0]["revision"] == ends[1]["revision"]

    asking.submit("[scenario: say tokens=3000 rate=50]", conversation)
    running = asking.reply_id()
    assert browser.post(f"/c/{conversation}/delete/").status_code == 204
    asking.wait_for("reply.settled", message_id=running, status="stopped")
    browser.post("/accounts/logout/")
    assert asking.wait_closed() == SIGNED_OUT
    assert first.errors() == second.errors() == ""


def test_a_reply_whose_server_is_killed_is_interrupted_and_continued_by_another(
    start: Start, visit: Visit, set_up: SetUp, services: Services, endpoint: dict[str, str]
) -> None:
    asked = set_up(first := start(**services, **endpoint))
    second = start(**services, **endpoint)
    asking = asked.socket()
    conversation = asking.submit("[scenario: say tokens=3000 rate=50]")
    reply = asking.reply_id()
    browser = visit(second, asked.cookies["sessionid"])
    watching = browser.socket()
    watch(watching, conversation)
    grown = watching.wait_for("reply.append", message_id=reply)
    while grown["revision"] < 300:
        grown = watching.wait_for("reply.append", message_id=reply)
    first.end(signal.SIGKILL)
    watching.wait_for("conversation.stale", conversation_id=conversation)
    page = browser.get(f"/c/{conversation}/").text
    assert 'data-status="interrupted"' in page
    assert "wooden table" in page

    watch(watching, conversation)
    watching.send("turn.continue", message_id=reply)
    watching.wait_for("reply.settled", message_id=reply, status="completed")
    assert second.errors() == ""


def test_two_sites_on_one_redis_hear_nothing_of_each_other(
    start: Start, set_up: SetUp, make_services: MakeServices
) -> None:
    """The first person of each has the same number, so they would share their events and a throttle."""
    one, other = (set_up(start(**make_services())) for _ in range(2))
    listening = other.socket()
    asked = one.socket()
    asked.submit("Who else hears this?")
    asked.wait_for("reply.settled")
    own = listening.submit("Only this")

    assert listening.wait_for("conversation.updated")["conversation_id"] == own
    assert {event.get("conversation_id", own) for event in listening.events} == {own}


def test_two_sites_on_one_redis_count_wrong_passwords_apart(
    start: Start, set_up: SetUp, visit: Visit, make_services: MakeServices
) -> None:
    programs = [start(**make_services()) for _ in range(2)]
    for program in programs:
        set_up(program)
    attacker = visit(programs[0])
    guess = {"username": "root", "password": "a guess"}
    # more than are needed: on a busy machine the first pauses have passed before the next guess comes
    answers = [attacker.post("/accounts/login/", data=guess).text for _ in range(9)]
    elsewhere = visit(programs[1]).post("/accounts/login/", data={"username": "root", "password": PASSWORD})

    assert any("Too many wrong passwords" in answer for answer in answers)
    assert elsewhere.status_code == 302
