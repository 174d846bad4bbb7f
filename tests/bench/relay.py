"""The raw relay: what one Python process costs that does nothing but pass tokens on.

The floor for every figure: the same fake endpoint, uvicorn and socket as ours, but no Channels, no
database, no sign-in and no rendering. It sends the text as it comes, `{"text": delta}` for each token.

    python -m tests.bench.relay PORT ENDPOINT
"""

import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import uvicorn

ENDPOINT = os.environ.get("RELAY_ENDPOINT", "")


class Relay:
    """An ASGI application."""

    _http: aiohttp.ClientSession

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            connector = aiohttp.TCPConnector(limit=1000)
            async with aiohttp.ClientSession(connector=connector) as self._http:
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await self._serve(receive, send)

    async def _serve(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            question = msgspec.json.decode(message["text"])
            async for text in self._answer(question):
                await send({"type": "websocket.send", "text": msgspec.json.encode({"text": text}).decode()})
            await send({"type": "websocket.send", "text": '{"end":true}'})

    async def _answer(self, question: dict[str, str]) -> AsyncIterator[str]:
        messages = [{"role": "user", "content": question["text"]}]
        body = msgspec.json.encode({"model": "fake/vision", "stream": True, "messages": messages})
        headers = {"Content-Type": "application/json", "X-Client-Request-Id": question["request_id"]}
        async with self._http.post(f"{ENDPOINT}/chat/completions", data=body, headers=headers) as response:
            rest = b""
            async for data in response.content.iter_any():
                *events, rest = (rest + data).split(b"\n\n")
                for event in events:
                    if event == b"data: [DONE]":
                        continue
                    choices = msgspec.json.decode(event[6:])["choices"]
                    if choices and (text := choices[0]["delta"].get("content")):
                        yield text


def main() -> None:
    uvicorn.run(
        Relay(),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
