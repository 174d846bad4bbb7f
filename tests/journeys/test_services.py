"""The program on PostgreSQL and Redis, alone and as two servers that share them."""

import os
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.support.environment import redis_database
from tests.support.programs import LaterProgram
from tests.support.started import SetUp, Start, Visit

pytestmark = pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL")


@pytest.fixture
def services() -> Iterator[dict[str, str]]:
    """The settings of a database and of Redis channels of this test's own."""
    server = urlsplit(os.environ["TEST_POSTGRES_URL"])
    name = f"chat_{uuid.uuid4().hex}"
    with psycopg.connect(urlunsplit(server._replace(scheme="postgresql")), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield {
            "DATABASE_URL": urlunsplit(server._replace(path=f"/{name}")),
            "REDIS_URL": redis_database(os.environ["TEST_REDIS_URL"]),
            # Redis publishes across its databases, so a test run beside this one would be heard
            "DJANGO_SETTINGS_MODULE": "tests.support.settings_of_programs",
            "TEST_CHANNEL_PREFIX": name,
        }
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def test_a_turn_on_postgresql_and_redis(start: Start, set_up: SetUp, services: dict[str, str]) -> None:
    program = start(**services)
    browser = set_up(program)
    socket = browser.socket()
    conversation = socket.submit("What can you do?")
    reply = socket.reply_id()
    socket.wait_for("reply.settled", message_id=reply, status="completed")

    assert "What can you do?" in browser.get(f"/c/{conversation}/").text
    assert program.errors() == ""


def test_two_servers_tell_each_others_pages(
    start: Start, visit: Visit, set_up: SetUp, services: dict[str, str]
) -> None:
    asked = set_up(first := start(**services))
    second = start(LaterProgram, **services)
    elsewhere = visit(second, asked.cookies["sessionid"]).socket()
    elsewhere.send("generation.stop", message_id="0")
    elsewhere.wait_for("error")  # so its socket is in its groups
    conversation = asked.socket().submit("Who else hears this?")

    assert elsewhere.wait_for("conversation.updated")["conversation_id"] == conversation
    assert first.errors() == second.errors() == ""
