"""Which pages may open a socket, told by their origin."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from websockets import Origin
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.client import Browser
from tests.support.replies import assert_works
from tests.support.server import PATIENCE, Server, running_server
from vision_chat.server.origins import SameOriginOnly


def refusal(browser: Browser, origin: str | None) -> int:
    """The status with which the opening of a socket is refused."""
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    with pytest.raises(InvalidStatus) as caught:
        connect(
            f"ws://127.0.0.1:{browser.server.port}/ws/chat/",
            additional_headers={"Cookie": cookie},
            origin=None if origin is None else Origin(origin),
            proxy=None,
            open_timeout=PATIENCE,
        )
    return caught.value.response.status_code


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "https://127.0.0.1:{port}",
        "http://localhost:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example",
        "null",
        "http://[",
    ],
)
def test_a_page_of_another_origin_opens_no_socket(server: Server, browser: Browser, origin: str) -> None:
    assert refusal(browser, origin.format(port=server.port)) == 403


def test_a_request_without_an_origin_opens_no_socket(browser: Browser) -> None:
    assert refusal(browser, None) == 403


async def test_the_log_names_a_refused_origin_and_a_flood_is_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusing = SameOriginOnly(None, trusted=[], allowed_hosts=[])
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    for origin in (b"http://evil.example", b"http://worse.example"):
        await refusing({"headers": [(b"origin", origin)]}, None, send)

    assert [event["type"] for event in sent] == ["websocket.close"] * 2
    assert caplog.messages == ["A websocket from origin 'http://evil.example' was refused"]


def test_the_pages_own_origin_opens_a_socket(browser: Browser) -> None:
    assert_works(browser.socket())


@pytest.mark.parametrize(
    ("scheme", "host", "origin", "passes"),
    [
        ("wss", "chat.example.org", "https://chat.example.org", True),
        ("wss", "chat.example.org:443", "https://chat.example.org", True),
        ("ws", "chat.example.org", "http://CHAT.example.org:80", True),
        ("ws", "inside:8000", "https://chat.example.org", True),  # a trusted one
        ("ws", "inside:8000", "https://chat.example.org:8443", False),
        ("ws", "inside:8000", "http://chat.example.org", False),
        ("ws", "inside:8000", "https://any.example.net", True),  # of a trusted domain
        ("ws", "inside:8000", "https://a.b.example.net", True),
        ("ws", "inside:8000", "https://badexample.net", False),
        ("ws", "inside:8000", "https://any.example.net.evil.org", False),
        ("ws", "inside:8000", "http://any.example.net", False),
        ("wss", "chat.example.org", "http://chat.example.org", False),
        ("ws", "[::1]:8000", "http://[::1]:8000", True),
        ("ws", "evil.example", "http://evil.example", False),  # whose name server leads here
        ("ws", "[", "http://[", False),
        ("ws", "", "http://", False),
    ],
)
async def test_an_origin_is_scheme_host_and_port(scheme: str, host: str, origin: str, passes: bool) -> None:
    reached: list[Any] = []
    closed: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope)

    async def send(event: Any) -> None:
        closed.append(event["type"])

    trusted, served = ["https://chat.example.org", "https://*.example.net"], ["chat.example.org", "[::1]"]
    doors = SameOriginOnly(application, trusted, served)
    headers = [(b"host", host.encode()), (b"origin", origin.encode())]
    await doors({"type": "websocket", "scheme": scheme, "headers": headers}, None, send)

    assert bool(reached) is passes
    assert closed == ([] if passes else ["websocket.close"])


def test_a_trusted_origin_opens_a_socket_on_the_real_server(ann: User, settings: Any) -> None:
    """What the settings trust is what the sockets trust."""
    from chatsite.asgi import protocols  # noqa: PLC0415 - it reads the settings

    doors = protocols.application_mapping["websocket"]
    assert isinstance(doors, SameOriginOnly)
    with running_server() as server:
        doors._trusted.add(("https", "chat.example.org", 443))
        browser = Browser(server, ann)
        try:
            assert_works(browser.socket(origin="https://chat.example.org"))
        finally:
            doors._trusted.discard(("https", "chat.example.org", 443))
            browser.close()
