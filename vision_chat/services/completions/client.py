"""The chat-completion call: one process-wide HTTP client, streaming, retries and typed errors.

    async with client.stream(endpoint, messages, parameters) as completion:
        await completion.read(take)
    completion.finish

The task in the `async with` owns the call: cancelling it, or leaving the block, closes the upstream
connection, so that nobody pays for tokens that nobody reads.
"""

import asyncio
import logging
import random
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import httpx
import orjson

from vision_chat.errors.completions import (
    CompletionError,
    NotACompletionError,
    ReplyLostError,
    RequestTooLargeError,
)
from vision_chat.services.completions.catalogue import UNKNOWN, ModelStatus, status_of
from vision_chat.services.completions.chunks import Finish, ReplyReader, WholeReplyReader
from vision_chat.services.completions.connections import (
    MAX_CONNECTIONS,
    Connections,
    connection_error,
    words_of,
)
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.provider_errors import refusal, trimmed
from vision_chat.services.completions.retries import Retries
from vision_chat.services.completions.timeouts import Clock, MovingDeadline, Timeouts
from vision_chat.services.completions.transport import Body

logger = logging.getLogger(__name__)

MAX_REFUSAL_BYTES: Final = 64 * 1024
CATALOGUE_SECONDS: Final = 10

# After the last word: how long to wait for what it cost, and for the end that lets the connection be kept.
COST_SECONDS: Final = 5.0
END_SECONDS: Final = 0.25


class Completion:
    """One running completion, to be read once."""

    def __init__(self, response: httpx.Response, reader: ReplyReader, clock: Clock, request_id: str) -> None:
        assert isinstance(response.stream, Body)
        self._body = response.stream
        self._reader = reader
        self._clock = clock
        self._ids = {"request_id": request_id, "inference_id": response.headers.get("x-inference-id", "")}

    @property
    def finish(self) -> Finish:
        """How it ended. Before the end: as much as is known."""
        return self._reader.finish(**self._ids)

    async def read(self, take: Callable[[str], None]) -> None:
        """Give `take` the text as it comes, until the end. Raises CompletionErrors."""
        reader, move_deadline = self._reader, self._patience

        def receive(data: bytes) -> None:
            text = reader.feed(data)
            if text:
                take(text)
            if reader.failure is not None:
                raise reader.failure
            move_deadline()

        try:
            with self._patience():
                await self._body.push(receive)
        except (TimeoutError, aiohttp.ClientError) as error:
            if not reader.is_complete:  # nothing that happens after the last word is an error
                raise self._failure(error) from error
        if text := reader.close():
            take(text)
        if reader.failure is not None:
            raise reader.failure

    def _failure(self, error: TimeoutError | aiohttp.ClientError) -> CompletionError:
        if isinstance(error, aiohttp.ClientError):
            return ReplyLostError(words_of(error))
        return self._clock.error(has_begun=self._reader.has_begun)

    def _patience(self) -> MovingDeadline:
        """Move the deadline away from what has just come."""
        reader = self._reader
        if reader.is_complete:
            return self._clock.silence(END_SECONDS if reader.done else COST_SECONDS)
        return self._clock.silence() if reader.has_begun else self._clock.until_first_token()


