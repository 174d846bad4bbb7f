"""Connections to the real server that ask too much of it."""

import socket
from collections.abc import Iterator

import pytest

from tests.support.client import Browser
from tests.support.replies import assert_works
from tests.support.server import PATIENCE, Server

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


def test_some_requests_may_be_sent_ahead_and_are_answered_in_turn(peer: socket.socket) -> None:
    peer.sendall((HEAD + b"\r\n") * 9 + HEAD + b"Connection: close\r\n\r\n")

    assert b"".join(iter(lambda: peer.recv(65536), b"")).count(ANSWERED) == 10


def test_a_socket_goes_on_after_much_was_sent_to_it_unread(browser: Browser) -> None:
    opened = browser.socket()
    for _ in range(300):
        opened.send_raw("no command")
    for _ in range(300):
        assert opened.receive()["type"] == "error"

    assert_works(opened)
