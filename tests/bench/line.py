"""A websocket client that only records: what came, when, in how many bytes. Understanding it comes later."""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable, Mapping
from typing import cast

PATIENCE = 60.0
TEXT, CLOSE, PING = 0x1, 0x8, 0x9


class Line(asyncio.Protocol):
    """One socket. `frames` holds the time of arrival and the payload of every text frame.

    With `receive`, that is called with each payload, and none is kept.
    """

    def __init__(self, receive: Callable[[bytes], None] | None = None) -> None:
        self.frames: list[tuple[float, bytes]] = []
        self.wire_bytes = 0
        self.is_lost = False
        self.close_code = 0
        """That of the server, 0 where it has sent none."""
        self._receive = receive
        self._lost = asyncio.Event()
        self._buffer = b""
        self._is_open = False
        self._sought: tuple[bytes, ...] = ()
        self._found: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(
        cls,
        port: int,
        path: str,
        headers: Mapping[str, str],
        *,
        address: str = "127.0.0.1",
        receive: Callable[[bytes], None] | None = None,
    ) -> "Line":
        """Open a socket from this address of the machine. Raises OSError where the server does not."""
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(
            lambda: cls(receive), "127.0.0.1", port, local_addr=(address, 0)
        )
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {
            "Host": f"127.0.0.1:{port}",
            "Origin": f"http://127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
            **headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        line._transport.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        await asyncio.wait_for(line._found, PATIENCE)
        if not line._is_open:
            raise ConnectionError(line._buffer.decode(errors="replace"))
        return line

    async def lost(self) -> None:
        """Wait until the connection is lost."""
        await self._lost.wait()

    def forget(self) -> None:
        """Begin a new recording."""
        self.frames = []
        self.wire_bytes = 0

    def send(self, payload: bytes) -> None:
        self._write(TEXT, payload)

    async def until(self, beginning: tuple[bytes, ...]) -> bool:
        """Wait for a frame that begins so; whether it came before the line was lost or patience ended."""
        self._sought = beginning
        self._found = asyncio.get_running_loop().create_future()
        if any(payload.startswith(beginning) for _, payload in self.frames):
            return True
        if self.is_lost:
            return False
        try:
            await asyncio.wait_for(self._found, PATIENCE)
        except TimeoutError:
            return False
        return not self.is_lost

    def close(self) -> None:
        self._transport.abort()

    def close_when_sent(self) -> None:
        """Close after what was sent has left, as a program that ends does."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        self._lost.set()
        self._tell()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._buffer += data
        if not self._is_open:
            self._read_handshake()
        while (frame := self._next_frame()) is not None:
            opcode, payload = frame
            if opcode == TEXT and self._receive is not None:
                self._receive(payload)
            elif opcode == TEXT:
                self.frames.append((now, payload))
                if self._sought and payload.startswith(self._sought):
                    self._tell()
            elif opcode == CLOSE:
                self.close_code = int.from_bytes(payload[:2])
            elif opcode == PING:
                self._write(PING + 1, payload)

    def _read_handshake(self) -> None:
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if separator and not head.startswith(b"HTTP/1.1 101"):
            self._transport.abort()
        elif separator:
            self._is_open, self._buffer = True, rest
            self._tell()

    def _next_frame(self) -> tuple[int, bytes] | None:
        """A whole frame out of the buffer; servers neither mask nor, here, fragment."""
        buffer = self._buffer
        if not self._is_open or len(buffer) < 2:
            return None
        length, start = buffer[1], 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10]), 10
        end = start + length
        if len(buffer) < max(start, end):
            return None
        self._buffer = buffer[end:]
        self.wire_bytes += end
        return buffer[0] & 0x0F, buffer[start:end]

    def _write(self, opcode: int, payload: bytes) -> None:
        """Masked, as clients must, with a mask that changes nothing."""
        size = len(payload)
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size) if size < 126 else b""
        head = head or struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        self._transport.write(head + bytes(4) + payload)

    def _tell(self) -> None:
        if not self._found.done():
            self._found.set_result(None)
