"""What of the environment a call follows: proxies, but no stored passwords."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from tests.support.raw_server import END, HEAD, RawServer, chunk
from tests.support.reading import Received, endpoint_at, fail, receive
from vision_chat.demo.framing import DONE, Framing
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.retries import Retries

FRAMING = Framing("1", "m")
ANSWER = HEAD + b"\r\n" + chunk(FRAMING.delta("Hello") + FRAMING.finish() + DONE) + END
ELSEWHERE = "127.0.0.2"  # also this machine, but under no name that is known to be


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with RawServer(name=ELSEWHERE) as server:
        yield server


async def request_to(server: RawServer, base_url: str, api_key: str = "sk-secret") -> tuple[bytes, Message]:
    """Return the first line and the headers of the request that a call of `base_url` brings to `server`."""
    async with CompletionClient() as completions:
        received = Received()
        endpoint = endpoint_at(base_url, "m", api_key)
        task = asyncio.create_task(receive(completions, endpoint, received))
        peer = await server.next_peer()
        request = await peer.take_request()
        peer.send(ANSWER)
        await task
    assert received.text == "Hello"
    line, _, rest = request.partition(b"\r\n")
    return line, message_from_bytes(rest)


@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_another_machine_is_called_through_the_proxy(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url.replace("http://", scheme))
    line, headers = await request_to(server, "http://model.invalid/v1")
    assert line == b"POST http://model.invalid/v1/chat/completions HTTP/1.1"
    assert headers["Authorization"] == "Bearer sk-secret"


async def test_a_proxy_gets_its_own_password(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url.replace("//", "//user:pass@"))
    _, headers = await request_to(server, "http://model.invalid/v1")
    assert headers["Proxy-Authorization"] == "Basic dXNlcjpwYXNz"
    assert headers["Authorization"] == "Bearer sk-secret"


async def test_a_proxy_to_an_encrypted_connection_gets_its_password_and_never_the_key(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.url.replace("//", "//user:pass@"))
    async with CompletionClient(retries=Retries(attempts=1)) as completions:
        task = asyncio.create_task(
            fail(completions, endpoint_at("https://model.invalid/v1", "m", "sk-secret"))
        )
        peer = await server.next_peer()
        request = await peer.take_request()
        peer.close()
        await task
    assert request.startswith(b"CONNECT model.invalid:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz\r\n" in request
    assert b"sk-secret" not in request


async def test_a_machine_in_no_proxy_is_called_directly(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid")
    monkeypatch.setenv("NO_PROXY", f"other.invalid, {ELSEWHERE}")
    line, _ = await request_to(server, server.url)
    assert line == b"POST /chat/completions HTTP/1.1"


@pytest.mark.parametrize(("api_key", "sent"), [("sk-secret", "Bearer sk-secret"), ("", None)])
async def test_a_netrc_does_not_replace_the_key(
    *, server: RawServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, api_key: str, sent: str | None
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ann password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    _, headers = await request_to(server, server.url, api_key)
    assert headers["Authorization"] == sent


@pytest.mark.parametrize(("api_key", "sent"), [("sk-secret", "Bearer sk-secret"), ("", "Basic YW5uOnBAc3M=")])
async def test_a_login_in_the_address_is_sent_where_there_is_no_key(
    server: RawServer, api_key: str, sent: str
) -> None:
    _, headers = await request_to(server, server.url.replace("//", "//ann:p%40ss@"), api_key)
    assert headers["Authorization"] == sent
