"""The chat-completion call: one HTTP client for the process, streaming, retries and typed errors.

    async with client.stream(endpoint, messages, parameters) as completion:
        async for piece in completion:
            print(piece.text, end="")
    completion.finish

The task in the `async with` owns the call: cancelling it, or leaving the block, closes the upstream
connection, so that nobody pays for tokens that nobody reads.
"""

import asyncio
import logging
import random
import re
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec

from vision_chat.errors.completions import (
    CompletionError,
    NotACompletionError,
    ReplyLostError,
    RequestTooLargeError,
)
from vision_chat.services.completions._connections import (
    HTTP_ERRORS,
    MAX_CONNECTIONS,
    basic_authorization,
    connection_error,
    describe,
    http_client,
    without_login,
)
from vision_chat.services.completions._provider_errors import error_from_response, trimmed
from vision_chat.services.completions.catalogue import UNKNOWN, ModelStatus, status_of
from vision_chat.services.completions.chunks import Finish, Piece, ReplyReader, WholeReplyReader
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.retries import Retries
from vision_chat.services.completions.timeouts import Deadlines, Timeouts

logger = logging.getLogger(__name__)

MAX_ERROR_BYTES: Final = 64 * 1024
CATALOGUE_SECONDS: Final = 10

USAGE_SECONDS: Final = 5.0
"""How long to wait for usage and cost after the finish reason."""
END_SECONDS: Final = 0.25
"""How long to wait after `[DONE]` for the end of the body, which lets the connection be used again."""


class Completion:
    """One running completion: an asynchronous iterator over its pieces, to be read once."""

    def __init__(
        self, response: httpx.Response, reader: ReplyReader, deadlines: Deadlines, request_id: str
    ) -> None:
        self._body = response.aiter_bytes()
        self._reader = reader
        self._deadlines = deadlines
        self._ids = {"request_id": request_id, "inference_id": response.headers.get("x-inference-id", "")}

    @property
    def finish(self) -> Finish:
        """How the reply ended, or as much as is known before its end."""
        return self._reader.finish(**self._ids)

    async def __aiter__(self) -> AsyncIterator[Piece]:
        """Yield the pieces as they come, until the end. Raises CompletionErrors."""
        while data := await self._receive():
            for piece in self._reader.feed(data):
                yield piece
        for piece in self._reader.close():
            yield piece

    async def _receive(self) -> bytes:
        """Return the next bytes, b"" at the end. After the model's last word no failure is an error."""
        try:
            async with asyncio.timeout_at(self._deadline()):
                return await anext(self._body, b"")
        except (TimeoutError, *HTTP_ERRORS) as error:
            if self._reader.is_complete:
                return b""
            raise self._error(error) from error

    def _deadline(self) -> float:
        if self._reader.is_done:
            return self._deadlines.after(END_SECONDS)
        if self._reader.is_complete:
            return self._deadlines.after(USAGE_SECONDS)
        if self._reader.has_begun:
            return self._deadlines.after(self._deadlines.timeouts.between_tokens)
        return self._deadlines.first_token

    def _error(self, error: Exception) -> CompletionError:
        if isinstance(error, TimeoutError):
            return self._deadlines.error(has_begun=self._reader.has_begun)
        return ReplyLostError(describe(error))


