"""Hash, beside all else, the images that were stored before images had a perceptual hash."""

import asyncio
import logging
import time
from functools import partial
from itertools import islice

from vision_chat.server.alone import Alone
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads import looks
from vision_chat.services.writer import Readers, Writer

logger = logging.getLogger(__name__)

RESTS_FOR_WORK = 2
"""Each pause is so many times as long as the work before it."""


async def complete(readers: Readers, writer: Writer, images: ImageWorker, alone: Alone) -> None:
    """Hash them in batches, the newest first, each in a turn of its own among uploads."""
    try:
        await alone.once("image hashes", partial(_complete, readers, writer, images))
    except Exception:
        logger.exception("Not all pictures are sorted by likeness; it will be tried again at the next start")


async def _complete(readers: Readers, writer: Writer, images: ImageWorker) -> None:
    left = iter(await readers.run(looks.without_hash))
    count = 0
    while batch := list(islice(left, looks.HASHED_BATCH)):
        begun = time.monotonic()
        rows = await readers.run(looks.hashed_rows, batch)
        thumbnails = await images.files.run(None, looks.thumbnails_of, rows)
        hashes = await images.run(None, looks.hashes_of, thumbnails)
        count += await writer.run(looks.write_hashes, hashes)
        await asyncio.sleep(RESTS_FOR_WORK * (time.monotonic() - begun))
    if count:
        logger.info("Pictures that are sorted by likeness now: %s more", count)
