"""What one server process owns: its writer thread, its replies, its picture worker."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.translation import gettext

from vision_chat.conf import Config
from vision_chat.services import uploads
from vision_chat.services.completions.catalogue import Offer
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.conversations import deletion, watching
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.markdown import highlighting
from vision_chat.services.replies import checkpoints
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.runner import Runner
from vision_chat.services.vision.request_rules import request_rules
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 60.0
DEMO_NAME = "built-in demo"


@dataclass(slots=True, eq=False)
class Process:
    """Made at start-up, on the event loop; views on other threads use the methods below."""

    writer: Writer
    runner: Runner
    pictures: ImageWorker
    loop: asyncio.AbstractEventLoop
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    @property
    def endpoint(self) -> Endpoint:
        return self.runner.endpoint

    def live_text(self, message_id: int) -> str | None:
        """The text of a reply that runs here, newer than its row."""
        live: LiveReply | None = self.runner.live(message_id)
        return live.text if live else None

    def stop(self, message_id: int) -> None:
        self.loop.call_soon_threadsafe(self.runner.stop, message_id)

    def model_notice(self) -> str:
        """Plain words where the provider no longer has the model; empty otherwise."""
        status = self.runner.model_status
        if status.offer is not Offer.RETIRED:
            return ""
        others = ", ".join(status.vision_models[:5])
        text = gettext("The provider no longer offers the model %(name)s. Set CHAT_MODEL to another one")
        if others:
            text += gettext(", for example %(others)s")
        return f"{text % {'name': self.endpoint.model_name, 'others': others}}."


def process_of(request: HttpRequest) -> Process:
    """The process that serves this request."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    process: Process = scope["state"]["process"]
    return process


def endpoint_of(config: Config, base_url: str) -> Endpoint:
    """The configured endpoint, its rules with what the configuration overrides.

    The demo keeps the rules of the model that it stands for, but not its name: it is none.
    """
    rules = request_rules(base_url, config.model_name)
    rules = replace(
        rules,
        context_tokens=config.context_tokens or rules.context_tokens,
        max_images=config.images_per_request or rules.max_images,
        max_output_tokens=config.max_output_tokens or rules.max_output_tokens,
    )
    model_name = DEMO_NAME if config.demo else config.model_name
    return Endpoint(base_url=base_url, model_name=model_name, api_key=config.api_key, rules=rules)


@asynccontextmanager
async def running() -> AsyncIterator[Process]:
    """Everything that lives as long as the server. Leaving it drains the running replies first."""
    config: Config = settings.VISION_CHAT
    async with AsyncExitStack() as stack:
        base_url = config.endpoint_base_url
        if config.demo:
            # nobody with a key pays for its imports
            from vision_chat.demo.server import DemoEndpoint  # noqa: PLC0415

            base_url = (await stack.enter_async_context(DemoEndpoint())).base_url
        client = await stack.enter_async_context(CompletionClient())
        writer = Writer()
        stack.push_async_callback(writer.close)
        pictures = ImageWorker()
        stack.callback(pictures.close)
        runner = Runner(
            writer=writer,
            client=client,
            endpoint=endpoint_of(config, base_url),
            timeouts=timeouts_of(config),
            system_prompt=config.system_prompt,
        )
        alone = not (config.redis_url and config.database_url.startswith("postgres"))
        await writer.run(checkpoints.interrupt_orphans, runner.boot_id, alone=alone)
        process = Process(writer, runner, pictures, asyncio.get_running_loop())
        process.tasks = [
            asyncio.create_task(runner.checkpoint_by_the_clock()),
            asyncio.create_task(_keep_house(process, alone=alone)),
            asyncio.create_task(asyncio.to_thread(_warm_up)),
        ]
        if not config.demo:
            process.tasks.append(asyncio.create_task(runner.look_up_model()))
        try:
            yield process
        finally:
            await runner.drain(config.shutdown_grace)
            for task in process.tasks:
                task.cancel()
            await asyncio.gather(*process.tasks, return_exceptions=True)


def _warm_up() -> None:
    """What the first answers would wait for. To be called on a thread, once the server answers."""
    watching.warm_up()
    highlighting.warm_up()


def timeouts_of(config: Config) -> Timeouts:
    return Timeouts(
        connect=config.connect_timeout,
        first_token=config.first_token_timeout,
        between_tokens=config.between_tokens_timeout,
        whole=config.reply_timeout,
    )


async def _keep_house(process: Process, *, alone: bool) -> None:
    """Once a minute: purge what was deleted, sweep what was never sent, settle what died."""
    writer, runner = process.writer, process.runner
    while True:
        try:
            await writer.run(deletion.purge_hidden)
            await writer.run(uploads.sweep_unsent)
            await writer.run(SessionStore.clear_expired)
            held = runner.generation_ids()
            await writer.run(checkpoints.interrupt_orphans, runner.boot_id, alone=alone, held=held)
        except Exception:
            logger.exception("Housekeeping failed; it is tried again in a minute")
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
