import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from vision_chat import errors
from vision_chat.services.connecting import connection_error
from vision_chat.services.deadlines import Timeouts

KEY = ConnectionKey("host", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)
REQUEST = aiohttp.RequestInfo(
    URL("http://host"), "POST", CIMultiDictProxy(CIMultiDict({"Authorization": "Bearer sk-secret"}))
)
REFUSED = OSError(111, "refused")
UNVERIFIED = ssl.SSLCertVerificationError("self-signed")


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (aiohttp.ClientConnectorDNSError(KEY, REFUSED), errors.UnknownHostError),
        (aiohttp.ClientConnectorCertificateError(KEY, UNVERIFIED), errors.UntrustedError),
        (aiohttp.ClientConnectorSSLError(KEY, REFUSED), errors.UntrustedError),
        (aiohttp.ClientConnectorError(KEY, REFUSED), errors.UnreachableError),
        (aiohttp.ConnectionTimeoutError(), errors.ConnectTimeoutError),
        (aiohttp.ServerDisconnectedError(), errors.DisconnectedError),
        (aiohttp.ClientOSError(104, "reset"), errors.DisconnectedError),
        (aiohttp.ClientResponseError(REQUEST, (), message="Bad status line"), errors.NotACompletionError),
        (aiohttp.InvalidURL("http://"), errors.UnreachableError),
        (aiohttp.ClientError("anything else"), errors.UnreachableError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else type(value).__name__,
)
def test_every_cause_has_its_error(cause: aiohttp.ClientError, kind: type[errors.CompletionError]) -> None:
    error = connection_error(cause, Timeouts(connect=7))
    assert type(error) is kind
    assert error.detail.startswith(type(cause).__name__)
    assert "sk-secret" not in error.detail


def test_a_time_out_says_how_long_was_waited() -> None:
    assert "7 seconds" in str(connection_error(aiohttp.ConnectionTimeoutError(), Timeouts(connect=7)))
