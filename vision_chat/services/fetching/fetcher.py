"""Fetches what an address of the web leads to, into a file."""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, Final

import aiohttp
import certifi
from yarl import URL

from vision_chat.conf import MEGABYTE
from vision_chat.errors.fetching import (
    AddressNotPublicError,
    AddressOfPageError,
    AddressRedirectsError,
    AddressRefusedError,
    AddressTooManyBytesError,
    AddressTooSlowError,
    AddressUnreachableError,
    TooManyFetchesError,
)
from vision_chat.services.fetching._connections import open_session
from vision_chat.services.fetching.rules import PUBLIC, Rules
from vision_chat.services.fetching.targets import is_ip, redirect_of

MAX_REDIRECTS: Final = 5
PIECE_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 1024
"""Bytes in which a PDF or a web page says what it is."""
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the IP addresses of a host; raises OSError."""
Progress = Callable[[int, int | None], None]
"""Called with the bytes that have come, and those of the whole where the site says so."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits of what is fetched. `seconds` are those of all redirects and the whole file."""

    max_bytes: int
    seconds: float = 60.0
    per_person: int = 2


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that has come: `name` is the last part of its address."""

    name: str
    is_document: bool


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host as the system knows them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class Fetcher:
    """Fetches for people, a few addresses of each at a time. Used on one event loop."""

    def __init__(
        self,
        limits: FetchLimits,
        rules: Rules = PUBLIC,
        lookup: Lookup = look_up,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.rules = rules
        self._limits = limits
        self.lookup = lookup
        self._context = context
        self._running: Counter[Hashable] = Counter()

    async def fetch(self, person: Hashable, url: URL, file: BinaryIO, progress: Progress) -> Fetched:
        """Write what is at a checked address into the file. Raises FetchErrors."""
        if self._running[person] >= self._limits.per_person:
            raise TooManyFetchesError(limit=self._limits.per_person)
        self._running[person] += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._followed(url, file, progress)
        except TimeoutError as error:
            raise AddressTooSlowError(seconds=round(self._limits.seconds)) from error
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            # the type alone: their words hold the address
            raise AddressUnreachableError(type(error).__name__) from error
        finally:
            self._running[person] -= 1
            self._running += Counter()  # forgets those who have none

    async def _followed(self, url: URL, file: BinaryIO, progress: Progress) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            async with self._answer(url) as answer:
                if answer.status not in REDIRECTS:
                    return await self._taken(url, answer, file, progress)
                location = answer.headers.get("Location", "")
            url = redirect_of(url, location, self.rules)
        raise AddressRedirectsError

    @asynccontextmanager
    async def _answer(self, url: URL) -> AsyncIterator[aiohttp.ClientResponse]:
        context = self._context or await asyncio.to_thread(_trusted)
        addresses = await self._addresses(url)
        async with (
            open_session(addresses, self.rules, context) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            yield answer

    async def _addresses(self, url: URL) -> Sequence[str]:
        """Return all addresses of the host, each of which may be reached. Raises AddressNotPublicError."""
        host, port = str(url.raw_host), int(url.port or 0)
        addresses = [host] if is_ip(host) else await self.lookup(host, port)
        if not addresses or not all(map(self.rules.allow, addresses)):
            raise AddressNotPublicError
        return addresses

    async def _taken(
        self, url: URL, answer: aiohttp.ClientResponse, file: BinaryIO, progress: Progress
    ) -> Fetched:
        if answer.status != 200:
            raise AddressRefusedError(status=answer.status)
        if answer.content_type in {"text/html", "application/xhtml+xml"}:
            raise AddressOfPageError
        total = answer.content_length
        self._check_size(total or 0)
        head, received = b"", 0
        async for piece in answer.content.iter_chunked(PIECE_BYTES):
            received += len(piece)
            self._check_size(received)
            head += piece[: max(0, HEAD_BYTES - len(head))]
            file.write(piece)
            progress(received, total)
        if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
            raise AddressOfPageError
        return Fetched(url.name or str(url.host), is_document=b"%PDF-" in head)

    def _check_size(self, size: int) -> None:
        if size > self._limits.max_bytes:
            raise AddressTooManyBytesError(limit=self._limits.max_bytes / MEGABYTE)


@cache
def _trusted() -> ssl.SSLContext:
    """Return what certificates are checked by: read once, which takes 25 ms."""
    return ssl.create_default_context(cafile=certifi.where())
