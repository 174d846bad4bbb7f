"""Which pages may open a socket: those of this very origin, and those that are trusted by name.

Cookies do not tell ports apart, so a page that another program serves on this host would be signed in
here; and a refusal without a log line costs a day.
"""

import logging
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from django.http.request import validate_host
from django.utils.http import is_same_domain

logger = logging.getLogger(__name__)

DEFAULT_PORTS = {"http": 80, "https": 443}

# Scheme, host and port.
Origin = tuple[str, str, int | None]


class SameOriginOnly:
    """ASGI middleware for sockets. `trusted` are origins such as `https://chat.example.org`, or such as
    `https://*.example.org` for all hosts of a domain, as Django takes them for forms. `allowed_hosts` are
    those which pages are served for: one that somebody else's name server leads here is not the own origin.
    """

    def __init__(self, application: Any, trusted: Collection[str], allowed_hosts: Collection[str]) -> None:
        self._application = application
        self._allowed_hosts = list(allowed_hosts)
        self._trusted = {normal for origin in trusted if (normal := _normal(origin))}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin", "")
        own = _own(scope, headers.get(b"host", ""))
        if (wanted := _normal(origin)) and (self._is_served(wanted, own) or self._is_trusted(wanted)):
            await self._application(scope, receive, send)
            return
        logger.warning("A socket from origin %.200r was refused", origin)
        await send({"type": "websocket.close", "code": 1008})

    def _is_served(self, wanted: Origin, own: Origin | None) -> bool:
        host = f"[{wanted[1]}]" if ":" in wanted[1] else wanted[1]
        return wanted == own and validate_host(host, self._allowed_hosts)

    def _is_trusted(self, wanted: Origin) -> bool:
        scheme, host, port = wanted
        return any(
            (scheme, port) == (trusted_scheme, trusted_port)
            and is_same_domain(host, trusted_host.lstrip("*"))
            for trusted_scheme, trusted_host, trusted_port in self._trusted
        )


def _own(scope: dict[str, Any], host: str) -> Origin | None:
    scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme", "ws"), "http")
    return _normal(f"{scheme}://{host}")


def _normal(origin: str) -> Origin | None:
    """Scheme, host and port; None for what is no origin, which equals nothing."""
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
