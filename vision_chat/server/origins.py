"""A check of the origin of pages that open a websocket: this server's own, or a trusted one.

Channels' own check compares host names only. Cookies do not depend on the port, so a page that another
program serves on this host would be signed in here. Refusals are logged, which Channels does not do.
"""

import logging
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from django.http.request import validate_host
from django.utils.http import is_same_domain

from vision_chat.server.occasional import OccasionalWarning

logger = logging.getLogger(__name__)

DEFAULT_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int | None]
"""Scheme, host and port."""


class SameOriginOnly:
    """ASGI middleware for websockets.

    `trusted` are origins such as `https://chat.example.org`, or `https://*.example.org` for all hosts of a
    domain, as in CSRF_TRUSTED_ORIGINS. `allowed_hosts` is ALLOWED_HOSTS: a foreign name that resolves to this
    server (DNS rebinding) is not its own origin.
    """

    def __init__(self, application: Any, trusted: Collection[str], allowed_hosts: Collection[str]) -> None:
        self._application = application
        self._allowed_hosts = list(allowed_hosts)
        self._warn = OccasionalWarning(logger, "A websocket from origin %.200r was refused")
        self._trusted = {parsed for origin in trusted if (parsed := _parse(origin))}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin", "")
        own = _own_origin(scope, headers.get(b"host", ""))
        if (parsed := _parse(origin)) and (self._is_own(parsed, own) or self._is_trusted(parsed)):
            await self._application(scope, receive, send)
            return
        self._warn(origin)
        await send({"type": "websocket.close", "code": 1008})

    def _is_own(self, origin: Origin, own: Origin | None) -> bool:
        host = f"[{origin[1]}]" if ":" in origin[1] else origin[1]
        return origin == own and validate_host(host, self._allowed_hosts)

    def _is_trusted(self, origin: Origin) -> bool:
        scheme, host, port = origin
        return any(
            (scheme, port) == (trusted_scheme, trusted_port)
            and is_same_domain(host, trusted_host.lstrip("*"))
            for trusted_scheme, trusted_host, trusted_port in self._trusted
        )


def _own_origin(scope: dict[str, Any], host: str) -> Origin | None:
    scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme", "ws"), "http")
    return _parse(f"{scheme}://{host}")


def _parse(origin: str) -> Origin | None:
    """Return scheme, host and port; None where `origin` is not an origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
