"""The images that the next request would hold, and what they would cost, before it is made."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from vision_chat.models import ImageCopy
from vision_chat.services.replies._bundles import BranchBundle, BranchImages, image_reasons
from vision_chat.services.replies._prompt import token_room
from vision_chat.services.replies.turn import PromptMessage, TurnSettings
from vision_chat.services.vision.bundles import PlannedCopy
from vision_chat.services.vision.estimates import Estimate, ImagesPreview, estimate, planned_size, total
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.selection import CopySize


def preview_of(
    branch: Sequence[PromptMessage], settings: TurnSettings, input_price: Decimal | None = None
) -> ImagesPreview:
    """Return which images of the branch are sent with its last message, and what they take.

    The sizes of copies are looked up; those of copies that a model gets for the first time are estimated.
    """
    rules = settings.endpoint.rules
    images = BranchImages.of(branch, rules)
    sizes = _sizes(images.wanted_copies(rules))
    room = token_room(branch, rules, system_prompt=settings.system_prompt)
    reasons = images.reasons(sizes, rules, room)
    sent = [each for each, reason in reasons if reason is None]
    return ImagesPreview(
        image_reasons(reasons),
        _estimates(images, sizes, rules),
        total(_estimate(each, sizes, rules) for each in sent),
        input_price,
    )


def _sizes(plans: Iterable[PlannedCopy]) -> dict[PlannedCopy, CopySize]:
    by_key = {(plan.image_ids[0], plan.name): plan for plan in plans}
    sizes = {plan: planned_size(plan.recipe) for plan in by_key.values()}
    copies = ImageCopy.objects.filter(
        image__in={image_id for image_id, _ in by_key}, recipe__in={name for _, name in by_key}
    )
    for copy in copies:
        if (plan := by_key.get((copy.image_id, copy.recipe))) is not None:
            sizes[plan] = CopySize(copy.width, copy.height, copy.bytes)
    return sizes


def _estimates(
    images: BranchImages, sizes: Mapping[PlannedCopy, CopySize], rules: RequestRules
) -> dict[uuid.UUID, Estimate]:
    estimates: dict[uuid.UUID, Estimate] = {}
    for bundles in images.of_messages:
        shares = defaultdict(list)
        for each in bundles:
            for image in each.images:
                shares[image.pk].append(_estimate(each, sizes, rules).share_of(len(each.images)))
        estimates |= {image_id: total(of_image) for image_id, of_image in shares.items()}
    return estimates


def _estimate(each: BranchBundle, sizes: Mapping[PlannedCopy, CopySize], rules: RequestRules) -> Estimate:
    copies = [sizes.get(plan) or planned_size(plan.recipe) for plan in each.bundle.copies]
    return estimate(copies, rules)
