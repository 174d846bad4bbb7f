"""Copies of images for models: made from the original by a recipe, and cached under the recipe's name."""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import BinaryIO, TypeVar, cast

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile

from vision_chat.errors.images import ImageError
from vision_chat.errors.turns import ImageGoneError
from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.files.errors import LOST
from vision_chat.services.files.remote import is_remote
from vision_chat.services.images.copies import make_copy
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads.eviction import evict_surplus, touch
from vision_chat.services.uploads.storage import delete_later, file_name
from vision_chat.services.vision.bundles import PlannedCopy
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

Copies = Mapping[PlannedCopy, ImageCopy]
"""Copies by their plans."""


async def copies_for(
    plans: Iterable[PlannedCopy],
    images: Iterable[UploadedImage],
    writer: Writer,
    worker: ImageWorker,
    *,
    looks: bool = False,
) -> Copies:
    """Return the copies of these plans; make those that are not cached. `images` are their sources.

    Copies of which an original is lost are left out. Whether the file of a cached one is still there is
    looked up where that costs nothing, or where it `looks`. Raises ServerErrors where the storage is away.
    """
    wanted = list(dict.fromkeys(plans))
    by_id = {image.pk: image for image in images}
    copies = await writer.run(_cached, wanted) if wanted else {}
    if copies and (looks or not is_remote()):
        person = by_id[wanted[0].image_ids[0]].owner_id
        copies = await worker.files.run(person, _readable, copies)
    made = [plan for plan in wanted if plan not in copies]
    for plan in made:
        sources = [by_id[image_id] for image_id in plan.image_ids]
        make = partial(_made, plan, sources, writer, worker)
        copy: ImageCopy | None = await worker.shared.run((sources[0].pk, plan.name), make)
        if copy is not None:
            copies[plan] = copy
    if made:
        needed = {copy.pk for copy in copies.values()}
        await writer.run(evict_surplus, {plan.image_ids[0] for plan in made}, needed)
    return copies


async def with_copies(
    plans: Sequence[PlannedCopy],
    images: Sequence[UploadedImage],
    writer: Writer,
    worker: ImageWorker,
    use: Callable[[Copies], Result],
) -> Result:
    """Return what `use` makes of the copies of these plans, whose files it reads, on a thread for files.

    Where it raises ImageGoneError, it is called once more with copies of which each file was looked for.
    """
    copies = await copies_for(plans, images, writer, worker)
    if not copies:
        return use(copies)
    person = images[0].owner_id
    try:
        return await worker.files.run(person, use, copies)
    except ImageGoneError:
        if not is_remote():
            raise
    copies = await copies_for(plans, images, writer, worker, looks=True)
    return await worker.files.run(person, use, copies)


def read_copy(copy: ImageCopy) -> bytes:
    """Read the file of a copy (blocks). Raises ImageGoneError, and OSError where the storage is away."""
    try:
        with copy.file.storage.open(str(copy.file.name), "rb") as file:
            return bytes(file.read())
    except LOST as error:
        raise ImageGoneError(repr(error)) from error


def rows_of(plans: Iterable[PlannedCopy]) -> dict[PlannedCopy, ImageCopy]:
    """Return the rows of the copies that were made before, whose files may be lost."""
    by_key: dict[tuple[uuid.UUID, str], PlannedCopy] = {
        (plan.image_ids[0], plan.name): plan for plan in plans
    }
    found = ImageCopy.objects.filter(
        image__in={image_id for image_id, _ in by_key}, recipe__in={name for _, name in by_key}
    )
    return {
        by_key[copy.image_id, copy.recipe]: copy for copy in found if (copy.image_id, copy.recipe) in by_key
    }


async def _made(
    plan: PlannedCopy, sources: Sequence[UploadedImage], writer: Writer, worker: ImageWorker
) -> ImageCopy | None:
    first = sources[0]
    try:
        with ExitStack() as opened:
            originals = await worker.files.run(first.owner_id, _opened, sources, opened)
            rendition = await worker.run(
                first.owner_id, make_copy, originals, plan.recipe, first.source_format
            )
    except (*LOST, ImageError) as error:
        logger.warning("An original of images %s is lost: %r", plan.image_ids, error)
        return None
    made = await worker.files.run(first.owner_id, _written, plan, first, rendition)
    return await _kept(made, sources[1:], rendition, writer, worker)


def _opened(sources: Sequence[UploadedImage], stack: ExitStack) -> list[BinaryIO]:
    """Open the originals, which `stack` closes."""
    # through the storage, because a row's field has one file, which another thread may be reading
    files = [image.for_copies for image in sources]
    return [cast(BinaryIO, stack.enter_context(file.storage.open(str(file.name), "rb"))) for file in files]


def _written(plan: PlannedCopy, first: UploadedImage, rendition: Rendition) -> ImageCopy:
    """Write the file of a copy, under a name that it has never had: an earlier one may be deleted yet."""
    folder = str(first.original.name).rpartition("/")[0]
    made = ImageCopy(image=first, recipe=plan.name)
    name = file_name(folder, f"{plan.name}-{uuid.uuid4().hex[:8]}", rendition)
    made.file.save(name, ContentFile(rendition.data), save=False)
    return made


async def _kept(
    made: ImageCopy,
    others: Sequence[UploadedImage],
    rendition: Rendition,
    writer: Writer,
    worker: ImageWorker,
) -> ImageCopy | None:
    """Write the row of a copy. Of two that are made at once the first row is kept.

    Returns None where an image was deleted meanwhile: then nothing that shows it stays.
    """
    try:
        stored, is_new = await writer.run(_row_of, made, others, rendition)
    except IntegrityError as error:
        logger.warning("An image of the copy %s was deleted: %r", made, error)
        await writer.run(_discard, made)
        return None
    if is_new:
        return stored
    if await worker.files.run(made.image.owner_id, _is_readable, stored.file):
        await writer.run(_discard, made)
        return stored
    # its file had been lost
    await writer.run(_replace_file, stored, made, rendition)
    return stored


@transaction.atomic
def _discard(made: ImageCopy) -> None:
    delete_later([made.file])


def _replace_file(stored: ImageCopy, made: ImageCopy, rendition: Rendition) -> None:
    stored.file, stored.bytes = made.file.name, len(rendition.data)
    stored.save(update_fields=["file", "bytes"])


def _cached(plans: Iterable[PlannedCopy]) -> dict[PlannedCopy, ImageCopy]:
    cached = rows_of(plans)
    touch(cached.values())
    return cached


def _readable(copies: Mapping[PlannedCopy, ImageCopy]) -> dict[PlannedCopy, ImageCopy]:
    return {plan: copy for plan, copy in copies.items() if _is_readable(copy.file)}


def _is_readable(file: FieldFile) -> bool:
    """Tell whether the file can be opened: it may be deleted, or be a folder now."""
    if is_remote():
        return file.storage.exists(str(file.name))
    try:
        with file.storage.open(str(file.name), "rb"):
            return True
    except LOST:
        return False


def _row_of(made: ImageCopy, others: Sequence[UploadedImage], rendition: Rendition) -> tuple[ImageCopy, bool]:
    """Write the row, unless there is one. Returns the row, and whether it is new."""
    with transaction.atomic():
        stored, is_new = ImageCopy.objects.get_or_create(
            image=made.image,
            recipe=made.recipe,
            defaults={
                "file": made.file.name,
                "width": rendition.width,
                "height": rendition.height,
                "bytes": len(rendition.data),
            },
        )
        if is_new and others:
            # in the same transaction: a canvas must go with each of its images
            stored.others.set(others)
    return stored, is_new
