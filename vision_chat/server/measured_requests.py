"""ASGI middleware that counts and times requests. Only where metrics are recorded."""

import time
from typing import Any, Final

from vision_chat.server.uploads import is_upload
from vision_chat.services.metrics import measured

ROUTES: Final = {
    "": "chat",
    "account": "account",
    "accounts": "sign-in",
    "admin": "admin",
    "c": "chat",
    "conversations": "chat",
    "dialogs": "chat",
    "documents": "documents",
    "healthz": "health",
    "images": "images",
    "messages": "chat",
    "models": "chat",
    "pictures": "pictures",
    "presets": "chat",
    "readyz": "health",
    "search": "search",
    "setup": "sign-in",
    "static": "static",
}
"""The class of a request by the first part of its path."""
OTHER: Final = "other"


def route_of(scope: Any) -> str:
    """Return the class of a request: there are few, whatever people ask for."""
    if is_upload(scope):
        return "upload"
    path: str = scope["path"]
    return ROUTES.get(path.split("/", 2)[1] if path.startswith("/") else OTHER, OTHER)


class MeasuredRequests:
    """Counts a request when its answer has ended, or its client has gone before there was one."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        status, begun = "none", time.perf_counter()

        async def observed(event: dict[str, Any]) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = str(event["status"])
            await send(event)

        try:
            await self._application(scope, receive, observed)
        finally:
            route = route_of(scope)
            measured.REQUESTS.add(1, route, status)
            measured.REQUEST_DURATION.observe(time.perf_counter() - begun, route)
