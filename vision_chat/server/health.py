"""`/healthz` and `/readyz`, in front of everything: without a session, whatever name or address was asked.

`/healthz` says that the event loop answers. `/readyz` answers 503 where this process cannot serve: database,
storage, disk, or because it ends. What it can do without makes it "degraded", with 200.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vision_chat.server.runtime import Runtime

ALIVE: Final = "/healthz"
READY: Final = "/readyz"
DRAINING: Final = {"status": "unready", "checks": {"process": "draining"}}


class Health:
    """ASGI middleware for requests: answers the two paths, and hands on all others."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] not in {ALIVE, READY}:
            await self._application(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, {"status": "method not allowed"}, [(b"allow", b"GET, HEAD")])
        elif scope["path"] == ALIVE:
            await _answer(send, 200, {"status": "alive"})
        else:
            report = await _report(scope["state"]["runtime"])
            await _answer(send, 503 if report["status"] == "unready" else 200, report)


async def _report(runtime: Runtime) -> Mapping[str, Any]:
    return DRAINING if runtime.is_leaving.is_set() else await runtime.readiness.report()


async def _answer(
    send: Any, status: int, content: Mapping[str, Any], headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    body = json.dumps(content).encode() + b"\n"
    fixed = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})
