"""Copies of images for models: made from the original by a recipe, and cached under the recipe's name."""

import uuid
from collections.abc import Mapping, Sequence
from typing import BinaryIO, cast

from django.core.files.base import ContentFile

from vision_chat.errors.turns import ImageGoneError
from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.images.copies import make_copy
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.uploads.storage import delete_files, file_name
from vision_chat.services.vision.recipes import Recipe, recipe_for
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.writer import Writer

Copies = Mapping[uuid.UUID, ImageCopy]
"""Copies by the id of their image."""


async def copies_for(
    images: Sequence[UploadedImage], rules: RequestRules, writer: Writer, worker: ImageWorker
) -> Copies:
    """Return the copy of each image for a model with these rules; make those that are not cached.

    Raises ImageGoneError where an original no longer exists.
    """
    recipes = {image.pk: recipe_for(rules, image.width, image.height) for image in images}
    copies = await writer.run(_cached, recipes) if recipes else {}
    for image in images:
        if image.pk not in copies:
            recipe = recipes[image.pk]
            rendition = await worker.run(_make, image, recipe)
            copies[image.pk] = await writer.run(_store, image, recipe, rendition)
    return copies


def _cached(recipes: Mapping[uuid.UUID, Recipe]) -> dict[uuid.UUID, ImageCopy]:
    names = {recipe.name for recipe in recipes.values()}
    copies = ImageCopy.objects.filter(image__in=list(recipes), recipe__in=names)
    return {
        copy.image_id: copy
        for copy in copies
        if copy.recipe == recipes[copy.image_id].name and copy.file.storage.exists(str(copy.file.name))
    }


def _make(image: UploadedImage, recipe: Recipe) -> Rendition:
    try:
        with image.original.open("rb") as file:
            return make_copy(cast(BinaryIO, file), recipe, image.source_format)
    except FileNotFoundError as error:
        raise ImageGoneError(repr(error)) from error


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
    if stored.file.name == made.file.name:  # its file had been lost
        stored.bytes = len(rendition.data)
        stored.save(update_fields=["bytes"])
    else:
        delete_files([made.file])
    return stored
