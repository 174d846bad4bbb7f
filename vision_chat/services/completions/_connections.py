"""The HTTP client for all endpoints, and what a failed connection means: exception in, typed error out.

httpx on aiohttp's connections (`httpx-aiohttp`), which take half the CPU per chunk of httpx's own.
"""

import base64
import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream

from vision_chat.errors.completions import (
    CompletionError,
    ConnectTimeoutError,
    DisconnectedError,
    NotACompletionError,
    UnknownHostError,
    UnreachableError,
    UntrustedError,
)
from vision_chat.services.completions._body import PIECE_BYTES
from vision_chat.services.completions._provider_errors import trimmed
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.connector import Connector

# aiohttp takes None for its default of 100, and then reply 101 waits for another one to end.
MAX_CONNECTIONS: Final = 1000
KEEP_ALIVE_SECONDS: Final = 60
BUFFER_BYTES: Final = 16 * 1024
"""Bytes that aiohttp reads ahead; it holds a sixteenth as many of the chunks of a body."""
LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
HEADERS: Final = {"User-Agent": "vision-chat", "Accept-Encoding": "identity"}

HTTP_ERRORS: Final = (httpx.RequestError, aiohttp.ClientError)
"""All that a call may raise: the transport hands on those of aiohttp's errors for which httpx has no name."""


class ProxiedTransport(httpx.AsyncBaseTransport):
    """Calls other machines through the proxy of the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY).

    Neither library can be left to read the environment: httpx does not for a given transport, and aiohttp
    then refuses our key where a .netrc has a password for the host.
    """

    def __init__(self, session: aiohttp.ClientSession, context: ssl.SSLContext) -> None:
        self._session = session
        self._direct = AiohttpTransport(verify=context, client=session)
        self._proxied = {
            scheme: AiohttpTransport(verify=context, client=session, proxy=_proxy(address))
            for scheme, address in getproxies().items()
            if scheme in {"http", "https"}
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport(request.url).handle_async_request(request)
        if isinstance(response.stream, AiohttpResponseStream):
            response.stream.CHUNK_SIZE = PIECE_BYTES
        return response

    async def aclose(self) -> None:
        await self._session.close()

    def _transport(self, url: httpx.URL) -> AiohttpTransport:
        if url.host in LOCAL_HOSTS or proxy_bypass(url.host):
            return self._direct
        return self._proxied.get(url.scheme, self._direct)


def _proxy(address: str) -> httpx.Proxy:
    url = httpx.URL(address if "://" in address else f"http://{address}")
    # aiohttp makes Proxy-Authorization of it; the proxy's `auth` would be a deprecated parameter of its own
    headers = {"Authorization": basic_authorization(url)} if url.userinfo else {}
    return httpx.Proxy(without_login(url), headers=headers)


def basic_authorization(url: httpx.URL) -> str:
    """Return the header value for the name and password of an address."""
    return f"Basic {base64.b64encode(f'{url.username}:{url.password}'.encode()).decode()}"


def without_login(url: httpx.URL) -> httpx.URL:
    return url.copy_with(username="", password="")


def http_client(
    *, max_connections: int = MAX_CONNECTIONS, context: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """Return a client that keeps connections but no cookies, and follows no redirects.

    A cookie would tell the provider which questions come from the same server, and a redirect would carry
    the key away. Must be called on the event loop.
    """
    context = context or _trusted()
    session = aiohttp.ClientSession(
        connector=Connector(ssl=context, limit=max_connections, keepalive_timeout=KEEP_ALIVE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=BUFFER_BYTES,
    )
    return httpx.AsyncClient(
        transport=ProxiedTransport(session, context),
        headers=HEADERS,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
    )


# The first match counts.
CONNECTION_ERRORS: Final[tuple[tuple[type[Exception], type[CompletionError]], ...]] = (
    (aiohttp.ClientConnectorDNSError, UnknownHostError),
    (aiohttp.ClientConnectorCertificateError, UntrustedError),
    (aiohttp.ClientConnectorSSLError, UntrustedError),
    (aiohttp.ClientConnectorError, UnreachableError),
    (aiohttp.ServerTimeoutError, ConnectTimeoutError),
    (aiohttp.ServerDisconnectedError, DisconnectedError),
    (aiohttp.ClientOSError, DisconnectedError),
    (aiohttp.ClientResponseError, NotACompletionError),
    (httpx.RemoteProtocolError, NotACompletionError),
)


@cache
def _trusted() -> ssl.SSLContext:
    """Return what certificates are checked by: read once, which takes 25 ms."""
    return httpx.create_ssl_context()


def connection_error(error: Exception, timeouts: Timeouts) -> CompletionError:
    """Return the error for a call that got no answer at all."""
    cause = _cause(error)
    kind = next((kind for matched, kind in CONNECTION_ERRORS if isinstance(cause, matched)), UnreachableError)
    return kind(describe(error), seconds=round(timeouts.connect))


def describe(error: Exception) -> str:
    """Return an error's type and text, never its repr: aiohttp's holds the headers sent, and so the key."""
    cause = _cause(error)
    return trimmed(f"{type(cause).__name__}: {cause}")


def _cause(error: Exception) -> Exception:
    """Return aiohttp's own error: httpx-aiohttp makes a ConnectTimeout of nearly all of them."""
    return error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
