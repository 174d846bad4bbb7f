"""`manage.py check_endpoint`: send a request to the configured model and report the result."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from vision_chat.conf import Config
from vision_chat.errors.completions import CompletionError, ModelNotFoundError
from vision_chat.server.defaults import endpoint_of, timeouts_of
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.habits import MAX_AMENDMENTS, habits_in
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.timeouts import Timeouts

QUESTION: Final = ({"role": "user", "content": "Answer with the one word: ready"},)
MAX_TOKENS: Final = 16
MAX_MODELS: Final = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of one small request. Times are seconds since it was sent."""

    text: str
    finish: Finish
    connected: float
    first_token: float
    whole: float


class Command(BaseCommand):
    help = "Send one small request to the configured model and report the result."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._check(settings.VISION_CHAT))

    async def _check(self, config: Config) -> None:
        async with AsyncExitStack() as stack:
            base_url = config.endpoint_base_url
            if config.demo:
                # imported here, so that a check of a real endpoint does not pay for it
                from vision_chat.demo.server import DemoEndpoint  # noqa: PLC0415

                base_url = (await stack.enter_async_context(DemoEndpoint())).base_url
            client = await stack.enter_async_context(CompletionClient())
            endpoint = endpoint_of(config, base_url)
            self.stdout.write(
                f"Endpoint:     {'the built-in demo, ' if config.demo else ''}{endpoint.address}"
            )
            self.stdout.write(f"Model:        {endpoint.model_name}")
            self.stdout.write(f"API key:      {'set' if endpoint.api_key else 'none'}")
            try:
                answer, endpoint = await ask_as_wanted(client, endpoint, timeouts_of(config))
            except CompletionError as error:
                raise CommandError("\n".join(await explain(client, endpoint, error))) from error
            for habit in endpoint.habits.known:
                self.stdout.write(f"Refused:      {habit.words}; sent again without it")
            for line in report(answer):
                self.stdout.write(line)
            self.stdout.write(self.style.SUCCESS("The endpoint works."))


async def ask_as_wanted(
    client: CompletionClient, endpoint: Endpoint, timeouts: Timeouts
) -> tuple[Answer, Endpoint]:
    """Ask, again as the endpoint wants it where it refuses, like a turn. Returns it with what it refused."""
    for _ in range(MAX_AMENDMENTS):
        try:
            return await ask(client, endpoint, timeouts), endpoint
        except CompletionError as refusal:
            more = habits_in(refusal.words)
            if not more:
                raise
            endpoint = endpoint.amended(more)
    return await ask(client, endpoint, timeouts), endpoint


async def ask(client: CompletionClient, endpoint: Endpoint, timeouts: Timeouts) -> Answer:
    """Send the request and time its answer. Raises CompletionErrors."""
    begun = time.monotonic()
    text, first_token = "", 0.0
    parameters = Parameters(max_tokens=MAX_TOKENS)
    async with client.stream(endpoint, QUESTION, parameters, timeouts=timeouts) as completion:
        connected = time.monotonic() - begun
        async for piece in completion:
            first_token = first_token or time.monotonic() - begun
            text += piece.text
        return Answer(text, completion.finish, connected, first_token, time.monotonic() - begun)


def report(answer: Answer) -> Iterator[str]:
    """Yield the lines that describe an answer."""
    finish = answer.finish
    yield f"Answer:       {' '.join(answer.text.split())}"
    yield f"Answered by:  {finish.model_name or 'unknown'}"
    yield f"Headers:      after {answer.connected:.2f} s"
    yield f"First token:  after {answer.first_token:.2f} s"
    yield f"Whole answer: after {answer.whole:.2f} s"
    yield f"Usage:        {_count(finish.prompt_tokens)} tokens in, {_count(finish.completion_tokens)} out"
    if finish.usd_spent is not None:
        yield f"Cost:         ${finish.usd_spent}"
    yield f"Request:      {finish.request_id} {finish.inference_id}".rstrip()


async def explain(client: CompletionClient, endpoint: Endpoint, error: CompletionError) -> list[str]:
    """Return the lines that describe an error: message, code, the provider's message, other models if any."""
    lines = [str(error), f"Code:   {error.code}", f"Detail: {error.detail or 'none'}"]
    if isinstance(error, ModelNotFoundError):
        others = (await client.look_up(endpoint)).vision_models[:MAX_MODELS]
        if others:
            lines.append(f"Models that accept pictures: {', '.join(others)}")
    return lines


def _count(tokens: int | None) -> str:
    return "unknown" if tokens is None else f"{tokens:,}"
