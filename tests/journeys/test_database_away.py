"""PostgreSQL away: what is asked for is refused in time, and what runs goes on."""

import asyncio
import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.chaos.proxy import Proxy
from tests.support.client import Socket
from tests.support.programs import Program, endpoint_program
from tests.support.server import PATIENCE, running_loop, until
from tests.support.started import Services, SetUp, Start

pytestmark = [pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL"), pytest.mark.long]

BAR = 3.0
SLACK = 3
"""Tests run beside others, and only what waits for a connection takes several times as long."""


class Network:
    """The way from a server to its database, from a test's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, url: str) -> None:
        self._loop, self._address = loop, urlsplit(url)
        self._proxy = Proxy(self._address.port or 5432)
        asyncio.run_coroutine_threadsafe(self._proxy.start(), loop).result(PATIENCE)

    @property
    def url(self) -> str:
        login = self._address.netloc.rpartition("@")[0]
        return urlunsplit(self._address._replace(netloc=f"{login}@127.0.0.1:{self._proxy.port}"))

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._proxy.cut)

    def hold(self) -> None:
        self._loop.call_soon_threadsafe(self._proxy.hold)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._proxy.mend)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._proxy.stop(), self._loop).result(PATIENCE)


@pytest.fixture
def network(services: Services) -> Iterator[Network]:
    with running_loop() as loop:
        network = Network(loop, services["DATABASE_URL"])
        yield network
        network.mend()
        network.close()


@pytest.fixture
def program(start: Start, network: Network) -> Iterator[Program]:
    with endpoint_program() as base_url:
        model = {"CHAT_API_BASE_URL": base_url, "AIMLAPI_KEY": "key", "CHAT_MODEL": "fake/vision"}
        yield start(DATABASE_URL=network.url, **model)


def seconds_to_refusal(socket: Socket, text: str, conversation: str) -> float:
    begun = time.monotonic()
    socket.submit(text, conversation)
    error = socket.wait_for("error")
    assert (error["code"], error["message"]) == (
        "server.not_saved",
        "The server cannot save anything right now. Your message stays here. Try again in a moment.",
    )
    return time.monotonic() - begun


def submit_until_taken(socket: Socket, text: str, conversation: str) -> None:
    """Send a question again and again, as a person does who is told to."""

    def is_taken() -> bool:
        socket.submit(text, conversation)
        while (event := socket.receive())["type"] not in {"error", "request.done"}:
            pass
        return bool(event["type"] == "request.done")

    until(is_taken)


@pytest.mark.parametrize("how", ["cut", "hold"])
def test_a_question_is_refused_in_time_and_is_not_carried_out_later(
    program: Program, network: Network, set_up: SetUp, how: str
) -> None:
    browser = set_up(program)
    socket = browser.socket()
    running = socket.submit("[scenario: say tokens=300 rate=20]")
    socket.reply_id()
    other = socket.submit("Before it was away")
    socket.wait_for("reply.settled", message_id=socket.reply_id())

    (network.cut if how == "cut" else network.hold)()
    taken = [seconds_to_refusal(socket, f"Nobody saves this {number}", other) for number in range(3)]
    page = browser.get(f"/c/{other}/")
    assert (page.status_code, page.json()["code"]) == (503, "server.database_unavailable")
    network.mend()
    submit_until_taken(socket, "Now it is back", other)

    assert taken[0] < BAR * SLACK
    assert max(taken[1:]) < BAR
    shown = browser.get(f"/c/{other}/").text
    assert "Nobody saves this" not in shown
    assert "Now it is back" in shown
    until(lambda: 'data-status="completed"' in browser.get(f"/c/{running}/").text)
