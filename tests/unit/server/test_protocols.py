"""Connections to the real server that ask too much of it."""

import socket
from collections.abc import Iterator

import pytest

from tests.attack.attackers import WEBSOCKET
from tests.support.client import Browser
from tests.support.replies import assert_works
from tests.support.server import PATIENCE, Server
from vision_chat.server.protocols import crowd

ANSWERED = b"HTTP/1.1 302 Found"
HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def peer(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as peer:
        yield peer


def pour(peer: socket.socket, piece: bytes) -> bool:
    """Send up to 20 MB; tell whether the server has ended it."""
    try:
        for _ in range(20_000_000 // len(piece)):
            peer.sendall(piece)
    except OSError:
        return True
    return False


@pytest.mark.parametrize(
    ("beginning", "piece"),
    [
        (b"G", b"E" * 10_000),
        (b"GET /", b"a" * 10_000),
        (HEAD, b"X-Header: value\r\n" * 1000),
        (HEAD + b"X-Header: ", b"a" * 10_000),
        (HEAD, b"a" * 10_000),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: value\r\n" * 1000),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"extension=" * 1000),
        (b"", (HEAD + b"\r\n") * 1000),
        (b"", b"\r\n" * 5000),
        (b"", bytes(10_000)),
    ],
)
def test_an_endless_beginning_of_a_request_ends_the_connection(
    server: Server, peer: socket.socket, beginning: bytes, piece: bytes
) -> None:
    peer.sendall(beginning)

    assert pour(peer, piece)


def test_headers_that_are_too_long_are_said_to_be(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Cookie: a=" + b"b" * 40_000)

    assert peer.recv(1000).startswith(b"HTTP/1.1 431 ")


def test_headers_of_twenty_kilobytes_are_taken(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Cookie: a=" + b"b" * 20_000 + b"\r\n\r\n")

    assert peer.recv(1000).startswith(ANSWERED)


def test_requests_one_after_the_other_are_answered_on_one_connection(peer: socket.socket) -> None:
    for _ in range(20):
        peer.sendall(HEAD + b"\r\n")
        assert peer.recv(65536).startswith(ANSWERED)


def test_requests_before_the_answer_end_the_connection_without_a_traceback(
    peer: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    peer.sendall((HEAD + b"\r\n") * 1000)

    assert b"".join(iter(lambda: peer.recv(65536), b"")).startswith(b"HTTP/1.1 400 ")
    assert [record for record in caplog.records if record.exc_info] == []


def test_frames_before_the_handshake_end_the_connection_without_a_traceback(
    server: Server, peer: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    handshake = WEBSOCKET % (server.port, server.port, b"nobody")
    peer.sendall(handshake)
    peer.sendall(b"\xff" * 1000)

    assert pour(peer, b"\xff" * 1000)
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize(
    "more",
    [
        b"Cookie: a=" + b"b" * 9000 + b"\r\n",
        b"".join(b"X-Header-%d: value\r\n" % number for number in range(130)),
        b"Content-Length: 5\r\n",
    ],
)
def test_a_handshake_that_is_none_is_answered_and_ended(
    server: Server, peer: socket.socket, more: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    handshake = WEBSOCKET % (server.port, server.port, b"nobody")
    peer.sendall(handshake.removesuffix(b"\r\n") + more + b"\r\n")

    assert b"".join(iter(lambda: peer.recv(65536), b"")).startswith(b"HTTP/1.1 400 ")
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_socket_goes_on_after_much_was_sent_to_it_unread(browser: Browser) -> None:
    opened = browser.socket()
    for _ in range(300):
        opened.send_raw("no command")
    for _ in range(300):
        assert opened.receive()["type"] == "error"

    assert_works(opened)


def test_a_socket_counts_as_a_person_s_as_soon_as_its_session_was_found(
    server: Server, browser: Browser
) -> None:
    before = crowd().stranger_count
    socket = browser.socket()
    assert_works(socket)

    server.until(lambda: crowd().stranger_count <= before)


def framed(opcode: int, text: bytes) -> bytes:
    """A frame as a browser masks it, with zeros."""
    return bytes([opcode, 0x80 | len(text)]) + bytes(4) + text


@pytest.mark.parametrize(
    "frame",
    [framed(0x89, b"ping"), framed(0x8A, b"pong"), framed(0x01, b""), framed(0x00, b"")],
    ids=["pings", "pongs", "beginnings", "fragments"],
)
def test_a_flood_of_frames_that_say_nothing_ends_the_socket(
    server: Server, browser: Browser, peer: socket.socket, frame: bytes
) -> None:
    peer.sendall(WEBSOCKET % (server.port, server.port, browser.cookies["sessionid"].encode()))
    assert b"101" in peer.recv(1000)
    if frame[0] == 0:
        peer.sendall(framed(0x01, b"["))

    assert pour(peer, frame * 100)


def test_frames_of_every_length_arrive_whole(browser: Browser) -> None:
    opened = browser.socket()
    for length in (1, 4000, 4096, 5000, 50_000):
        opened.send_raw("x" * length)
        assert opened.receive()["code"] == "protocol.invalid"

    assert_works(opened)
