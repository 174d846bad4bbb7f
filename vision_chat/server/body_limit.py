"""A limit for the body of every request: Django writes a body to the disk before it checks the session."""

from typing import Any

from django.conf import settings

from vision_chat.conf import MEGABYTE
from vision_chat.errors.base import ChatError
from vision_chat.errors.documents import DocumentTooManyBytesError
from vision_chat.errors.images import ImageTooManyBytesError
from vision_chat.errors.server import BodyTooLongError
from vision_chat.server.refusals import meaning_of, refuse
from vision_chat.server.uploads import DOCUMENT_PATH, is_upload

FORM_OVERHEAD_BYTES = 64 * 1024
"""Bytes that a multipart form may add to its file."""


class BodyLimit:
    """ASGI middleware for requests: refuses a body that is too long, or that the disk cannot hold."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        limit = settings.VISION_CHAT.max_image_bytes + FORM_OVERHEAD_BYTES
        if _content_length(scope) > limit:
            await refuse(_too_long(scope), scope, receive, send)
            return
        limited = _LimitedReceive(receive, limit)
        observed = _ObservedSend(send)
        refused: ChatError | None = None
        try:
            await self._application(scope, limited, observed)
        except OSError as error:
            refused = meaning_of(error)
            if refused is None or observed.has_begun:
                raise
        if limited.is_too_long:
            refused = _too_long(scope)
        if refused is not None and not observed.has_begun:
            await refuse(refused, scope, receive, send)


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


def _too_long(scope: dict[str, Any]) -> ChatError:
    if not is_upload(scope):
        return BodyTooLongError()
    is_document = scope["path"] == DOCUMENT_PATH
    error = DocumentTooManyBytesError if is_document else ImageTooManyBytesError
    return error(limit=settings.VISION_CHAT.max_image_bytes / MEGABYTE)
