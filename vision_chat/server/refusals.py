"""Answers to requests that the server cannot take now: a page for people, JSON for scripts."""

import asyncio
from typing import Any

from django.db.utils import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string

from vision_chat.errors.accounts import ExportRunningError
from vision_chat.errors.base import ChatError
from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.errors.server import (
    BusyError,
    DatabaseUnavailableError,
    DiskFullError,
    FilesUnavailableError,
    ServerError,
)
from vision_chat.server.security import HEADERS
from vision_chat.services.files.errors import trouble_of
from vision_chat.services.presentation.sentences import error_json, sentence

STATUSES: dict[type[ChatError], int] = {
    AuditUnavailableError: 503,
    BusyError: 503,
    DatabaseUnavailableError: 503,
    DiskFullError: 507,
    ExportRunningError: 429,
    FilesUnavailableError: 503,
}
"""The status of each error; 413 of those that are about the body."""
RETRY_AFTER_SECONDS = 5
DRAINED_BYTES = 256_000_000
DRAINED_SECONDS = 30.0


def meaning_of(error: BaseException | None) -> ChatError | None:
    """Return what an exception means for people; None where it is a fault of the program."""
    if isinstance(error, ServerError):
        return error
    if isinstance(error, OSError):
        return trouble_of(error)
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    text = str(error)
    if text.startswith("no such "):  # SQLite's words for a table or column that a query should not name
        return None
    return (
        DiskFullError(text) if "is full" in text or "space left" in text else DatabaseUnavailableError(text)
    )


def refusal(error: ChatError, accept: str) -> HttpResponse:
    """Return the answer, in the form that the Accept header asks for."""
    status = STATUSES.get(type(error), 413)
    response: HttpResponse
    if "text/html" in accept:
        page = render_to_string("refusal.html", {"sentence": sentence(error, error.params)})
        response = HttpResponse(page, status=status)
    else:
        response = JsonResponse(error_json(error), status=status)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


async def refuse(error: ChatError, scope: Any, receive: Any, send: Any) -> None:
    """Answer without Django, and close the connection after the client could read the answer.

    A connection that is closed while its body still arrives is reset, and the client never sees the answer.
    So the answer is sent first, and what arrives is thrown away, up to a limit of size and time.
    """
    accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
    response = refusal(error, accept)
    headers = {
        **response.headers,
        **HEADERS,
        "Content-Length": str(len(response.content)),
        "Connection": "close",
    }
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": encoded})
    await send({"type": "http.response.body", "body": response.content, "more_body": True})
    await _drain(receive)
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive: Any) -> None:
    left = DRAINED_BYTES
    try:
        async with asyncio.timeout(DRAINED_SECONDS):
            while left > 0:
                event = await receive()
                if not event.get("more_body"):
                    return
                left -= len(event["body"])
    except TimeoutError:
        return
