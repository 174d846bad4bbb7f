"""Index, beside all else, what no server has indexed: after an update of the program, or a failure."""

import logging
from itertools import islice

from vision_chat.services.search import matching, rebuild
from vision_chat.services.writer import Readers, Writer

logger = logging.getLogger(__name__)


async def complete(readers: Readers, writer: Writer) -> None:
    """Index titles and messages that lack words, the newest messages first, between the writes of others."""
    try:
        count = await _complete_titles(readers, writer) + await _complete_messages(readers, writer)
    except Exception:
        logger.exception("The index of the search is not complete; it will be tried again at the next start")
        return
    if count:
        logger.info("Messages and titles that can be searched now: %s more", count)


async def _complete_titles(readers: Readers, writer: Writer) -> int:
    lacking = iter(await readers.run(rebuild.lacking_titles))
    count = 0
    while batch := list(islice(lacking, rebuild.BATCH)):
        count += await writer.run(rebuild.repair_titles, batch)
    return count


async def _complete_messages(readers: Readers, writer: Writer) -> int:
    below: int | None = matching.MAX_KEY
    count = 0
    while below is not None:
        window = await readers.run(rebuild.lacking_messages, below)
        lacking = iter(window.lacking)
        while batch := list(islice(lacking, rebuild.BATCH)):
            count += await writer.run(rebuild.repair_messages, batch)
        below = window.below
    return count