class CompletionClient:
    """Calls endpoints over connections that it keeps. One for each process, entered on the event loop.

    `sleep` and `jitter` (0 to 1) are those of retries; tests replace them, and the trusted certificates too.
    """

    def __init__(
        self,
        *,
        retries: Retries | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        max_connections: int = MAX_CONNECTIONS,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._retries, self._sleep, self._jitter = retries or Retries(), sleep, jitter
        self._max_connections = max_connections
        self._context = context

    async def __aenter__(self) -> Self:
        self._http = http_client(max_connections=self._max_connections, context=self._context)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @asynccontextmanager
    async def stream(
        self,
        endpoint: Endpoint,
        messages: Sequence[Mapping[str, Any]],
        parameters: Parameters | None = None,
        *,
        request_id: str = "",
        timeouts: Timeouts | None = None,
    ) -> AsyncIterator[Completion]:
        """Call the endpoint and give the completion. Raises CompletionErrors, also while it is read."""
        request_id = _clean_id(request_id)
        deadlines = Deadlines(timeouts or Timeouts())
        body = _body(endpoint, messages, parameters or Parameters())
        request = self._request(endpoint, body, request_id, deadlines.timeouts.connect)
        response = await self._open(request, endpoint, deadlines)
        try:
            yield Completion(response, _reader(endpoint, response), deadlines, request_id)
        finally:
            await response.aclose()

    async def look_up(self, endpoint: Endpoint) -> ModelStatus:
        """Return what the endpoint's catalogue says about its model; UNKNOWN when it does not answer."""
        try:
            async with asyncio.timeout(CATALOGUE_SECONDS):
                response = await self._http.get(
                    _url(endpoint, "/models"),
                    params={"include": "modalities,capabilities"},
                    headers=_authorization(endpoint),
                    timeout=CATALOGUE_SECONDS,
                )
        except (TimeoutError, *HTTP_ERRORS) as error:
            logger.info("catalogue.unavailable: %s", describe(error))
            return UNKNOWN
        return status_of(endpoint.model_name, response.content) if response.is_success else UNKNOWN

    def _request(self, endpoint: Endpoint, body: bytes, request_id: str, connect: float) -> httpx.Request:
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "X-Client-Request-Id": request_id,
        }
        return self._http.build_request(
            "POST",
            _url(endpoint, "/chat/completions"),
            content=body,
            headers=headers | _authorization(endpoint),
            timeout=httpx.Timeout(None, connect=connect, pool=connect),
        )

    async def _open(self, request: httpx.Request, endpoint: Endpoint, deadlines: Deadlines) -> httpx.Response:
        """Send, and send again where that is safe and sensible, until a 2xx answer begins."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._send(request, endpoint, deadlines)
            except CompletionError as error:
                pause = self._retries.pause(attempt, error, self._jitter())
                if pause is None:
                    raise
                logger.info("completion.retry: %s, attempt %d, in %.1f s", error.code, attempt, pause)
            await self._sleep(pause)

    async def _send(self, request: httpx.Request, endpoint: Endpoint, deadlines: Deadlines) -> httpx.Response:
        deadlines.start_attempt()
        try:
            async with asyncio.timeout_at(deadlines.first_token):
                response = await self._http.send(request, stream=True)
        except HTTP_ERRORS as error:
            raise connection_error(error, deadlines.timeouts) from error
        except TimeoutError:
            raise deadlines.error(has_begun=False) from None
        if response.is_success and "html" not in response.headers.get("content-type", ""):
            return response
        raise await _error_of(response, endpoint, deadlines)


def _url(endpoint: Endpoint, path: str) -> httpx.URL:
    return without_login(httpx.URL(endpoint.base_url + path))


def _authorization(endpoint: Endpoint) -> dict[str, str]:
    """Return the header with the key, or else with the name and password of the address."""
    if endpoint.api_key:
        return {"Authorization": f"Bearer {endpoint.api_key}"}
    url = httpx.URL(endpoint.base_url)
    return {"Authorization": basic_authorization(url)} if url.userinfo else {}


def _body(endpoint: Endpoint, messages: Sequence[Mapping[str, Any]], parameters: Parameters) -> bytes:
    values = parameters.to_json()
    if "max_completion_tokens" not in values:
        values.setdefault("max_tokens", endpoint.rules.max_output_tokens)
    body = msgspec.json.encode(
        {
            "model": endpoint.model_name,
            "messages": messages,
            **values,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    )
    if len(body) > endpoint.rules.max_body_bytes:
        raise RequestTooLargeError(f"{len(body)} bytes, of {endpoint.rules.max_body_bytes} allowed")
    return body


def _clean_id(request_id: str) -> str:
    """Return an id that providers accept: a bad one would be dropped silently, and with it the trace."""
    return re.sub(r"[^A-Za-z0-9._:-]", "-", request_id)[:128] or uuid.uuid4().hex


def _reader(endpoint: Endpoint, response: httpx.Response) -> ReplyReader:
    is_json = "json" in response.headers.get("content-type", "")
    return (WholeReplyReader if is_json else ReplyReader)(
        model_name=endpoint.model_name,
        secret=endpoint.api_key,
        cost={
            "usd_spent": response.headers.get("x-aimlapi-usd-spent"),
            "credits_used": response.headers.get("x-aimlapi-credits-used"),
        },
    )


async def _error_of(response: httpx.Response, endpoint: Endpoint, deadlines: Deadlines) -> CompletionError:
    """Read as much of an error response as is worth reading. That it breaks off changes nothing."""
    body = b""
    try:
        async with asyncio.timeout_at(deadlines.after(deadlines.timeouts.between_tokens)):
            async for data in response.aiter_bytes():
                body += data
                if len(body) > MAX_ERROR_BYTES:
                    break
    except (TimeoutError, *HTTP_ERRORS) as error:
        logger.info("completion.error_unread: %s", describe(error))
    finally:
        await response.aclose()
    if response.is_success:
        return NotACompletionError(trimmed(body.decode(errors="replace"), endpoint.api_key))
    return error_from_response(
        response.status_code, response.headers, body, model_name=endpoint.model_name, secret=endpoint.api_key
    )
