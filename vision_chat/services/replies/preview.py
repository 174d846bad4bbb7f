"""Which images the next request would hold, before it is made."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from vision_chat.models import ImageCopy
from vision_chat.services.replies._prompt import images_of, newest_images, token_room
from vision_chat.services.replies.turn import PromptMessage, TurnSettings
from vision_chat.services.vision.recipes import Recipe, recipe_for
from vision_chat.services.vision.selection import CopySize, Reason, reasons_to_leave_out

BYTES_PER_PIXEL: Final = 0.5
"""Estimate for a copy that is not made yet: a photograph full of detail."""


def reasons_by_image(
    branch: Sequence[PromptMessage], settings: TurnSettings
) -> dict[uuid.UUID, Reason | None]:
    """Return why each image of the branch is not sent with its last message; None where it is.

    The sizes of copies are looked up; those of copies that a model gets for the first time are estimated.
    """
    rules = settings.endpoint.rules
    images = images_of(branch)
    recipes = {
        image.pk: recipe_for(rules, image.width, image.height) for image in newest_images(branch, rules)
    }
    sizes = _sizes(recipes)
    room = token_room(branch, rules, system_prompt=settings.system_prompt)
    reasons = reasons_to_leave_out([sizes.get(image.pk) for image in images], rules, room)
    # newest last, which is what counts for an image that several messages show
    return {image.pk: reason for image, reason in zip(images, reasons, strict=True)}


def _sizes(recipes: Mapping[uuid.UUID, Recipe]) -> dict[uuid.UUID, CopySize]:
    sizes = {pk: _estimate(recipe) for pk, recipe in recipes.items()}
    names = {recipe.name for recipe in recipes.values()}
    for copy in ImageCopy.objects.filter(image__in=list(recipes), recipe__in=names):
        if copy.recipe == recipes[copy.image_id].name:
            sizes[copy.image_id] = CopySize(copy.width, copy.height, copy.bytes)
    return sizes


def _estimate(recipe: Recipe) -> CopySize:
    pixels = recipe.width * recipe.height
    return CopySize(recipe.width, recipe.height, min(recipe.max_bytes, int(pixels * BYTES_PER_PIXEL)))
