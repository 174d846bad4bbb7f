"""The room in front of Django, in which requests wait for their turn."""

from functools import partial
from typing import Any

from vision_chat.errors.server import BusyError, DatabaseUnavailableError
from vision_chat.server.exports import is_export
from vision_chat.server.known_sessions import known_sessions
from vision_chat.server.places import EXPORTS, PAGES, PICTURES, UPLOADS, Places
from vision_chat.server.refusals import refuse
from vision_chat.server.turns import Caller, Turns
from vision_chat.server.uploads import is_picture, is_upload
from vision_chat.services.accounts.sessions import session_key_of
from vision_chat.services.files.remote import is_remote


class WaitingRoom:
    """ASGI middleware for requests. A request takes its place when its body has arrived, and not before.

    Somebody whose body never ends takes no place of others. Nobody is let in while the database is away: the
    places would be full of those who wait for it.
    """

    def __init__(
        self, application: Any, pages: Places = PAGES, uploads: Places = UPLOADS, exports: Places = EXPORTS
    ) -> None:
        self._application = application
        self._pages = Turns(pages)
        self._uploads = Turns(uploads)
        self._exports = Turns(exports)
        self._pictures = Turns(PICTURES)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["state"]["runtime"].is_database_away:
            await refuse(DatabaseUnavailableError(), scope, receive, send)
            return
        visit = _Visit(self._turns_for(scope), caller_of(scope), receive)
        try:
            await self._application(scope, visit.receive, send)
        finally:
            visit.leave()
        if visit.is_refused:
            await refuse(BusyError(), scope, receive, send)

    def _turns_for(self, scope: Any) -> Turns:
        if is_upload(scope):
            return self._uploads
        if is_export(scope):
            return self._exports
        return self._pictures if is_picture(scope) and is_remote() else self._pages


class _Visit:
    """One request: its place, which it has from the end of its body on."""

    def __init__(self, turns: Turns, caller: Caller, receive: Any) -> None:
        self._take = partial(turns.take, caller)
        self._give_back = partial(turns.give_back, caller)
        self._receive = receive
        self._has_place = False
        self.is_refused = False

    async def receive(self) -> dict[str, Any]:
        event: dict[str, Any] = await self._receive()
        if self._has_place or event["type"] != "http.request" or event.get("more_body"):
            return event
        try:
            await self._take()
        except BusyError:
            self.is_refused = True
            return {"type": "http.disconnect"}  # Django then forgets what it has read
        self._has_place = True
        return event

    def leave(self) -> None:
        if self._has_place:
            self._give_back()


def caller_of(scope: Any) -> Caller:
    """Return who asks. An invented session counts for the address that it comes from."""
    key = session_key_of(scope["headers"])
    if key in known_sessions:
        return Caller(f"session {key}", is_known=True)
    client = scope.get("client")
    return Caller(f"address {client[0] if client else ''}", is_known=False)
