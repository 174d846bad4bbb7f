"""Scenarios of the fake endpoint. Every function here gives a scenario; `BY_NAME` lists those for markers."""

import itertools
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tests.support.paths import CORPUS
from vision_chat.demo.framing import DONE, Framing, completion, event, usage

if TYPE_CHECKING:
    from tests.support.fake_endpoint import Call

Scenario = Callable[["Call"], Awaitable[None]]

COST: Final = {"usage": {"credits_used": 1250, "usd_spent": 0.000625}}
OPENAI_ERROR: Final = {"error": {"message": "Scripted failure", "type": "scripted_error", "code": "scripted"}}
AIMLAPI_ERROR: Final = {
    "message": "Scripted failure",
    "path": "/v1/chat/completions",
    "requestId": "req-1",
    "statusCode": 503,
    "timestamp": "2026-11-01T00:00:00.000Z",
}
HELLO: Final = "Hello from the *fake* endpoint."
SENTENCES: Final = (
    "## What the picture shows\n\n",
    "A **wooden table** stands near the window, and the light falls from the left. ",
    "On it lie three apples, a knife and a folded newspaper.\n\n",
    "- The largest apple is `#b3261e`, nearly *ripe*.\n- The smallest one has a leaf.\n\n",
    "```python\nfor apple in table.apples:\n    print(apple.colour)\n```\n\n",
    "| thing | count |\n|---|---|\n| apple | 3 |\n| knife | 1 |\n\n",
)


def tokens(text: str) -> list[str]:
    """Words with the space before them: about what a model sends in one chunk."""
    return re.findall(r"\s*\S+|\s+$", text)


@cache
def corpus(count: int) -> str:
    """A Markdown text of that many tokens, always the same."""
    sentences = itertools.islice(itertools.cycle(SENTENCES), count)  # each has more than one token
    return "".join(tokens("".join(sentences))[:count])


def recital(number: int, count: int) -> str:
    """That many tokens of the Markdown corpus, beginning with its text `number`: every number another mix."""
    return _recital(number % len(_corpus_texts()), count)


@cache
def _recital(first: int, count: int) -> str:
    texts = _corpus_texts()
    return "".join(itertools.islice(itertools.chain(*texts[first:], *texts[:first]), count)).lstrip()


@cache
def _corpus_texts() -> list[list[str]]:
    """The tokens of each text of the corpus; the first one of each begins with the empty line before it.

    Split once: beside a server under test, a hundred times that would be most of what is measured.
    """
    paths = sorted(CORPUS.glob("*.md"))
    return [tokens("\n\n" + path.read_text().rstrip("\n")) for path in paths]


@cache
def _http_chunks(text: str, model_name: str) -> tuple[bytes, ...]:
    """Ready for the wire, shared by all connections which are sent the same text."""
    framing = Framing("chatcmpl-fake", model_name)
    frames = [framing.delta(token) for token in tokens(text)]
    return tuple(b"%x\r\n%b\r\n" % (len(frame), frame) for frame in frames)


def _headers() -> dict[str, str]:
    return {"x-inference-id": "inf-1"}


async def _begin(call: "Call") -> Framing:
    framing = Framing("chatcmpl-fake", call.model_name)
    await call.start(headers=_headers())
    await call.send(framing.role())
    return framing


async def _say(call: "Call", framing: Framing, text: str) -> None:
    for token in tokens(text):
        await call.send_token(framing.delta(token))


async def _end(call: "Call", framing: Framing, count: int, reason: str = "stop") -> None:
    await call.send(framing.finish(reason))
    await call.send(framing.usage(100, count, meta=COST))
    await call.send(DONE)


def say(text: str = "", *, tokens: int = 0, rate: float = 0, finish: str = "stop") -> Scenario:
    """A whole answer; `rate` in tokens per second, as fast as possible when 0."""
    text = text or (corpus(tokens) if tokens else HELLO)

    async def play(call: "Call") -> None:
        framing = await _begin(call)
        if rate:
            await call.pace(_http_chunks(text, call.model_name), rate)
        else:
            await _say(call, framing, text)
        await _end(call, framing, len(call.sent_at), finish)

    return play


def recite(*, number: int = 0, tokens: int = 300, rate: float = 0) -> Scenario:
    """An answer out of the corpus, see `recital`."""
    return say(recital(number, tokens), rate=rate)


def step(text: str = HELLO) -> Scenario:
    """Every token, and the end, waits for the test's `call.release()`."""

    async def play(call: "Call") -> None:
        framing = await _begin(call)
        for token in tokens(text):
            await call.permit()
            await call.send_token(framing.delta(token))
        await call.permit()
        await _end(call, framing, len(call.sent_at))

    return play


