"""`/healthz` and `/readyz`: who may ask, and what they say."""

from typing import Any

import pytest

from tests.support.client import Browser
from tests.support.server import Server, running_server
from vision_chat.server.health import Health


@pytest.mark.each_database
def test_a_server_is_ready_whatever_name_was_asked(server: Server, visitor: Browser) -> None:
    response = visitor.get("/readyz", headers={"Host": "10.1.2.3"})

    assert (response.status_code, response.json()["status"]) == (200, "ready")
    assert response.json()["checks"].items() >= {"database": "ok", "storage": "ok", "disk": "ok"}.items()
    assert "no-store" in response.headers["Cache-Control"]
    assert not response.cookies


def test_a_server_is_alive(visitor: Browser) -> None:
    response = visitor.get("/healthz", headers={"Host": "10.1.2.3"})

    assert (response.status_code, response.json()) == (200, {"status": "alive"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_the_head_can_be_asked_for_and_nothing_else(visitor: Browser, path: str) -> None:
    head = visitor.http.head(path)
    assert (head.status_code, head.text) == (200, "")
    posted = visitor.post(path)
    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD")


def test_a_server_that_is_told_to_end_is_not_ready(server: Server, visitor: Browser) -> None:
    server.now(server.runtime.is_leaving.set)

    response = visitor.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "unready", "checks": {"process": "draining"}}
    assert visitor.get("/healthz").status_code == 200


async def test_all_other_paths_are_handed_on() -> None:
    paths: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        paths.append(scope["path"])

    await Health(application)({"path": "/healthz/", "method": "GET"}, None, None)
    assert paths == ["/healthz/"]


def test_a_redis_that_is_away_degrades(transactional_db: None) -> None:
    with running_server(redis_url="redis://127.0.0.1:9/0") as server:
        visitor = Browser(server)
        response = visitor.get("/readyz")
        visitor.close()

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["redis"] == "failing: ConnectionError"
