"""Copies of images for models: made from the original by a recipe, and cached under the recipe's name."""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import BinaryIO, cast

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile

from vision_chat.errors.images import ImageError
from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.images.copies import make_copy
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads.eviction import evict_surplus, touch
from vision_chat.services.uploads.storage import delete_files, file_name
from vision_chat.services.vision.bundles import PlannedCopy
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

Copies = Mapping[PlannedCopy, ImageCopy]
"""Copies by their plans."""


async def copies_for(
    plans: Iterable[PlannedCopy], images: Iterable[UploadedImage], writer: Writer, worker: ImageWorker
) -> Copies:
    """Return the copies of these plans; make those that are not cached. `images` are their sources.

    Copies of which an original is lost are left out.
    """
    wanted = list(dict.fromkeys(plans))
    by_id = {image.pk: image for image in images}
    copies = await writer.run(_cached, wanted) if wanted else {}
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
    try:
        rendition = await worker.run(sources[0].owner_id, _make, sources, plan)
    except (OSError, ImageError) as error:
        logger.warning("An original of images %s is lost: %r", plan.image_ids, error)
        return None
    return await writer.run(_store, plan, sources, rendition)


def _cached(plans: Iterable[PlannedCopy]) -> dict[PlannedCopy, ImageCopy]:
    cached = {plan: copy for plan, copy in rows_of(plans).items() if _is_readable(copy.file)}
    touch(cached.values())
    return cached


def _is_readable(file: FieldFile) -> bool:
    """Tell whether the file can be opened: it may be deleted, or be a folder now."""
    try:
        with file.open("rb"):
            return True
    except OSError:
        return False


def _make(sources: Sequence[UploadedImage], plan: PlannedCopy) -> Rendition:
    with ExitStack() as opened:
        # through the storage, because a row's field has one file, which another thread may be reading
        files = [
            opened.enter_context(file.storage.open(str(file.name), "rb"))
            for file in (image.for_copies for image in sources)
        ]
        return make_copy([cast(BinaryIO, file) for file in files], plan.recipe, sources[0].source_format)


def _store(plan: PlannedCopy, sources: Sequence[UploadedImage], rendition: Rendition) -> ImageCopy | None:
    """Write the file, then the row. Of two copies that are made at once the first row is kept.

    Returns None where an image was deleted meanwhile: then nothing that shows it stays.
    """
    first = sources[0]
    folder = str(first.original.name).rpartition("/")[0]
    made = ImageCopy(image=first, recipe=plan.name)
    # a name of its own: one that was evicted may still have a file that is to be deleted
    stem = f"{plan.name}-{uuid.uuid4().hex[:8]}"
    made.file.save(file_name(folder, stem, rendition), ContentFile(rendition.data), save=False)
    try:
        stored, is_new = _row_of(made, sources[1:], rendition)
    except IntegrityError as error:
        delete_files([made.file])
        logger.warning("An image of %s was deleted: %r", plan.image_ids, error)
        return None
    if is_new:
        return stored
    if stored.file.name != made.file.name and _is_readable(stored.file):
        delete_files([made.file])
        return stored
    # its file had been lost
    stored.file, stored.bytes = made.file.name, len(rendition.data)
    stored.save(update_fields=["file", "bytes"])
    return stored


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
