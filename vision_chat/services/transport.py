"""httpx's transport interface on aiohttp: a request in, a response out."""

from collections.abc import AsyncIterator

import aiohttp
import httpx


class Transport(httpx.AsyncBaseTransport):
    """Raises aiohttp's errors as they are: httpx has no names for most of them."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        seconds = request.extensions.get("timeout", {})
        response = await self._session.request(
            request.method,
            str(request.url),
            headers=request.headers,
            data=request.content or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=None, connect=seconds.get("pool"), sock_connect=seconds.get("connect")
            ),
        )
        # aiohttp undoes the compression, and httpx must not try it again
        headers = [header for header in response.raw_headers if header[0].lower() != b"content-encoding"]
        return httpx.Response(response.status, headers=headers, stream=Body(response), request=request)

    async def aclose(self) -> None:
        await self._session.close()


class Body(httpx.AsyncByteStream):
    """What comes after the headers, to be iterated over. Closed early, it closes the connection."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._response.content.iter_any()

    async def aclose(self) -> None:
        self._response.close()
