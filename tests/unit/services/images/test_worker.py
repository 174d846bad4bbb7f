import asyncio
import threading
from io import BytesIO

import pytest

from tests.support import sample_images
from tests.support.looking import LIMITS, LLAMA, CountingFile, assert_is_the_chart
from tests.support.server import PATIENCE
from vision_chat.errors.images import ImageEmptyError
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker


async def test_the_worker_does_one_image_after_another() -> None:
    worker = ImageWorker()
    try:
        processed = await worker.run(
            "ann", process, BytesIO(sample_images.encoded(sample_images.chart(), "PNG")), LIMITS, LLAMA
        )
        assert_is_the_chart(processed.original)
        with pytest.raises(ImageEmptyError):
            await worker.run("ann", process, BytesIO(), LIMITS, LLAMA)
    finally:
        worker.close()


async def test_a_cancelled_upload_leaves_the_worker_working() -> None:
    worker = ImageWorker()
    try:
        running = asyncio.create_task(
            worker.run("ann", process, BytesIO(sample_images.photograph((2000, 1500))), LIMITS, LLAMA)
        )
        waiting = CountingFile(sample_images.encoded(sample_images.chart(), "PNG"))
        queued = asyncio.create_task(worker.run("ann", process, waiting, LIMITS, LLAMA))
        await asyncio.sleep(0)
        running.cancel()
        queued.cancel()
        results = await asyncio.gather(running, queued, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)

        processed = await worker.run(
            "ann", process, BytesIO(sample_images.encoded(sample_images.chart(), "PNG")), LIMITS, LLAMA
        )
        assert_is_the_chart(processed.original)
        assert waiting.count == 0  # dropped while it waited
    finally:
        worker.close()


async def test_people_take_turns_however_many_images_one_of_them_has() -> None:
    worker, done, may_go = ImageWorker(), [], threading.Event()

    def work(name: str) -> None:
        may_go.wait(PATIENCE)
        done.append(name)

    jobs = [("ann", f"ann {number}") for number in range(4)] + [("bob", "bob"), ("cleo", "cleo")]
    try:
        waiting = [asyncio.create_task(worker.run(person, work, name)) for person, name in jobs]
        await asyncio.sleep(0)
        may_go.set()
        await asyncio.gather(*waiting)
    finally:
        worker.close()
    assert done == ["ann 0", "ann 1", "bob", "cleo", "ann 2", "ann 3"]


async def test_an_image_that_fails_holds_up_nobody() -> None:
    worker = ImageWorker()

    def fail() -> None:
        raise MemoryError

    try:
        results = await asyncio.gather(
            worker.run("ann", fail), worker.run("bob", str, 5), return_exceptions=True
        )
    finally:
        worker.close()
    assert isinstance(results[0], MemoryError)
    assert results[1] == "5"
