"""Index, beside all else, what no server has indexed: after an update of the program, or a failure."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import TypeVar

from vision_chat.server.alone import Alone
from vision_chat.services.search import matching, rebuild
from vision_chat.services.writer import Readers, Writer

logger = logging.getLogger(__name__)

RESTS_FOR_WORK = 2
"""Each pause is so many times as long as the work before it: answers that are written need the core too."""

Key = TypeVar("Key")


async def complete(readers: Readers, writer: Writer, alone: Alone) -> None:
    """Index titles, images and messages that lack words, the newest messages first, between other writes."""
    try:
        await alone.once("search index", partial(_complete, readers, writer))
    except Exception:
        logger.exception("The index of the search is not complete; it will be tried again at the next start")


async def _complete(readers: Readers, writer: Writer) -> None:
    count = await _complete_titles(readers, writer) + await _complete_images(readers, writer)
    count += await _complete_messages(readers, writer)
    if count:
        logger.info("Messages, titles and pictures that can be searched now: %s more", count)


async def _complete_titles(readers: Readers, writer: Writer) -> int:
    return await _repair(writer, rebuild.repair_titles, await readers.run(rebuild.lacking_titles))


async def _complete_images(readers: Readers, writer: Writer) -> int:
    return await _repair(writer, rebuild.repair_images, await readers.run(rebuild.lacking_images))


async def _complete_messages(readers: Readers, writer: Writer) -> int:
    below: int | None = matching.MAX_KEY
    count = 0
    while below is not None:
        window = await readers.run(rebuild.lacking_messages, below)
        count += await _repair(writer, rebuild.repair_messages, window.lacking)
        below = window.below
    return count


async def _repair(writer: Writer, repair: Callable[[list[Key]], int], keys: Iterable[Key]) -> int:
    """Repair in batches, with a pause after each. Returns the number of rows that were written."""
    left = iter(keys)
    count = 0
    while batch := list(islice(left, rebuild.BATCH)):
        begun = time.monotonic()
        count += await writer.run(repair, batch)
        await asyncio.sleep(RESTS_FOR_WORK * (time.monotonic() - begun))
    return count
