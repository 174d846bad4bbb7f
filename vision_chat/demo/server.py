"""The demo endpoint: a chat-completion server on this machine that measures images instead of asking a model.

The application calls it like any other endpoint, so the demo exercises everything but the model.
"""

import asyncio
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from vision_chat.demo.answer import write
from vision_chat.demo.framing import DONE, Framing, completion, usage
from vision_chat.demo.measure import Measurement, UnreadableError, measure, read_data_url
from vision_chat.services.vision.request_rules import request_rules

MODEL_NAME: Final = "demo"
MAX_BODY: Final = 64 * 1024 * 1024
TOKEN: Final = re.compile(r"\s*\S+|\s+$")
RULES: Final = request_rules("", "llama-3.2-vision")
SECONDS_PER_TOKEN: Final = 0.02  # slow enough to watch the answer grow, and to stop it


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer, in tokens."""

    tokens: list[str]
    finish_reason: str
    prompt_tokens: int


class DemoEndpoint:
    """Context manager that runs the server on a free port of 127.0.0.1. Its address is `base_url`."""

    def __init__(self, seconds_per_token: float = SECONDS_PER_TOKEN) -> None:
        self._pause = seconds_per_token
        self._one_at_a_time = asyncio.Semaphore(1)  # images, for their memory
        self.base_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", _list_models)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
            async with self._one_at_a_time:
                reply = await asyncio.to_thread(compose, body)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            refusal = {
                "error": {"message": f"Not a chat completion: {error!r}", "type": "invalid_request_error"}
            }
            return web.json_response(refusal, status=400)
        if body.get("stream"):
            return await self._stream(request, reply)
        tokens = usage(reply.prompt_tokens, len(reply.tokens))
        return web.json_response(completion(_new_id(), MODEL_NAME, "".join(reply.tokens), tokens))

    async def _stream(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        framing = Framing(_new_id(), MODEL_NAME)
        await response.write(framing.role())
        for token in reply.tokens:
            await response.write(framing.delta(token))
            await asyncio.sleep(self._pause)
        await response.write(framing.finish(reply.finish_reason))
        await response.write(framing.usage(reply.prompt_tokens, len(reply.tokens)))
        await response.write(DONE)
        return response


def compose(body: Mapping[str, Any]) -> Reply:
    """Compose the reply to a request. One that ends with an assistant's message gets its continuation."""
    messages: list[Mapping[str, Any]] = list(body["messages"])
    begun = _text(messages.pop()) if messages[-1]["role"] == "assistant" else ""
    users = [message for message in messages if message["role"] == "user"]
    question, urls = _text(users[-1]), _image_urls(users[-1])
    shown = urls or next((found for user in reversed(users) if (found := _image_urls(user))), [])
    images = [_measured(url) for url in shown]
    text = write(_question(question), images, are_new=bool(urls)).removeprefix(begun)
    tokens = TOKEN.findall(text)
    limit = int(body.get("max_tokens") or body.get("max_completion_tokens") or len(tokens))
    return Reply(
        tokens=tokens[:limit],
        finish_reason="stop" if len(tokens) <= limit else "length",
        prompt_tokens=_prompt_tokens(messages, images),
    )


def _measured(url: str) -> Measurement | str:
    try:
        return measure(read_data_url(url))
    except UnreadableError as error:
        return str(error)


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n\n".join(part["text"] for part in content if part["type"] == "text")


def _question(text: str) -> str:
    """Return the last paragraph: a system prompt may have been merged in before it."""
    return text.rsplit("\n\n", 1)[-1].strip()


def _image_urls(message: Mapping[str, Any]) -> list[str]:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]


def _prompt_tokens(messages: Sequence[Mapping[str, Any]], images: Sequence[Measurement | str]) -> int:
    """Estimate the tokens of the prompt: four characters each, and images as Llama 3.2 counts them."""
    measured = [image for image in images if isinstance(image, Measurement)]
    image_tokens = sum(RULES.billed_tokens(image.width, image.height) for image in measured)
    return image_tokens + sum(4 + len(_text(message)) // 4 for message in messages)


async def _list_models(request: web.Request) -> web.Response:
    model = {"id": MODEL_NAME, "object": "model", "capabilities": ["vision"]}
    return web.json_response({"object": "list", "data": [model]})


def _new_id() -> str:
    return f"demo-{uuid.uuid4().hex}"
