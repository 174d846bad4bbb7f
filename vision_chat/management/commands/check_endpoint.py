"""`manage.py check_endpoint`: send a request to the configured model and report the result."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from vision_chat.conf import Config
from vision_chat.errors.completions import CompletionError, ModelNotFoundError
from vision_chat.server.defaults import endpoint_of, timeouts_of
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.language_models.trial import Answer, ask_as_wanted

MAX_MODELS: Final = 10


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
