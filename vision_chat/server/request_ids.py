"""ASGI middleware that gives each request and each websocket its id, and says it in the answer."""

import ipaddress
from collections.abc import Iterable
from typing import Any, Final

from vision_chat.server.known_sessions import known_sessions
from vision_chat.services.accounts.sessions import session_key_of
from vision_chat.services.request_ids import Origin, is_sound, new_id, work_for

HEADER: Final = b"x-request-id"
ANSWERS: Final = frozenset({"http.response.start", "websocket.accept"})


class RequestIds:
    """Takes the id that a trusted proxy gave the request, and makes one for all others.

    Outermost, because the address of the proxy is replaced further inside.
    """

    def __init__(self, application: Any, trusted_proxies: Iterable[str] = ()) -> None:
        self._application = application
        self._trusted = [ipaddress.ip_network(network) for network in trusted_proxies]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._application(scope, receive, send)
            return
        request_id = self._given(scope) or new_id()
        person_id = known_sessions.person_of(session_key_of(scope["headers"]))
        work_for(Origin(request_id, person_id))

        async def send_with_id(event: dict[str, Any]) -> None:
            if event["type"] in ANSWERS:
                event = {**event, "headers": [*event.get("headers", ()), (HEADER, request_id.encode())]}
            await send(event)

        await self._application(scope, receive, send_with_id)

    def _given(self, scope: Any) -> str:
        """Return the id from a trusted proxy; "" where there is none that may be taken."""
        given = [value for name, value in scope["headers"] if name == HEADER]
        if len(given) != 1 or not self._is_trusted(scope.get("client")):
            return ""
        request_id: str = given[0].decode("latin-1")
        return request_id if is_sound(request_id) else ""

    def _is_trusted(self, client: tuple[str, int] | None) -> bool:
        if not (self._trusted and client):
            return False
        try:
            address = ipaddress.ip_address(client[0])
        except ValueError:
            return False
        return any(address in network for network in self._trusted)
