"""Ids of requests and sockets: whose is taken, and where it is said."""

import asyncio
from typing import Any

import pytest

from vision_chat.server.known_sessions import known_sessions
from vision_chat.server.request_ids import RequestIds
from vision_chat.services.request_ids import Origin, current

PROXY = ("10.0.0.1", 1234)


async def answer(
    *given: str, kind: str = "http", client: Any = PROXY, cookie: str = ""
) -> tuple[str, Origin]:
    """Return the id in the answer's header, and the origin of what was done for it."""
    seen: list[Origin] = []
    sent: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(current())
        first = {"http": "http.response.start", "websocket": "websocket.accept"}[kind]
        await send({"type": first, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": b""})

    async def send(event: Any) -> None:
        sent.append(event)

    headers = [(b"x-request-id", each.encode("latin-1")) for each in given]
    scope = {"type": kind, "client": client, "headers": [*headers, (b"cookie", cookie.encode())]}
    await asyncio.create_task(RequestIds(application, ["10.0.0.0/8", "::1"])(scope, None, send))
    assert sent[0]["headers"][0] == (b"a", b"b")
    (request_id,) = [value for name, value in sent[0]["headers"] if name == b"x-request-id"]
    assert "headers" not in sent[1]
    return request_id.decode(), seen[0]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("client", [PROXY, ("::1", 1)])
async def test_the_id_of_a_trusted_proxy_is_taken(kind: str, client: Any) -> None:
    request_id, origin = await answer("b7e1", kind=kind, client=client)

    assert (request_id, origin) == ("b7e1", Origin("b7e1"))


@pytest.mark.parametrize("client", [("192.0.2.1", 1), ("2001:db8::1", 1), ("unix", 1), None])
async def test_that_of_anybody_else_is_replaced(client: Any) -> None:
    request_id, origin = await answer("b7e1", client=client)

    assert len(request_id) == 32
    assert origin.request_id == request_id


@pytest.mark.parametrize(
    "given", [(), ("",), ("two words",), ("a\r\nb: c",), ("ä",), ("x" * 65,), ("a", "b")]
)
async def test_one_that_may_not_be_taken_is_replaced(given: tuple[str, ...]) -> None:
    request_id, _ = await answer(*given)

    assert len(request_id) == 32


async def test_two_requests_have_two_ids() -> None:
    assert (await answer())[0] != (await answer())[0]


async def test_the_person_of_a_known_session_is_known_without_a_look_at_the_database() -> None:
    known_sessions.add("session-of-seven", 7)

    _, known = await answer(cookie="sessionid=session-of-seven")
    _, unknown = await answer(cookie="sessionid=invented")

    assert (known.person_id, unknown.person_id) == (7, None)


async def test_the_lifespan_is_passed_on() -> None:
    passed: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        passed.append((scope, receive, send))

    await RequestIds(application)({"type": "lifespan"}, 1, 2)

    assert passed == [({"type": "lifespan"}, 1, 2)]
