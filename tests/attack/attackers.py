"""Attackers of a port. Each goes on until it is killed."""

import contextlib
import socket
import time
import uuid

HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BODY = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\na="
WEBSOCKET = (
    b"GET /ws/chat/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    b"Cookie: sessionid=%s\r\n\r\n"
)
PING = b"\x89\xfd\0\0\0\0" + b"p" * 125


def half_lines(port: int, session: str) -> None:
    """Two thousand connections that begin a request."""
    _hold(port, b"GET /acco", 2000)


def silent_bodies(port: int, session: str) -> None:
    """A thousand forms that never end."""
    _hold(port, BODY, 1000)


def idle(port: int, session: str) -> None:
    """Two thousand connections that say nothing."""
    _hold(port, b"", 2000)


def endless_headers(port: int, session: str) -> None:
    """Fifty requests whose headers do not end, begun again when they are cut off."""
    _pour(port, HEAD, b"X-Header: value\r\n" * 2000, 50)


def unread_answers(port: int, session: str) -> None:
    """Two hundred connections that ask as fast as they can and read nothing."""
    _pour(port, b"", (HEAD + b"\r\n") * 15, 200)


def unread_pings(port: int, session: str) -> None:
    """Twenty sockets that send pings and read no answer."""
    opening = WEBSOCKET % (port, port, session.encode())
    _pour(port, opening, PING * 500, 20, is_answered=True)


def invented_sessions(port: int, session: str) -> None:
    """Three hundred pages at once, each with another session that does not exist."""
    while True:
        with contextlib.ExitStack() as stack:
            peers = [stack.enter_context(_connected(port)) for _ in range(300)]
            for peer in peers:
                key = uuid.uuid4().hex.encode()
                peer.sendall(HEAD + b"Cookie: sessionid=" + key + b"\r\nConnection: close\r\n\r\n")
            for peer in peers:
                with contextlib.suppress(OSError):
                    peer.recv(1000)


def sockets_of_nobody(port: int, session: str) -> None:
    """A hundred sockets at once, each with another session that does not exist."""
    while True:
        with contextlib.ExitStack() as stack:
            peers = [stack.enter_context(_connected(port)) for _ in range(100)]
            for peer in peers:
                peer.sendall(WEBSOCKET % (port, port, uuid.uuid4().hex.encode()))
            for peer in peers:
                with contextlib.suppress(OSError):
                    peer.recv(1000)


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 60)


def _hold(port: int, beginning: bytes, count: int) -> None:
    """Hold that many connections, and open again those that the server has closed."""
    peers: list[socket.socket] = []
    while True:
        with contextlib.suppress(OSError):
            for _ in range(count - len(peers)):
                peers.append(_connected(port))
                peers[-1].sendall(beginning)
                peers[-1].setblocking(False)
        for peer in [peer for peer in peers if _is_closed(peer)]:
            peer.close()
            peers.remove(peer)
        time.sleep(0.1)


def _is_closed(peer: socket.socket) -> bool:
    try:
        return peer.recv(1000) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _pour(port: int, beginning: bytes, piece: bytes, count: int, *, is_answered: bool = False) -> None:
    """Send over that many connections as much as each takes; open again what is cut off."""
    peers: dict[socket.socket, bytes] = {}
    while True:
        with contextlib.suppress(OSError):
            for _ in range(count - len(peers)):
                peer = _connected(port)
                peer.sendall(beginning)
                if is_answered:
                    peer.recv(1000)
                peer.setblocking(False)
                peers[peer] = b""
        for peer, left in list(peers.items()):
            try:
                text = left or piece
                peers[peer] = text[peer.send(text) :]
            except BlockingIOError:
                continue
            except OSError:
                peer.close()
                del peers[peer]