class CompletionClient:
    """One for each process. `sleep` and `jitter` (0 to 1) are replaced in tests."""

    def __init__(
        self,
        *,
        retries: Retries | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self._retries, self._sleep, self._jitter = retries or Retries(), sleep, jitter
        self._max_connections = max_connections

    async def __aenter__(self) -> Self:
        self._connections = Connections(max_connections=self._max_connections)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.close()

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
        """Call the endpoint and give the running completion. Raises CompletionErrors, here and inside."""
        request_id = _clean_id(request_id)
        clock = Clock(timeouts or Timeouts())
        try:
            body = _body(endpoint, messages, parameters or Parameters())
            request = _request(endpoint, body, request_id, clock.timeouts)
            response = await self._open(request, endpoint, clock)
            try:
                yield Completion(response, _reader(endpoint, response), clock, request_id)
            finally:
                await response.aclose()
        finally:
            clock.close()

    async def look_up(self, endpoint: Endpoint) -> ModelStatus:
        """Ask the endpoint's catalogue about its model; UNKNOWN when it does not answer."""
        url = _url(f"{endpoint.base_url}/models").copy_merge_params({"include": "modalities,capabilities"})
        request = httpx.Request("GET", url, headers=_headers(endpoint.api_key))
        try:
            async with asyncio.timeout(CATALOGUE_SECONDS):
                response = await self._connections.exchange(request)
                try:
                    body = await response.aread()
                finally:
                    await response.aclose()
        except (TimeoutError, aiohttp.ClientError) as error:
            logger.info("catalogue.unavailable: %s", words_of(error))
            return UNKNOWN
        return status_of(endpoint.model_name, body) if response.is_success else UNKNOWN

    async def _open(self, request: httpx.Request, endpoint: Endpoint, clock: Clock) -> httpx.Response:
        """Send, and send again where that is safe and sensible, until a 2xx answer begins."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._send(request, endpoint, clock)
            except CompletionError as error:
                pause = self._retries.pause(attempt, error, self._jitter())
                if pause is None:
                    raise
                logger.info("completion.retry: %s, attempt %d, in %.1f s", error.code, attempt, pause)
            await self._sleep(pause)

    async def _send(self, request: httpx.Request, endpoint: Endpoint, clock: Clock) -> httpx.Response:
        clock.start_attempt()
        try:
            with clock.until_first_token():
                response = await self._connections.exchange(request)
        except aiohttp.ClientError as error:  # first, for some of them are TimeoutErrors too
            raise connection_error(error, clock.timeouts) from error
        except TimeoutError:
            raise clock.error(has_begun=False) from None
        if response.is_success and "html" not in response.headers.get("content-type", ""):
            return response
        raise await _refusal(response, endpoint, clock)


def _request(endpoint: Endpoint, body: bytes, request_id: str, timeouts: Timeouts) -> httpx.Request:
    request = httpx.Request(
        "POST",
        _url(f"{endpoint.base_url}/chat/completions"),
        # `content` would read all headers again, to add those which aiohttp adds anyway
        stream=httpx.ByteStream(body),
        headers=_completion_headers(endpoint.api_key),
        extensions={"timeout": {"connect": timeouts.connect, "pool": timeouts.connect}},
    )
    request.headers["X-Client-Request-Id"] = request_id
    request.read()
    return request


@lru_cache(maxsize=32)
def _completion_headers(api_key: str) -> httpx.Headers:
    """Read once; a request takes a copy."""
    more = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    return httpx.Headers(_headers(api_key) | more)


_url = lru_cache(maxsize=32)(httpx.URL)


def _body(endpoint: Endpoint, messages: Sequence[Mapping[str, Any]], parameters: Parameters) -> bytes:
    values = parameters.to_json()
    if "max_completion_tokens" not in values:
        values.setdefault("max_tokens", endpoint.rules.max_output_tokens)
    body = orjson.dumps(
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


def _headers(api_key: str) -> dict[str, str]:
    headers = {"User-Agent": "vision-chat", "Accept-Encoding": "identity"}
    return headers | ({"Authorization": f"Bearer {api_key}"} if api_key else {})


def _clean_id(request_id: str) -> str:
    """A bad id would be dropped without a word, and with it the trace."""
    return re.sub(r"[^A-Za-z0-9._:-]", "-", request_id)[:128] or uuid.uuid4().hex


def _reader(endpoint: Endpoint, response: httpx.Response) -> ReplyReader:
    is_json = "json" in response.headers.get("content-type", "")
    return (WholeReplyReader if is_json else ReplyReader)(
        model_name=endpoint.model_name,
        redact=endpoint.api_key,
        cost={
            "usd_spent": response.headers.get("x-aimlapi-usd-spent"),
            "credits_used": response.headers.get("x-aimlapi-credits-used"),
        },
    )


async def _refusal(response: httpx.Response, endpoint: Endpoint, clock: Clock) -> CompletionError:
    """Read as much of the refusal as is worth reading. That it breaks off changes nothing."""
    body = b""
    try:
        with clock.silence():
            async for data in response.aiter_bytes():
                body += data
                if len(body) > MAX_REFUSAL_BYTES:
                    break
    except (TimeoutError, aiohttp.ClientError) as error:
        logger.info("completion.refusal_unread: %s", words_of(error))
    finally:
        await response.aclose()
    if response.is_success:
        return NotACompletionError(trimmed(body.decode(errors="replace"), endpoint.api_key))
    return refusal(
        response.status_code, response.headers, body, model_name=endpoint.model_name, redact=endpoint.api_key
    )
