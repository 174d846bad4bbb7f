"""The connections to endpoints, and what it means that one fails: aiohttp's exception in, typed error out."""

import ssl
from typing import Final

import aiohttp
import httpx

from vision_chat.errors.completions import (
    CompletionError,
    ConnectTimeoutError,
    DisconnectedError,
    NotACompletionError,
    UnknownHostError,
    UnreachableError,
    UntrustedError,
)
from vision_chat.services.completions.provider_errors import trimmed
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.completions.transport import Transport

# aiohttp takes None for its default of 100, and then reply 101 waits for another one to end.
MAX_CONNECTIONS: Final = 1000
KEEP_ALIVE_SECONDS: Final = 60
LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Connections:
    """Kept open for the next call; those to other machines go through the proxy of the environment.

    Requests go straight to httpx's transport. The client around it keeps cookies, looks for redirects and
    merges settings, none of which is wanted here, and took as long as opening the request itself.
    """

    def __init__(self, *, max_connections: int = MAX_CONNECTIONS) -> None:
        self._max_connections = max_connections
        context = httpx.create_ssl_context()
        self._far, self._near = (
            Transport(self._session(context, trust_env=trust_env)) for trust_env in (True, False)
        )

    async def exchange(self, request: httpx.Request) -> httpx.Response:
        """Send, and return the response as soon as it begins: its body is still to be read, and closed."""
        transport = self._near if request.url.host in LOCAL_HOSTS else self._far
        return await transport.handle_async_request(request)

    async def close(self) -> None:
        await self._far.aclose()
        await self._near.aclose()

    def _session(self, context: ssl.SSLContext, *, trust_env: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=context, limit=self._max_connections, keepalive_timeout=KEEP_ALIVE_SECONDS
        )
        # a cookie would tell the provider which questions come from the same server
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=trust_env
        )


# The first match counts.
CONNECTION_ERRORS: Final[tuple[tuple[type[aiohttp.ClientError], type[CompletionError]], ...]] = (
    (aiohttp.ClientConnectorDNSError, UnknownHostError),
    (aiohttp.ClientConnectorCertificateError, UntrustedError),
    (aiohttp.ClientConnectorSSLError, UntrustedError),
    (aiohttp.ClientConnectorError, UnreachableError),
    (aiohttp.ServerTimeoutError, ConnectTimeoutError),
    (aiohttp.ServerDisconnectedError, DisconnectedError),
    (aiohttp.ClientOSError, DisconnectedError),
    (aiohttp.ClientResponseError, NotACompletionError),
)


def connection_error(error: aiohttp.ClientError, timeouts: Timeouts) -> CompletionError:
    """The error for a call that got no answer at all."""
    kind = next((kind for matched, kind in CONNECTION_ERRORS if isinstance(error, matched)), UnreachableError)
    return kind(words_of(error), seconds=round(timeouts.connect))


def words_of(error: Exception) -> str:
    """Its text, never its repr: that of aiohttp's errors holds the request's headers, and so the key."""
    return trimmed(f"{type(error).__name__}: {error}")
