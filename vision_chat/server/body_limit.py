"""A limit for the body of every request: Django writes a body to the disk before it checks the session."""

from typing import Any

import msgspec
from django.conf import settings

from vision_chat.conf import MEGABYTE
from vision_chat.errors.images import ImageTooManyBytesError
from vision_chat.services.presentation.sentences import error_json

FORM_OVERHEAD_BYTES = 64 * 1024
"""Bytes that a multipart form may add to its image."""


class BodyLimit:
    """ASGI middleware for requests: answers 413, and the JSON of an upload's errors, to a body too long."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        limit = settings.VISION_CHAT.max_image_bytes + FORM_OVERHEAD_BYTES
        if _content_length(scope) > limit:
            await _refuse(send)
            return
        limited = _LimitedReceive(receive, limit)
        observed = _ObservedSend(send)
        await self._application(scope, limited, observed)
        if limited.is_too_long and not observed.has_begun:
            await _refuse(send)


class _LimitedReceive:
    """A `receive` that passes on a body up to the limit, and then reports a disconnect."""

    def __init__(self, receive: Any, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.is_too_long = False

    async def __call__(self) -> dict[str, Any]:
        event: dict[str, Any] = await self._receive()
        self._left -= len(event.get("body", b""))
        self.is_too_long = self._left < 0
        return {"type": "http.disconnect"} if self.is_too_long else event


class _ObservedSend:
    """A `send` that notes whether a response has begun."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, event: dict[str, Any]) -> None:
        self.has_begun = True
        await self._send(event)


def _content_length(scope: dict[str, Any]) -> int:
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
