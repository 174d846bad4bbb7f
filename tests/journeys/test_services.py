"""The program on PostgreSQL and Redis, alone and as two servers that share them."""

from collections.abc import Callable

import pytest

from tests.support.client import PASSWORD
from tests.support.started import Services, SetUp, Start, Visit

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
    elsewhere.wait_for("error")  # so its socket is in its groups
    conversation = asked.socket().submit("Who else hears this?")

    assert elsewhere.wait_for("conversation.updated")["conversation_id"] == conversation
    assert first.errors() == second.errors() == ""


def test_two_sites_on_one_redis_hear_nothing_of_each_other(
    start: Start, set_up: SetUp, make_services: Callable[[], Services]
) -> None:
    """The first person of each has the same number, so they would share a group and a throttle."""
    one, other = (set_up(start(**make_services())) for _ in range(2))
    listening = other.socket()
    asked = one.socket()
    asked.submit("Who else hears this?")
    asked.wait_for("reply.settled")
    own = listening.submit("Only this")

    assert listening.wait_for("conversation.updated")["conversation_id"] == own
    assert {event.get("conversation_id", own) for event in listening.events} == {own}


def test_two_sites_on_one_redis_count_wrong_passwords_apart(
    start: Start, set_up: SetUp, visit: Visit, make_services: Callable[[], Services]
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
