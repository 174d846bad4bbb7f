"""An endpoint that means harm: one answer of `hostile_answers`, as fast as it is taken.

python -m tests.attack.hostile_endpoint --port 9999 --answer comments

A hostile catalogue waits for `GET /begin`, so that the product has started when that attack begins.
`GET /end` waits until the product has closed the connection of the attack.
"""

import argparse
import asyncio
import os
import re
from typing import Final

from tests.attack.hostile_answers import ANSWERS, HONEST, Asked, HostileAnswer, head

LENGTH: Final = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
CATALOGUE: Final = head("200 OK", "application/json") + b'{"data":[]}'


class HostileEndpoint:
    def __init__(self, answer: HostileAnswer) -> None:
        self._answer = answer
        self._has_begun = asyncio.Event()
        self._has_ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._respond(await _path_of_request(reader), writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the product hung up, which is what it should do
        finally:
            writer.close()

    async def _respond(self, path: bytes, writer: asyncio.StreamWriter) -> None:
        if path.startswith(b"/begin"):
            self._has_begun.set()
            writer.write(head())
        elif path.startswith(b"/end"):
            await self._has_ended.wait()
            writer.write(head())
        else:
            await self._answer_product(path, writer)
        await writer.drain()

    async def _answer_product(self, path: bytes, writer: asyncio.StreamWriter) -> None:
        is_completion = path.startswith(b"/v1/chat/completions")
        if is_completion is not (self._answer.to is Asked.COMPLETION):
            writer.write(HONEST.opening if is_completion else CATALOGUE)
            return
        if not is_completion:
            await self._has_begun.wait()
        try:
            await self._attack(writer)
        finally:
            self._has_ended.set()

    async def _attack(self, writer: asyncio.StreamWriter) -> None:
        writer.write(self._answer.opening)
        await writer.drain()
        while self._answer.block:
            writer.write(self._answer.block)
            await writer.drain()


async def _path_of_request(reader: asyncio.StreamReader) -> bytes:
    """Read a whole request, and return its path."""
    lines = await reader.readuntil(b"\r\n\r\n")
    found = LENGTH.search(lines)
    await reader.readexactly(int(found[1]) if found else 0)
    return lines.split()[1]


async def main(port: int, name: str) -> None:
    endpoint = HostileEndpoint(ANSWERS[name]())
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--answer", choices=ANSWERS, required=True)
    options = parser.parse_args()
    os.nice(10)  # the core that it shares with the person who feels the attack is theirs first
    asyncio.run(main(options.port, options.answer))
