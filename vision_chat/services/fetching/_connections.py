"""Connections for one request, to addresses that were looked up and checked before."""

import socket
from collections.abc import Sequence
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from vision_chat.errors.fetching import AddressNotPublicError
from vision_chat.services.connector import Connector
from vision_chat.services.fetching.rules import Rules

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 15.0
HEADERS: Final = {
    "User-Agent": "vision-chat",
    "Accept": "image/*, application/pdf;q=0.9, */*;q=0.1",
    "Accept-Encoding": "identity",
}


def open_session(addresses: Sequence[str], rules: Rules, context: Any) -> aiohttp.ClientSession:
    """Return a session that reaches these addresses alone: without cookies, proxies and kept connections."""
    connector = Connector(
        ssl=context,
        resolver=_Pinned(addresses),
        use_dns_cache=False,
        force_close=True,
        socket_factory=lambda info: _socket(info, rules),
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=HEADERS,
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS),
    )


class _Pinned(AbstractResolver):
    """Answers with what was looked up before, whatever the name."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        pass


def _socket(info: tuple[Any, ...], rules: Rules) -> socket.socket:
    """Make the socket of a connection: the last door, whatever way an address has come by."""
    family, kind, protocol, _, (host, port, *_rest) = info
    if not rules.allow(host) or port not in rules.ports:
        raise AddressNotPublicError
    made = socket.socket(family, kind, protocol)
    made.setblocking(False)  # noqa: FBT003 - it takes no name
    return made
