"""What it means that a connection to an endpoint fails: aiohttp's exception in, typed error out."""

from typing import Final

import aiohttp

from vision_chat.errors import (
    CompletionError,
    ConnectTimeoutError,
    DisconnectedError,
    NotACompletionError,
    UnknownHostError,
    UnreachableError,
    UntrustedError,
)
from vision_chat.services.deadlines import Timeouts
from vision_chat.services.refusals import trimmed

# By aiohttp's class, for the httpx transport calls nearly all of them ConnectTimeout. The first match counts.
CONNECTION_ERRORS: Final[tuple[tuple[type[BaseException], type[CompletionError]], ...]] = (
    (aiohttp.ClientConnectorDNSError, UnknownHostError),
    (aiohttp.ClientConnectorCertificateError, UntrustedError),
    (aiohttp.ClientConnectorSSLError, UntrustedError),
    (aiohttp.ClientConnectorError, UnreachableError),
    (aiohttp.ServerTimeoutError, ConnectTimeoutError),
    (aiohttp.ServerDisconnectedError, DisconnectedError),
    (aiohttp.ClientOSError, DisconnectedError),
    (aiohttp.ClientResponseError, NotACompletionError),
)


def connection_error(error: BaseException, timeouts: Timeouts) -> CompletionError:
    """The error for a call that got no answer at all."""
    cause = _cause(error)
    kind = next((kind for matched, kind in CONNECTION_ERRORS if isinstance(cause, matched)), UnreachableError)
    return kind(words_of(cause), seconds=round(timeouts.connect))


def words_of(error: BaseException) -> str:
    """Its text, never its repr: that of aiohttp's errors holds the request's headers, and so the key."""
    cause = _cause(error)
    return trimmed(f"{type(cause).__name__}: {cause}")


def _cause(error: BaseException) -> BaseException:
    """aiohttp's own exception: the transport wraps most of them and lets some through."""
    return error if isinstance(error, aiohttp.ClientError) else error.__cause__ or error
