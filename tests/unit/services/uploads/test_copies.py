"""What a model sees of uploaded images: kept, made from the original, and kept from then on."""

import asyncio
import shutil
import uuid
from collections.abc import Callable, Coroutine, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from PIL import Image

from tests.support import sample_images
from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads import storage
from vision_chat.services.uploads.copies import Copies, copies_for
from vision_chat.services.vision.bundles import PlannedCopy, Shown, whole_copy
from vision_chat.services.vision.recipes import Box, Placement, Recipe, recipe_for
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.writer import Writer

AT_UPLOAD = RequestRules(max_image_side=500)
ANOTHER = RequestRules(max_image_side=100)


def upload(owner: User, size: tuple[int, int] = (600, 400)) -> UploadedImage:
    """An image as an upload keeps it, with its copy for the rules AT_UPLOAD."""
    data = sample_images.encoded(sample_images.chart(size), "JPEG")
    return storage.store(owner, "chart.jpg", process(BytesIO(data), Limits(), AT_UPLOAD))


def plan_of(image: UploadedImage, rules: RequestRules) -> PlannedCopy:
    return whole_copy(Shown(image_id=image.pk, width=image.width, height=image.height), rules)


def ask_for(rules: RequestRules, *images: UploadedImage, times: int = 1) -> list[dict[uuid.UUID, ImageCopy]]:
    """Ask for the copies of these whole images, `times` at once; each answer by the images' ids."""
    plans = [plan_of(image, rules) for image in images]
    answers = ask_for_plans(plans, images, times)
    return [{plan.image_ids[0]: copy for plan, copy in answer.items()} for answer in answers]


def ask_for_plans(
    plans: Sequence[PlannedCopy], images: Sequence[UploadedImage], times: int = 1
) -> list[Copies]:

    async def asked() -> list[Copies]:
        writer, workers = Writer(), [ImageWorker() for _ in range(times)]
        calls: list[Coroutine[Any, Any, Copies]] = [
            copies_for(plans, images, writer, worker) for worker in workers
        ]
        try:
            return await asyncio.gather(*calls)
        finally:
            for worker in workers:
                worker.close()
            await writer.close()

    return asyncio.run(asked())


class CountingWorker(ImageWorker):
    """Counts what it is asked to do."""

    count = 0

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        return await super().run(*args, **kwargs)


def folder_of(image: UploadedImage) -> Path:
    return Path(image.original.path).parent


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_copies_for_uses_the_copy_that_was_kept_at_upload(ann: User) -> None:
    image = upload(ann)
    kept = image.copies.get()
    Path(image.original.path).unlink()  # so that none can be made
    (copies,) = ask_for(AT_UPLOAD, image)

    assert copies == {image.pk: kept}
    assert (kept.width, kept.height) == (500, 333)


def test_copies_for_makes_a_copy_again_whose_file_was_lost(ann: User) -> None:
    image = upload(ann)
    Path(image.copies.get().file.path).unlink()
    (copies,) = ask_for(AT_UPLOAD, image)

    assert Path(copies[image.pk].file.path).stat().st_size == copies[image.pk].bytes
    assert copies == {image.pk: image.copies.get()}
    assert len(files_in(folder_of(image))) == 3


def test_copies_for_makes_another_models_copy_from_the_original_and_keeps_it(ann: User) -> None:
    image = upload(ann)
    (made,) = ask_for(ANOTHER, image)
    copy = made[image.pk]
    with Image.open(copy.file.path) as drawn:
        red, green, _ = cast(tuple[int, int, int], drawn.convert("RGB").getpixel((5, 5)))

    assert copy.recipe == recipe_for(ANOTHER, 600, 400).name
    assert (copy.width, copy.height) == drawn.size == (100, 67)
    assert copy.bytes == Path(copy.file.path).stat().st_size
    assert (red > 200, green < 50) == (True, True)
    Path(image.original.path).unlink()
    assert ask_for(ANOTHER, image) == [made]
    assert image.copies.count() == 2


def test_copies_for_gives_each_image_its_own_copy(ann: User) -> None:
    images = [upload(ann, size) for size in ((600, 400), (400, 600), (90, 60))]
    (copies,) = ask_for(ANOTHER, *images)
    sizes = [(copies[image.pk].width, copies[image.pk].height) for image in images]

    assert sizes == [(100, 67), (67, 100), (90, 60)]


def test_copies_for_no_images_asks_nothing_of_the_database() -> None:
    assert ask_for(ANOTHER) == [{}]


