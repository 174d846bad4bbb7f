import ssl

import aiohttp
import httpx
import pytest
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from vision_chat.errors.completions import (
    CompletionError,
    ConnectTimeoutError,
    DisconnectedError,
    NotACompletionError,
    UnknownHostError,
    UnreachableError,
    UntrustedError,
)
from vision_chat.services.completions._connections import connection_error
from vision_chat.services.completions.timeouts import Timeouts

KEY = ConnectionKey("host", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)
REQUEST = aiohttp.RequestInfo(
    URL("http://host"), "POST", CIMultiDictProxy(CIMultiDict({"Authorization": "Bearer sk-secret"}))
)
REFUSED = OSError(111, "refused")
UNVERIFIED = ssl.SSLCertVerificationError("self-signed")


def wrapped(cause: Exception) -> httpx.ConnectTimeout:
    """What httpx-aiohttp makes of nearly every error."""
    error = httpx.ConnectTimeout(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (aiohttp.ClientConnectorDNSError(KEY, REFUSED), UnknownHostError),
        (aiohttp.ClientConnectorCertificateError(KEY, UNVERIFIED), UntrustedError),
        (aiohttp.ClientConnectorSSLError(KEY, REFUSED), UntrustedError),
        (aiohttp.ClientConnectorError(KEY, REFUSED), UnreachableError),
        (aiohttp.ConnectionTimeoutError(), ConnectTimeoutError),
        (aiohttp.ServerDisconnectedError(), DisconnectedError),
        (aiohttp.ClientOSError(104, "reset"), DisconnectedError),
        (aiohttp.ClientResponseError(REQUEST, (), message="Bad status line"), NotACompletionError),
        (aiohttp.InvalidURL("http://"), UnreachableError),
        (aiohttp.ClientError("anything else"), UnreachableError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else type(value).__name__,
)
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_every_cause_has_its_error(
    *, cause: aiohttp.ClientError, kind: type[CompletionError], is_wrapped: bool
) -> None:
    error = connection_error(wrapped(cause) if is_wrapped else cause, Timeouts(connect=7))
    assert type(error) is kind
    assert error.detail.startswith(type(cause).__name__)
    assert "sk-secret" not in error.detail


def test_a_time_out_tells_administrators_how_long_was_waited() -> None:
    error = connection_error(aiohttp.ConnectionTimeoutError(), Timeouts(connect=7))
    assert error.detail.endswith("after 7 s")
