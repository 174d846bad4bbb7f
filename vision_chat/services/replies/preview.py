"""The images that the next request would hold, and what they would cost, before it is made."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from vision_chat.services.replies._bundles import BranchBundle, BranchImages, image_reasons, sizes_of
from vision_chat.services.replies._prompt import token_room
from vision_chat.services.replies.parts import parts_to_ask
from vision_chat.services.replies.turn import Attached, PromptMessage, TurnSettings
from vision_chat.services.uploads.copies import rows_of
from vision_chat.services.vision.bundles import PlannedCopy, can_have_canvas, scale_in
from vision_chat.services.vision.estimates import (
    Estimate,
    ImagesPreview,
    Parts,
    estimate,
    planned_size,
    total,
)
from vision_chat.services.vision.fine_print import FinePrint, chosen_tiles, fine_print, tile_places
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
    attached = {each.image.pk: each for message in branch for each in message.attached}
    asked = [each.shown for each in branch[-1].attached]
    estimates = _estimates(images, attached, sizes, rules)
    of_request = total(_estimate(each, sizes, rules) for each in sent)
    to_ask = parts_to_ask(branch, rules)
    asked_in_parts = {part.image_id for part in to_ask}
    if to_ask:  # the copies of all parts are equally large
        estimates |= {pk: estimates[pk].times(len(to_ask)) for pk in asked_in_parts}
        of_request = of_request.times(len(to_ask))
    return ImagesPreview(
        reasons=image_reasons(reasons),
        estimates=estimates,
        total=of_request,
        requests=len(to_ask) or 1,
        parts={
            image_id: replace(each.parts, asked=len(to_ask)) if image_id in asked_in_parts else each.parts
            for message in branch
            for image_id, each in fine_prints(message, rules).items()
        },
        text_heights={pk: each.image.text_height for pk, each in attached.items() if each.image.text_height},
        input_price=input_price,
        on_canvas=max((len(each.images) for each in sent if each.candidate.is_asked_about), default=0),
        may_have_canvas=can_have_canvas(asked, rules),
        for_good={
            each.image.pk: each.inclusion
            for message in branch[:-1]
            for each in message.attached
            if each.inclusion != "rule"
        },
        is_kept_off_canvas=rules.max_images == 1 and len(asked) > 1 and not can_have_canvas(asked, rules),
    )


def bundles_showing(
    branch: Sequence[PromptMessage], rules: RequestRules, image_id: uuid.UUID
) -> list[BranchBundle]:
    """Return the bundles of the last message that shows an image which show it; none where none does."""
    of_messages = BranchImages.of(branch, rules).of_messages
    showing = [
        [each for each in bundles if any(image.pk == image_id for image in each.images)]
        for bundles in of_messages
    ]
    return next((bundles for bundles in reversed(showing) if bundles), [])


@dataclass(frozen=True, slots=True)
class PlannedFinePrint:
    """How an image of a message is shown in fine print, and which parts go."""

    plan: FinePrint
    parts: Parts

    @property
    def has_choice(self) -> bool:
        """Tell whether the person picks one of the parts."""
        return self.parts.picked is not None and self.parts.count > 1


def fine_prints(message: PromptMessage, rules: RequestRules) -> dict[uuid.UUID, PlannedFinePrint]:
    """Return how those images of a message are shown that are to be seen in fine print."""
    images = [each.shown for each in message.attached]
    places = tile_places(images, rules)
    found = {}
    for image in images:
        if image.detail == "fine":
            plan = fine_print(rules, image.width, image.height, places, image.calm_rows)
            numbers = chosen_tiles(plan, image.tiles, places)
            picked = None if places > 1 else next(iter(numbers), -1)
            found[image.image_id] = PlannedFinePrint(plan, Parts(len(plan.recipes), picked, plan.scale))
    return found


def _sizes(plans: Iterable[PlannedCopy]) -> dict[PlannedCopy, CopySize]:
    plans = set(plans)
    planned = {plan: planned_size(plan.recipe) for plan in plans}
    return {**planned, **sizes_of(rows_of(plans))}


def _estimates(
    images: BranchImages,
    attached: Mapping[uuid.UUID, Attached],
    sizes: Mapping[PlannedCopy, CopySize],
    rules: RequestRules,
) -> dict[uuid.UUID, Estimate]:
    estimates: dict[uuid.UUID, Estimate] = {}
    for bundles in images.of_messages:
        shares = defaultdict(list)
        for each in bundles:
            of_all = _estimate(each, sizes, rules)
            for image in each.images:
                scale = scale_in(each.bundle, attached[image.pk].shown, rules)
                shares[image.pk].append(of_all.share_of(len(each.images), scale))
        estimates |= {image_id: total(of_image) for image_id, of_image in shares.items()}
    return estimates


def _estimate(each: BranchBundle, sizes: Mapping[PlannedCopy, CopySize], rules: RequestRules) -> Estimate:
    copies = [sizes.get(plan) or planned_size(plan.recipe) for plan in each.bundle.copies]
    return estimate(copies, rules)
