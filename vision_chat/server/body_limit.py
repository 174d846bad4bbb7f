"""A limit for the body of every request: Django spools a body to the disk before it asks who sends it."""

from typing import Any

import msgspec
from django.conf import settings

from vision_chat.conf import MEGABYTE
from vision_chat.errors.images import ImageTooManyBytesError
from vision_chat.services.presentation.sentences import error_json

FRAME_BYTES = 64 * 1024
"""What a form adds around the one image that a request brings."""


class BodyLimit:
    """ASGI middleware for requests: a longer body is answered with 413, as the upload answers others."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        limit = settings.VISION_CHAT.max_image_bytes + FRAME_BYTES
        if _announced(scope) > limit:
            await _refuse(send)
            return
        body = _Counted(receive, limit)
        answer = _Once(send)
        await self._application(scope, body, answer)
        if body.is_too_long and not answer.has_begun:
            await _refuse(send)


class _Counted:
    """Passes on what arrives, up to the limit; then says that the other side hung up."""

    def __init__(self, receive: Any, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.is_too_long = False

    async def __call__(self) -> dict[str, Any]:
        event: dict[str, Any] = await self._receive()
        self._left -= len(event.get("body", b""))
        self.is_too_long = self._left < 0
        return {"type": "http.disconnect"} if self.is_too_long else event


class _Once:
    """Knows whether an answer has begun."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, event: dict[str, Any]) -> None:
        self.has_begun = True
        await self._send(event)


def _announced(scope: dict[str, Any]) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"")
    return int(value) if value.isdigit() else 0


async def _refuse(send: Any) -> None:
    limit = settings.VISION_CHAT.max_image_bytes / MEGABYTE
    body = msgspec.json.encode(error_json(ImageTooManyBytesError(limit=f"{limit:g}")))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
