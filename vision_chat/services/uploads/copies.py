"""Copies of images for models: made from the original by a recipe, and cached under the recipe's name."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import BinaryIO, cast

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile

from vision_chat.errors.images import ImageError
from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.images.copies import make_copy
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads.eviction import touch
from vision_chat.services.uploads.storage import delete_files, file_name
from vision_chat.services.vision.recipes import Recipe, recipe_for
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.writer import Writer

logger = logging.getLogger(__name__)

Copies = Mapping[uuid.UUID, ImageCopy]
"""Copies by the id of their image."""


async def copies_for(
    images: Sequence[UploadedImage], rules: RequestRules, writer: Writer, worker: ImageWorker
) -> Copies:
    """Return the copy of each image for a model with these rules; make those that are not cached.

    Images whose original is lost are left out.
    """
    recipes = {image.pk: recipe_for(rules, image.width, image.height) for image in images}
    copies = await writer.run(_cached, recipes) if recipes else {}
    for image in images:
        if image.pk not in copies:
            recipe = recipes[image.pk]
            make = partial(_made, image, recipe, writer, worker)
            copy: ImageCopy | None = await worker.shared.run((image.pk, recipe.name), make)
            if copy is not None:
                copies[image.pk] = copy
    return copies


async def _made(
    image: UploadedImage, recipe: Recipe, writer: Writer, worker: ImageWorker
) -> ImageCopy | None:
    try:
        rendition = await worker.run(image.owner_id, _make, image, recipe)
    except (OSError, ImageError) as error:
        logger.warning("The original of image %s is lost: %r", image.pk, error)
        return None
    return await writer.run(_store, image, recipe, rendition)


def _cached(recipes: Mapping[uuid.UUID, Recipe]) -> dict[uuid.UUID, ImageCopy]:
    names = {recipe.name for recipe in recipes.values()}
    copies = ImageCopy.objects.filter(image__in=list(recipes), recipe__in=names)
    cached = {
        copy.image_id: copy
        for copy in copies
        if copy.recipe == recipes[copy.image_id].name and _is_readable(copy.file)
    }
    touch(cached.values())
    return cached


def _is_readable(file: FieldFile) -> bool:
    """Tell whether the file can be opened: it may be deleted, or be a folder now."""
    try:
        with file.open("rb"):
            return True
    except OSError:
        return False


def _make(image: UploadedImage, recipe: Recipe) -> Rendition:
    # through the storage, because a row's field has one file, which another thread may be reading
    with image.original.storage.open(str(image.original.name), "rb") as file:
        return make_copy(cast(BinaryIO, file), recipe, image.source_format)


def _store(image: UploadedImage, recipe: Recipe, rendition: Rendition) -> ImageCopy:
    """Write the file, then the row. Of two copies that are made at once the first row is kept."""
    folder = str(image.original.name).rpartition("/")[0]
    made = ImageCopy(image=image, recipe=recipe.name)
    made.file.save(file_name(folder, recipe.name, rendition), ContentFile(rendition.data), save=False)
    stored, is_new = ImageCopy.objects.get_or_create(
        image=image,
        recipe=recipe.name,
        defaults={
            "file": made.file.name,
            "width": rendition.width,
            "height": rendition.height,
            "bytes": len(rendition.data),
        },
    )
    if is_new:
        return stored
    if stored.file.name != made.file.name and _is_readable(stored.file):
        delete_files([made.file])
        return stored
    # its file had been lost
    stored.file, stored.bytes = made.file.name, len(rendition.data)
    stored.save(update_fields=["file", "bytes"])
    return stored
