"""What is fetched from an address, and what never is. Every connection stays on this machine."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from io import BytesIO

import pytest

from tests.support import sample_images
from tests.support.paths import ROOT
from tests.support.web_server import PUBLIC_ADDRESS, WebServer, fetcher_for
from vision_chat.errors.fetching import (
    AddressInvalidError,
    AddressNotPublicError,
    AddressOfPageError,
    AddressRedirectsError,
    AddressRefusedError,
    AddressTooManyBytesError,
    AddressTooSlowError,
    AddressUnreachableError,
    FetchError,
    TooManyFetchesError,
)
from vision_chat.services.fetching import _connections
from vision_chat.services.fetching.fetcher import MAX_REDIRECTS, Fetched, Fetcher, FetchLimits
from vision_chat.services.fetching.rules import PUBLIC
from vision_chat.services.fetching.targets import target_of

CHART = sample_images.encoded(sample_images.chart(), "PNG")

HOSTILE = [
    # not of the web
    "file:///etc/passwd", "ftp://example.org/a.png", "gopher://example.org/", "data:image/png;base64,AA==",
    "javascript:alert(1)", "", "https://", "http:///a.png", "https://exa mple.org/", "https://example.org\\@127.0.0.1/",
    "https://example.org\t/", "//", "https://[::1", "https://example..org/", "https://-a.org/", "a" * 3000,
    # somebody else's name before the host
    "https://example.org@127.0.0.1/", "https://ann:secret@example.org/", "https://@example.org/",
    # this machine
    "http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://127.0.0.1/", "http://127.1/",
    "http://127.0.0.1./", "http://127.0.0.1../", "http://127.255.255.254/", "http://0.0.0.0/", "http://0/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/",
    "http://127.0.0.0x1/", "http://127。0。0。1/", "http://１２７.0.0.1/", "http://127｡0｡0｡1/",
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/",
    # its network
    "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/",
    "http://169.254.1.1/", "http://100.64.0.1/", "http://198.18.0.1/", "http://192.0.0.1/", "http://printer/",
    "http://router.lan/", "http://nas.local/", "http://db.internal/", "http://box.home.arpa/",
    "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://[fd12:3456::1]/", "http://[fec0::1]/",
    # metadata of clouds
    "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/", "http://168.63.129.16/",
    "http://100.100.100.200/", "http://192.0.0.192/", "http://metadata.google.internal/", "http://metadata/",
    "http://metadata.goog/", "http://[fd00:ec2::254]/", "http://2852039166/", "http://0xa9fea9fe/",
    # one family of addresses in another
    "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/", "http://[::ffff:0:127.0.0.1]/",
    # nobody's, or everybody's
    "http://192.0.2.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://[2001:db8::1]/", "http://[3fff::1]/",
    "http://224.0.0.1/", "http://239.255.255.250/", "http://255.255.255.255/", "http://240.0.0.1/",
    "http://[ff02::1]/", "http://192.88.99.1/", "http://site.onion/",
    # other ports
    "http://example.org:22/", "https://example.org:8443/", "http://example.org:0/", "http://example.org:99999/",
]  # fmt: skip


async def fetched(fetcher: Fetcher, address: str) -> tuple[Fetched, bytes]:
    file = BytesIO()
    result = await fetcher.fetch("ann", target_of(address, fetcher.rules), file, lambda *_: None)
    return result, file.getvalue()


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with WebServer() as server:
        server.has("/cat.png", CHART)
        yield server


@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_address_is_refused_before_anything_is_looked_up(address: str) -> None:
    with pytest.raises((AddressInvalidError, AddressNotPublicError)):
        target_of(address, PUBLIC)


def test_there_are_many_of_them() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) > 90


@pytest.mark.parametrize("address", HOSTILE)
async def test_a_redirect_to_one_is_refused_too(address: str) -> None:
    async with WebServer() as web:
        web.redirects("/cat.png", address)
        with pytest.raises(FetchError):
            await fetched(fetcher_for(web), web.url("/cat.png"))
    assert len(web.requests) <= 1 + MAX_REDIRECTS
    assert all(head.startswith("GET /cat.png") or "pictures.example.org" in head for head in web.requests)


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a.png?b=c#d", "example.org/a.png", "HTTP://EXAMPLE.ORG:80", "https://93.184.216.34/",
     "https://[2606:2800:220:1::1]/a", "https://münchen.example.com/bär.png", "https://example.org./"],
)  # fmt: skip
def test_an_address_of_the_web_is_taken(address: str) -> None:
    target = target_of(address, PUBLIC)

    assert target.scheme in {"http", "https"}
    assert not str(target.raw_host).endswith(".")
    assert not target.raw_fragment


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"], ["10.0.0.1"], [PUBLIC_ADDRESS, "127.0.0.1"], ["::1", PUBLIC_ADDRESS],
        [PUBLIC_ADDRESS, "::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["169.254.169.254"], ["fe80::1%eth0"], [],
        ["not an address"],
    ],
)  # fmt: skip
async def test_a_name_of_which_any_address_is_not_public_is_refused(
    web: WebServer, answers: Sequence[str]
) -> None:
    async def look_up(host: str, port: int) -> Sequence[str]:
        return answers

    fetcher = Fetcher(FetchLimits(1000), web.rules, look_up)
    with pytest.raises(AddressNotPublicError):
        await fetched(fetcher, web.url("/cat.png"))
    assert web.requests == []


async def test_a_name_is_looked_up_once_so_that_no_second_answer_counts(web: WebServer) -> None:
    asked = 0

    async def look_up(host: str, port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return [PUBLIC_ADDRESS] if asked == 1 else ["127.0.0.1"]

    fetcher = Fetcher(FetchLimits(1_000_000), web.rules, look_up)
    assert (await fetched(fetcher, web.url("/cat.png")))[1] == CHART
    assert asked == 1
    web.redirects("/again", web.url("/cat.png"))
    asked = 0
    with pytest.raises(AddressNotPublicError):  # the redirect is looked up anew, and has the second answer
        await fetched(fetcher, web.url("/again"))
    assert len(web.requests) == 2


async def test_the_last_door_opens_to_no_address_that_came_by_another_way(web: WebServer) -> None:
    async with (
        WebServer("127.0.0.1") as inside,
        _connections.open_session(["127.0.0.1"], web.rules, False) as session,
    ):
        with pytest.raises(AddressNotPublicError):
            await session.get(f"http://pictures.example.org:{inside.port}/")
        with pytest.raises(AddressNotPublicError):
            await session.get(f"http://127.0.0.1:{web.port}/")
    assert inside.requests == []


async def test_what_is_sent_names_the_host_and_nothing_of_the_person(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    web.redirects("/first", "/cat.png")
    result, data = await fetched(fetcher_for(web), web.url("/first"))

    assert (result, data) == (Fetched("cat.png", is_document=False), CHART)
    assert len(web.requests) == 2
    for head in web.requests:
        names = {line.partition(":")[0].lower() for line in head.splitlines()[1:] if line}
        assert names <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
        assert f"Host: pictures.example.org:{web.port}" in head


async def test_over_tls_the_name_is_asked_for_and_its_certificate_checked() -> None:
    asked: list[str | None] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(ROOT / "tests/data/localhost.pem")
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    trusting = ssl.create_default_context(cafile=ROOT / "tests/data/localhost.pem")
    trusting.check_hostname = False  # the certificate is that of localhost, whose name is never fetched
    async with WebServer(context=context) as web:
        web.has("/cat.png", CHART)
        careful = fetcher_for(web)
        with pytest.raises(AddressUnreachableError):
            await fetched(careful, web.url("/cat.png"))
        open_minded = Fetcher(FetchLimits(1_000_000), web.rules, careful.lookup, trusting)
        assert (await fetched(open_minded, web.url("/cat.png")))[1] == CHART

    assert asked == ["pictures.example.org"] * 2
    assert f"Host: pictures.example.org:{web.port}" in web.requests[0]


async def test_progress_is_told_with_the_whole_where_it_is_known(web: WebServer) -> None:
    told: list[tuple[int, int | None]] = []
    fetcher = fetcher_for(web)
    url = target_of(web.url("/cat.png"), fetcher.rules)
    await fetcher.fetch("ann", url, BytesIO(), lambda *progress: told.append(progress))

    assert told[-1] == (len(CHART), len(CHART))


async def test_a_pdf_is_known_by_its_beginning(web: WebServer) -> None:
    web.has("/a", b"\n%PDF-1.7 ...", "application/octet-stream")

    assert (await fetched(fetcher_for(web), web.url("/a")))[0] == Fetched("a", is_document=True)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/none", AddressRefusedError),
        ("/page", AddressOfPageError),
        ("/hidden-page", AddressOfPageError),
        ("/round", AddressRedirectsError),
        ("/nowhere", AddressInvalidError),
        ("/large", AddressTooManyBytesError),
        ("/chunks", AddressTooManyBytesError),
        ("/broken", AddressUnreachableError),
        ("/garbage", AddressUnreachableError),
    ],
)
async def test_what_is_not_to_be_had_is_told_apart(
    web: WebServer, path: str, error: type[FetchError]
) -> None:
    web.has("/page", b"<p>A page", "text/html; charset=utf-8")
    web.has("/hidden-page", b"\n<!DOCTYPE html><p>A page", "image/png")
    web.redirects("/round", "/round")
    web.redirects("/nowhere", "")
    web.has("/large", b"0" * 100_001)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    web.answers["/chunks"] = [chunked, *[b"8000\r\n%s\r\n" % (b"0" * 0x8000)] * 4, b"0\r\n\r\n"]
    web.answers["/broken"] = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"half"]
    web.answers["/garbage"] = [b"SSH-2.0-OpenSSH_9.6\r\n"]
    with pytest.raises(error):
        await fetched(fetcher_for(web, max_bytes=100_000), web.url(path))


async def test_a_host_that_nobody_knows_is_said_to_be_out_of_reach(web: WebServer) -> None:
    async def look_up(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    with pytest.raises(AddressUnreachableError):
        await fetched(Fetcher(FetchLimits(1000), web.rules, look_up), web.url())


async def test_a_site_that_never_ends_is_left_after_a_while_and_when_nobody_waits(web: WebServer) -> None:
    web.answers["/unending"] = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"half"]
    with pytest.raises(AddressTooSlowError):
        await fetched(fetcher_for(web, seconds=0.2), web.url("/unending"))
    await asyncio.wait_for(web.closed.wait(), 10)


async def test_a_person_fetches_a_few_at_a_time(web: WebServer) -> None:
    web.answers["/unending"] = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"half"]
    fetcher = fetcher_for(web)
    running = [asyncio.create_task(fetched(fetcher, web.url("/unending"))) for _ in range(2)]
    while len(web.requests) < 2:  # noqa: ASYNC110 - the site has no event for it
        await asyncio.sleep(0.01)
    with pytest.raises(TooManyFetchesError):
        await fetched(fetcher, web.url("/cat.png"))
    url = target_of(web.url("/cat.png"), fetcher.rules)
    assert await fetcher.fetch("ben", url, BytesIO(), lambda *_: None)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)

    assert (await fetched(fetcher, web.url("/cat.png")))[1] == CHART
