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
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx

from vision_chat.errors.completions import CompletionError, NotACompletionError
from vision_chat.services.completions._body import Body, InflateError
from vision_chat.services.completions._connections import (
    HTTP_ERRORS,
    MAX_CONNECTIONS,
    connection_error,
    describe,
    http_client,
)
from vision_chat.services.completions._provider_errors import (
    SentRequest,
    error_from_response,
    trimmed,
)
from vision_chat.services.completions._quotations import texts_of
from vision_chat.services.completions._requests import (
    address_of,
    authorization,
    clean_id,
    content_of,
    encode_body,
    max_characters,
    values_of,
)
from vision_chat.services.completions.catalogue import UNKNOWN, ModelStatus, status_of
from vision_chat.services.completions.chunks import ReplyReader
from vision_chat.services.completions.completion import Completion
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.entries import Entry, entries_in
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.retries import Retries
from vision_chat.services.completions.timeouts import Deadlines, Timeouts
from vision_chat.services.metrics import measured

logger = logging.getLogger(__name__)

MAX_ERROR_BYTES: Final = 64 * 1024
MAX_CATALOGUE_BYTES: Final = 4 * 1024 * 1024

CATALOGUE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class _Call:
    """One call, of which the request may be sent several times."""

    request: httpx.Request
    sent: SentRequest
    deadlines: Deadlines


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
        request_id = clean_id(request_id)
        deadlines = Deadlines(timeouts or Timeouts())
        values = values_of(endpoint, parameters or Parameters())
        body = encode_body(endpoint, messages, values)
        request = self._request(endpoint, body, request_id, deadlines.timeouts.connect)
        sent = SentRequest(endpoint.model_name, endpoint.api_key, tuple(texts_of(messages)))
        call = _Call(request, sent, deadlines)
        response = await self._open(call)
        try:
            yield Completion(
                _packed_body(response),
                _reader(call, response, endpoint.fields(values).get("n") or 1),
                deadlines,
                {"request_id": request_id, "inference_id": response.headers.get("x-inference-id", "")},
                max_characters(values),
            )
        finally:
            await response.aclose()

    async def look_up(self, endpoint: Endpoint) -> ModelStatus:
        """Return what the endpoint's catalogue says about its model; UNKNOWN when it does not answer."""
        catalogue = await self._catalogue(endpoint, "modalities,capabilities")
        return await asyncio.to_thread(status_of, endpoint.model_name, catalogue) if catalogue else UNKNOWN

    async def entries(self, endpoint: Endpoint) -> tuple[Entry, ...]:
        """Return the chat models that the endpoint offers; none where it has no list, or does not answer."""
        catalogue = await self._catalogue(endpoint, "pricing,modalities,capabilities")
        return await asyncio.to_thread(entries_in, catalogue) if catalogue else ()

    async def _catalogue(self, endpoint: Endpoint, include: str) -> bytes:
        """Return the body of the endpoint's list of models, b"" where it gives none."""
        try:
            async with asyncio.timeout(CATALOGUE_SECONDS):
                request = self._http.build_request(
                    "GET",
                    address_of(endpoint, "/models").copy_merge_params({"include": include}),
                    headers=authorization(endpoint),
                    timeout=CATALOGUE_SECONDS,
                )
                response = await self._http.send(request, stream=True)
                try:
                    catalogue = await _beginning(response, MAX_CATALOGUE_BYTES)
                finally:
                    await response.aclose()
        except (TimeoutError, *HTTP_ERRORS) as error:
            logger.info("catalogue.unavailable: %s", describe(error))
            return b""
        return catalogue if response.is_success and len(catalogue) < MAX_CATALOGUE_BYTES else b""

    def _request(self, endpoint: Endpoint, body: bytes, request_id: str, connect: float) -> httpx.Request:
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            # said here, because parts of unknown length would be sent in chunks, which some servers refuse
            "Content-Length": str(len(body)),
            "X-Client-Request-Id": request_id,
        }
        return self._http.build_request(
            "POST",
            address_of(endpoint, "/chat/completions"),
            content=content_of(body),
            headers=headers | authorization(endpoint),
            timeout=httpx.Timeout(None, connect=connect, pool=connect),
        )

    async def _open(self, call: _Call) -> httpx.Response:
        """Send, and send again where that is safe and sensible, until a 2xx answer begins."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._send(call)
            except CompletionError as error:
                pause = self._retries.pause(attempt, error, self._jitter())
                if pause is None:
                    raise
                measured.RETRIES.add(1, error.code)
                logger.info("completion.retry: %s, attempt %d, in %.1f s", error.code, attempt, pause)
            await self._sleep(pause)

    async def _send(self, call: _Call) -> httpx.Response:
        deadlines = call.deadlines
        deadlines.start_attempt()
        try:
            async with asyncio.timeout_at(deadlines.first_token):
                response = await self._http.send(call.request, stream=True)
        except HTTP_ERRORS as error:
            raise connection_error(error, deadlines.timeouts) from error
        except TimeoutError:
            raise deadlines.error(has_begun=False) from None
        if response.is_success and "html" not in response.headers.get("content-type", ""):
            return response
        raise await _error_of(response, call)


def _reader(call: _Call, response: httpx.Response, count: int) -> ReplyReader:
    return ReplyReader(
        call.sent,
        count=count,
        cost={
            "usd_spent": response.headers.get("x-aimlapi-usd-spent"),
            "credits_used": response.headers.get("x-aimlapi-credits-used"),
        },
    )


def _packed_body(response: httpx.Response) -> Body:
    return Body(response.aiter_raw(), response.headers.get("content-encoding", ""))


async def _beginning(response: httpx.Response, limit: int) -> bytes:
    """Return the body, or as much of it as came and is within the limit."""
    body, read = _packed_body(response), bytearray()
    try:
        while len(read) < limit and (data := await body.read()):
            read += data
    except (InflateError, *HTTP_ERRORS) as error:
        logger.info("completion.unread: %s", describe(error))
    return bytes(read)


async def _error_of(response: httpx.Response, call: _Call) -> CompletionError:
    """Read as much of an error response as is worth reading. That it breaks off changes nothing."""
    body, deadlines = b"", call.deadlines
    try:
        async with asyncio.timeout_at(deadlines.after(deadlines.timeouts.between_tokens)):
            body = await _beginning(response, MAX_ERROR_BYTES)
    except TimeoutError:
        logger.info("completion.unread: the error did not end")
    finally:
        await response.aclose()
    if response.is_success:
        return NotACompletionError(trimmed(body.decode(errors="replace"), call.sent.secret))
    return error_from_response(response.status_code, response.headers, body, call.sent)
