"""Which class a request is counted in, and when."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.metrics import Noted, noted
from vision_chat.server.measured_requests import OTHER, ROUTES, MeasuredRequests, route_of
from vision_chat.services.metrics import measured


@pytest.fixture
def counted() -> Iterator[Noted]:
    with noted(measured.REQUESTS, measured.REQUEST_DURATION) as seen:
        yield seen


def scope(path: str, method: str = "GET") -> dict[str, Any]:
    return {"type": "http", "path": path, "method": method}


async def ask(path: str, *events: dict[str, Any], error: Exception | None = None) -> list[Any]:
    sent: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        for event in events:
            await send(event)
        if error:
            raise error

    async def send(event: Any) -> None:
        sent.append(event)

    await MeasuredRequests(application)(scope(path), None, send)
    return sent


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "chat"),
        ("/c/0000/", "chat"),
        ("/images/1/thumbnail/", "images"),
        ("/static/css/a.css", "static"),
        ("/admin/vision_chat/", "admin"),
        ("/accounts/login/", "sign-in"),
        ("/.env", OTHER),
        ("*", OTHER),
        ("", OTHER),
    ],
)
def test_the_class_is_that_of_the_first_part_of_the_path(path: str, route: str) -> None:
    assert route_of(scope(path)) == route


def test_uploads_are_a_class_of_their_own() -> None:
    assert route_of(scope("/images/", "POST")) == "upload"
    assert route_of(scope("/documents/", "POST")) == "upload"
    assert route_of(scope("/images/1/edit/", "POST")) == "images"


def first_parts() -> set[str]:
    patterns: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    parts = set()
    while patterns:
        pattern = patterns.pop()
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver) and not route:
            patterns += pattern.url_patterns
        else:
            parts.add(route.partition("/")[0])
    return parts


def test_every_path_of_the_site_has_a_class() -> None:
    assert first_parts() <= ROUTES.keys()


async def test_a_request_is_counted_with_its_status_and_passed_on(counted: Noted) -> None:
    events: list[dict[str, Any]] = [
        {"type": "http.response.start", "status": 404},
        {"type": "http.response.body"},
    ]

    assert await ask("/c/1/", *events) == events
    assert counted.of(measured.REQUESTS) == {("chat", "404"): 1}
    assert counted.of(measured.REQUEST_DURATION).keys() == {("chat",)}


async def test_one_without_an_answer_is_counted_too(counted: Noted) -> None:
    await ask("/c/1/")
    with pytest.raises(OSError, match="gone"):
        await ask("/static/a", error=OSError("gone"))

    assert counted.of(measured.REQUESTS) == {("chat", "none"): 1, ("static", "none"): 1}


async def test_sockets_are_no_requests(counted: Noted) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        pass

    await MeasuredRequests(application)({"type": "websocket"}, None, None)

    assert counted.of(measured.REQUESTS) == {}
