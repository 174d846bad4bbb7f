"""Which images the next request would hold, before it is made."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Final

from vision_chat.models import ImageCopy
from vision_chat.services.replies._bundles import BranchImages, image_reasons
from vision_chat.services.replies._prompt import token_room
from vision_chat.services.replies.turn import PromptMessage, TurnSettings
from vision_chat.services.vision.bundles import PlannedCopy
from vision_chat.services.vision.recipes import Recipe
from vision_chat.services.vision.selection import CopySize, Reason

BYTES_PER_PIXEL: Final = 0.5
"""Estimate for a copy that is not made yet: a photograph full of detail."""


def reasons_by_image(
    branch: Sequence[PromptMessage], settings: TurnSettings
) -> dict[uuid.UUID, Reason | None]:
    """Return why each image of the branch is not sent with its last message; None where it is.

    The sizes of copies are looked up; those of copies that a model gets for the first time are estimated.
    """
    rules = settings.endpoint.rules
    images = BranchImages.of(branch, rules)
    sizes = _sizes(images.wanted_copies(rules))
    room = token_room(branch, rules, system_prompt=settings.system_prompt)
    return image_reasons(images.reasons(sizes, rules, room))


def _sizes(plans: Iterable[PlannedCopy]) -> dict[PlannedCopy, CopySize]:
    by_key = {(plan.image_ids[0], plan.name): plan for plan in plans}
    sizes = {plan: _estimate(plan.recipe) for plan in by_key.values()}
    copies = ImageCopy.objects.filter(
        image__in={image_id for image_id, _ in by_key}, recipe__in={name for _, name in by_key}
    )
    for copy in copies:
        if (plan := by_key.get((copy.image_id, copy.recipe))) is not None:
            sizes[plan] = CopySize(copy.width, copy.height, copy.bytes)
    return sizes


def _estimate(recipe: Recipe) -> CopySize:
    pixels = recipe.width * recipe.height
    return CopySize(recipe.width, recipe.height, min(recipe.max_bytes, int(pixels * BYTES_PER_PIXEL)))
