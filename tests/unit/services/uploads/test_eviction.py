"""Copies that are used stay, others go, and are made again when a model needs them."""

import asyncio
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories, sample_images
from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads import storage
from vision_chat.services.uploads.copies import copies_for
from vision_chat.services.uploads.eviction import MAX_COPIES, evict_unused
from vision_chat.services.vision.bundles import Shown, whole_copy
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.writer import Writer

pytestmark = pytest.mark.each_database

RULES = RequestRules(max_image_side=100)


def ask_for_copy(image: UploadedImage) -> ImageCopy:
    """Ask for the copy of a whole image, as a request does."""
    plan = whole_copy(Shown(image_id=image.pk, width=image.width, height=image.height), RULES)

    async def asked() -> ImageCopy:
        writer, worker = Writer(), ImageWorker()
        try:
            return (await copies_for([plan], [image], writer, worker))[plan]
        finally:
            worker.close()
            await writer.close()

    return asyncio.run(asked())


def copy_used(owner: User, ago: timedelta) -> ImageCopy:
    factories.image(owner)
    copy = ImageCopy.objects.latest("pk")
    copy.used_at = timezone.now() - ago
    copy.save(update_fields=["used_at"])
    return copy


def test_only_copies_that_were_not_used_for_long_go_with_their_files(ann: User) -> None:
    limit = timedelta(days=settings.VISION_CHAT.unused_copy_days)
    old, fresh = copy_used(ann, limit + timedelta(hours=1)), copy_used(ann, limit - timedelta(hours=1))

    assert (evict_unused(), evict_unused()) == (1, 0)
    assert list(ImageCopy.objects.all()) == [fresh]
    assert not Path(old.file.path).exists()
    assert Path(fresh.file.path).exists()
    assert Path(old.image.original.path).exists()


def test_an_evicted_copy_is_made_again(ann: User) -> None:
    data = sample_images.encoded(sample_images.chart((600, 400)), "JPEG")
    image = storage.store(ann, "chart.jpg", process(BytesIO(data), Limits(), RULES))
    before = ImageCopy.objects.get()
    ImageCopy.objects.update(used_at=timezone.now() - timedelta(days=1000))
    evict_unused()
    made = ask_for_copy(image)

    assert (made.recipe, made.width, made.height) == (before.recipe, before.width, before.height)
    assert Path(made.file.path).exists()


@pytest.mark.parametrize(("hours", "is_written"), [(25, True), (23, False)])
def test_a_use_is_written_down_once_a_day(ann: User, hours: int, *, is_written: bool) -> None:
    data = sample_images.encoded(sample_images.chart((600, 400)), "JPEG")
    image = storage.store(ann, "chart.jpg", process(BytesIO(data), Limits(), RULES))
    used_at = timezone.now() - timedelta(hours=hours)
    ImageCopy.objects.update(used_at=used_at)
    ask_for_copy(image)

    assert (ImageCopy.objects.get().used_at != used_at) is is_written


def test_beyond_the_most_copies_of_an_image_the_longest_unused_goes_for_a_new_one(ann: User) -> None:
    data = sample_images.encoded(sample_images.chart((600, 400)), "JPEG")
    image = storage.store(ann, "chart.jpg", process(BytesIO(data), Limits(), RequestRules()))
    oldest = image.copies.get()
    ImageCopy.objects.update(used_at=timezone.now() - timedelta(days=1))
    ImageCopy.objects.bulk_create(
        ImageCopy(image=image, recipe=f"recipe {number}", file="gone.jpg", width=1, height=1, bytes=1)
        for number in range(MAX_COPIES - 1)
    )
    made = ask_for_copy(image)

    assert image.copies.count() == MAX_COPIES
    assert image.copies.contains(made)
    assert not image.copies.contains(oldest)
    assert not Path(oldest.file.path).exists()