@pytest.mark.each_database
def test_two_copies_made_at_once_leave_one_row_and_no_stray_file(ann: User) -> None:
    image = upload(ann)
    before = files_in(folder_of(image))
    first, second = ask_for(ANOTHER, image, times=2)
    copy = ImageCopy.objects.get(recipe=recipe_for(ANOTHER, 600, 400).name)

    assert first == second == {image.pk: copy}
    assert files_in(folder_of(image)) - before == {Path(copy.file.path).name}


def deleted(path: Path) -> None:
    path.unlink()


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def made_a_file_of_its_folder(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("not a folder")


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


LOSSES = [deleted, made_a_folder, made_a_file_of_its_folder, damaged]


@pytest.mark.parametrize("lose", LOSSES)
def test_copies_for_leaves_out_an_image_whose_original_is_lost(
    ann: User, lose: Callable[[Path], None]
) -> None:
    lost, kept = upload(ann), upload(ann)
    lose(Path(lost.original.path))
    (copies,) = ask_for(ANOTHER, lost, kept)

    assert set(copies) == {kept.pk}
    assert lost.copies.count() == 1


@pytest.mark.parametrize("lose", [deleted, made_a_folder])
def test_a_lost_copy_is_made_again_and_found_from_then_on(ann: User, lose: Callable[[Path], None]) -> None:
    image = upload(ann)
    lose(Path(image.copies.get().file.path))
    (copies,) = ask_for(AT_UPLOAD, image)

    assert Path(copies[image.pk].file.path).stat().st_size == copies[image.pk].bytes
    assert ask_for(AT_UPLOAD, image) == [copies]
    assert image.copies.get() == copies[image.pk]


def test_a_copy_that_many_ask_for_at_once_is_made_once(ann: User) -> None:
    image = upload(ann)
    before = files_in(folder_of(image))
    worker, plan = CountingWorker(), plan_of(image, ANOTHER)

    async def asked() -> list[Copies]:
        writer = Writer()
        try:
            return await asyncio.gather(*(copies_for([plan], [image], writer, worker) for _ in range(12)))
        finally:
            worker.close()
            await writer.close()

    copies = asyncio.run(asked())
    assert worker.count == 1
    assert all(each == copies[0] for each in copies)
    assert len(files_in(folder_of(image)) - before) == 1


def test_the_deletion_of_an_image_takes_all_its_copies(ann: User) -> None:
    image = upload(ann)
    ask_for(ANOTHER, image)
    folder = folder_of(image)
    assert len(files_in(folder)) == 4

    assert storage.delete_unused([image]) == 1
    assert not folder.exists()
    assert not ImageCopy.objects.exists()


def test_a_canvas_is_kept_with_its_first_image_and_knows_the_others(ann: User) -> None:
    images = [upload(ann, size) for size in ((600, 400), (400, 600), (90, 60))]
    recipe = Recipe(
        width=300,
        height=100,
        placements=tuple(
            Placement(Box(left, 0, left + 100, 100), source=source)
            for source, left in enumerate((0, 100, 200))
        ),
        max_bytes=1_000_000,
    )
    plan = PlannedCopy(recipe, tuple(image.pk for image in images))
    swapped = PlannedCopy(recipe, (images[0].pk, images[2].pk, images[1].pk))
    (copies,) = ask_for_plans([plan, swapped], images)
    kept, other = copies[plan], copies[swapped]

    assert kept.image == images[0]
    assert set(kept.others.all()) == set(images[1:])
    assert kept.recipe != other.recipe
    for image in images:
        Path(image.original.path).unlink()
    assert ask_for_plans([plan, swapped], images) == [{plan: kept, swapped: other}]


class DeletingWorker(ImageWorker):
    """Makes what it is asked for, while somebody deletes this image."""

    def __init__(self, image: UploadedImage) -> None:
        super().__init__()
        self._image = image

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        made = await super().run(*args, **kwargs)
        await sync_to_async(storage.delete_unused)([self._image])
        return made


def test_nothing_is_left_of_an_image_that_is_deleted_while_its_copy_is_made(ann: User) -> None:
    image = upload(ann)
    folder = folder_of(image)

    async def asked() -> Copies:
        writer, worker = Writer(), DeletingWorker(image)
        try:
            return await copies_for([plan_of(image, ANOTHER)], [image], writer, worker)
        finally:
            worker.close()
            await writer.close()

    assert asyncio.run(asked()) == {}
    assert not folder.exists()
