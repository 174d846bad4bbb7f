"""The lifespan of one server process: what it does at its start, beside all requests, and at its end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.template.loader import get_template

from vision_chat.conf import Config
from vision_chat.server import image_hashes, search_index
from vision_chat.server.assembly import assemble
from vision_chat.server.housekeeping import send_what_waits
from vision_chat.server.runtime import Runtime
from vision_chat.server.sampling import Sampling
from vision_chat.services.language_models.environment import sync_environment
from vision_chat.services.language_models.keys import renew_keys
from vision_chat.services.markdown import highlighting
from vision_chat.services.metrics import recording
from vision_chat.services.mirror.link import watch_redis
from vision_chat.services.replies import orphan_rows
from vision_chat.services.replies.orphans import Sweep
from vision_chat.services.site import relay
from vision_chat.services.site.identity import site_id
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

TURN_TEMPLATES = ("_message.html", "_reply_footer.html", "_reply_actions.html", "_conversation_item.html")


@asynccontextmanager
async def running() -> AsyncIterator[Runtime]:
    """Run everything that lives as long as the server; at the end drain the running replies first."""
    config: Config = settings.VISION_CHAT
    async with AsyncExitStack() as stack:
        runtime = await assemble(config, stack)
        await _prepare_rows(config, runtime)
        tasks = [asyncio.create_task(work) for work in _background(config, runtime)]
        try:
            yield runtime
        finally:
            await runtime.runner.drain(config.shutdown_grace)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await _leave(runtime)


async def _prepare_rows(config: Config, runtime: Runtime) -> None:
    """Bring the rows of the database up to date that the first request may meet."""
    writer = runtime.writer
    await writer.run(site_id)  # into memory: the names in Redis are made on the event loop
    await writer.run(sync_environment, config, runtime.default_settings.endpoint)
    await _renew_keys(writer)
    # where others run, their pages may show an orphan: `Sweep` tells them
    if not config.has_many_processes:
        await writer.run(orphan_rows.interrupt_orphans, runtime.runner.boot_id, others_may_run=False)


def _background(config: Config, runtime: Runtime) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield what runs beside all requests."""
    if runtime.database is not None:
        yield runtime.database.run()
    yield runtime.runner.run_checkpoints()
    yield runtime.runner.line.run()
    yield runtime.mirrors.run()
    yield relay.hear()
    yield runtime.housekeeping.run()
    if recording.is_on():
        yield Sampling(runtime.runner, runtime.images, runtime.database_threads).run()
    if runtime.mirroring is not None:
        yield runtime.mirroring.publisher.run()
        yield watch_redis(runtime.mirroring.link, relay.look_again)
        yield Sweep(runtime.runner, runtime.readers).run()
        yield send_what_waits(runtime.runner)
    yield runtime.moderation.run()
    yield asyncio.to_thread(_warm_up)
    yield search_index.complete(runtime.readers, runtime.writer, runtime.alone)
    yield image_hashes.complete(runtime.readers, runtime.writer, runtime.images, runtime.alone)
    if not config.demo:
        yield runtime.catalogue.refresh(runtime.default_settings.endpoint)


async def _leave(runtime: Runtime) -> None:
    """Let others take over at once what this process has done for all."""
    try:
        await runtime.alone.leave()
    except DatabaseError:
        logger.warning("The leases of this process could not be given up; they end by themselves")


async def _renew_keys(writer: Writer) -> None:
    """Encrypt the keys of endpoints with the newest SECRET_KEY, and say in the log where that cannot be."""
    if unreadable := await writer.run(renew_keys):
        logger.warning(
            "%d stored keys of endpoints cannot be read: SECRET_KEY was changed. "
            "Name the earlier one in SECRET_KEY_FALLBACKS, or enter them again in the administration.",
            unreadable,
        )


def _warm_up() -> None:
    """Load what the first answers would wait for: the templates of a turn, the usual lexers."""
    for name in TURN_TEMPLATES:
        get_template(name)
    highlighting.warm_up()