def step_then_error(text: str = "It begins", body: Mapping[str, Any] = OPENAI_ERROR) -> Scenario:
    """Every token, and then an error, waits for the test's `call.release()`."""

    async def play(call: "Call") -> None:
        framing = await _begin(call)
        for token in tokens(text):
            await call.permit()
            await call.send_token(framing.delta(token))
        await call.permit()
        await call.send(event(body))

    return play


def length() -> Scenario:
    """Cut off at max_tokens."""
    return say("This answer is cut off in the", finish="length")


def line_separator() -> Scenario:
    """Characters inside JSON that some decoders take for line ends."""
    return say("one\u2028two\u2029three\x85four")


def error(
    status: int = 500, body: Mapping[str, Any] | str = OPENAI_ERROR, headers: Mapping[str, str] | None = None
) -> Scenario:
    """An error before anything is said."""
    if isinstance(body, str):
        kind, content = "text/html", body.encode()
    else:
        kind, content = "application/json", msgspec.json.encode(body)

    async def play(call: "Call") -> None:
        await call.start(status, {"Content-Type": kind, **_headers(), **(headers or {})})
        await call.send(content)

    return play


def error_midway(text: str = "The answer begins", body: Mapping[str, Any] = OPENAI_ERROR) -> Scenario:
    async def play(call: "Call") -> None:
        framing = await _begin(call)
        await _say(call, framing, text)
        await call.send(event(body))

    return play


def picky(
    refuses: Callable[[Mapping[str, Any]], Any], then: Scenario | None = None, status: int = 400
) -> Scenario:
    """Refuses a request with what `refuses` returns for its body, and answers where that is None."""

    async def play(call: "Call") -> None:
        refusal = refuses(call.body)
        await (error(status, refusal) if refusal else then or say())(call)

    return play


def hang() -> Scenario:
    """The request is taken and never answered."""

    async def play(call: "Call") -> None:
        await call.hang()

    return play


def hang_after_headers(comment: str = ": ping\n\n") -> Scenario:
    async def play(call: "Call") -> None:
        await call.start()
        await call.send(comment.encode())
        await call.hang()

    return play


def hang_midway(text: str = "The answer begins") -> Scenario:
    async def play(call: "Call") -> None:
        framing = await _begin(call)
        await _say(call, framing, text)
        await call.hang()

    return play


def hang_thinking() -> Scenario:
    """Thoughts between tags, whose end never comes."""
    return hang_midway("<think>\nTwo stairs lead up.")


def hang_after_finish(text: str = HELLO) -> Scenario:
    """Everything is said, but the connection stays open."""

    async def play(call: "Call") -> None:
        framing = await _begin(call)
        await _say(call, framing, text)
        await _end(call, framing, len(call.sent_at))
        await call.hang()

    return play


def cut(text: str = "The answer begins") -> Scenario:
    """A proper end of the response, but without finish_reason and [DONE]."""

    async def play(call: "Call") -> None:
        framing = await _begin(call)
        await _say(call, framing, text)

    return play


def cut_connection(text: str = "The answer begins") -> Scenario:
    """The connection breaks in the middle of the answer."""

    async def play(call: "Call") -> None:
        framing = await _begin(call)
        await _say(call, framing, text)
        call.cut()

    return play


def disconnect() -> Scenario:
    """The server hangs up without a word."""

    async def play(call: "Call") -> None:
        call.cut()
        await call.hang()

    return play


def empty() -> Scenario:
    async def play(call: "Call") -> None:
        await _end(call, await _begin(call), 0)

    return play


def json_answer(text: str = HELLO) -> Scenario:
    """The endpoint does not know `stream` and answers in one body."""
    return error(201, completion("chatcmpl-fake", "fake/vision", text, usage(100, len(tokens(text)))))


def html() -> Scenario:
    """A web page, with status 200."""
    return error(200, "<!doctype html><title>Welcome to nginx!</title>")


def raw(*parts: bytes, headers: Mapping[str, str] | None = None) -> Scenario:
    """Exactly these bytes as the stream, each part in a write of its own."""

    async def play(call: "Call") -> None:
        await call.start(headers=headers)
        for part in parts:
            await call.send(part)

    return play


BY_NAME: Final[Mapping[str, Callable[..., Scenario]]] = {
    scenario.__name__: scenario
    for scenario in (
        say, recite, step, length, line_separator, error, error_midway, hang, hang_after_headers, hang_midway,
        hang_thinking, hang_after_finish, cut, cut_connection, disconnect, empty, json_answer, html,
    )
}  # fmt: skip
