"""Django's middleware: security headers, requests with NUL, sessions that are known to be somebody's."""

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from vision_chat.server.known_sessions import known_sessions
from vision_chat.server.security import HEADERS

Respond = Callable[[HttpRequest], HttpResponseBase]
RespondLater = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


def _middleware(
    get_response: Respond | RespondLater,
    before: Callable[[HttpRequest], None],
    after: Callable[[HttpRequest, HttpResponseBase], None],
) -> Respond | RespondLater:
    """Return a middleware that calls `before` and `after`, in the form that `get_response` has."""
    if iscoroutinefunction(get_response):

        async def respond_later(request: HttpRequest) -> HttpResponseBase:
            before(request)
            response = await cast(RespondLater, get_response)(request)
            after(request, response)
            return response

        return respond_later

    def respond(request: HttpRequest) -> HttpResponseBase:
        before(request)
        response = cast(Respond, get_response)(request)
        after(request, response)
        return response

    return respond


def _nothing(*args: object) -> None:
    pass


@sync_and_async_middleware
def security_headers(get_response: Respond | RespondLater) -> Respond | RespondLater:
    """Add the headers of `HEADERS` that a response does not set itself."""

    def secure(request: HttpRequest, response: HttpResponseBase) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)

    return _middleware(get_response, _nothing, secure)


@sync_and_async_middleware
def without_nul(get_response: Respond | RespondLater) -> Respond | RespondLater:
    """Refuse an address with NUL, and ignore such a cookie: PostgreSQL fails where it gets one.

    Fields of forms are checked by the forms, which say so beside the field.
    """

    def check(request: HttpRequest) -> None:
        if "\0" in request.path or "%00" in request.META["QUERY_STRING"]:
            raise BadRequest("An address cannot contain NUL.")
        if any("\0" in value for value in request.COOKIES.values()):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\0" not in value}

    return _middleware(get_response, check, _nothing)


@sync_and_async_middleware
def remember_sessions(get_response: Respond | RespondLater) -> Respond | RespondLater:
    """Remember the sessions of people, whose requests do not wait behind those of strangers."""

    def remember(request: HttpRequest, response: HttpResponseBase) -> None:
        session = request.session
        # one that was read already: nothing is read for this, nor where the database did not answer
        if hasattr(session, "_session_cache") and session.session_key and SESSION_KEY in session:
            known_sessions.add(session.session_key, int(session[SESSION_KEY]))

    return _middleware(get_response, _nothing, remember)
