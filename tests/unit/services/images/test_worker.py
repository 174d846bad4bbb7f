import asyncio
from io import BytesIO

import pytest

from tests.support import sample_images
from tests.support.looking import LIMITS, LLAMA, CountingFile, assert_is_the_chart
from vision_chat.errors.images import ImageEmptyError
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker


async def test_the_worker_does_one_image_after_another() -> None:
    worker = ImageWorker()
    try:
        processed = await worker.run(
            process, BytesIO(sample_images.encoded(sample_images.chart(), "PNG")), LIMITS, LLAMA
        )
        assert_is_the_chart(processed.original)
        with pytest.raises(ImageEmptyError):
            await worker.run(process, BytesIO(), LIMITS, LLAMA)
    finally:
        worker.close()


async def test_a_cancelled_upload_leaves_the_worker_working() -> None:
    worker = ImageWorker()
    try:
        running = asyncio.create_task(
            worker.run(process, BytesIO(sample_images.photograph((2000, 1500))), LIMITS, LLAMA)
        )
        waiting = CountingFile(sample_images.encoded(sample_images.chart(), "PNG"))
        queued = asyncio.create_task(worker.run(process, waiting, LIMITS, LLAMA))
        await asyncio.sleep(0)
        running.cancel()
        queued.cancel()
        results = await asyncio.gather(running, queued, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)

        processed = await worker.run(
            process, BytesIO(sample_images.encoded(sample_images.chart(), "PNG")), LIMITS, LLAMA
        )
        assert_is_the_chart(processed.original)
        assert waiting.count == 0  # dropped while it waited
    finally:
        worker.close()
