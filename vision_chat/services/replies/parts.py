"""The parts of a picture that a reply asks about one after the other: the model takes one at a time."""

from collections.abc import Sequence
from dataclasses import replace

from vision_chat.services.presentation.parts import part_heading
from vision_chat.services.replies._bundles import BranchImages
from vision_chat.services.replies.turn import Attached, PartToAsk, PromptMessage
from vision_chat.services.vision.fine_print import chosen_tiles, fine_print, tile_places
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.selection import reasons_by_number


def parts_to_ask(branch: Sequence[PromptMessage], rules: RequestRules) -> list[PartToAsk]:
    """Return the parts that are asked about for the question at the end of a branch, in their order.

    None where one request shows all that the person has chosen. Of several images in fine print the last one
    is asked about in parts.
    """
    question = branch[-1]
    places = tile_places([each.shown for each in question.attached], rules)
    if places > 1:
        return []
    for attached in reversed(question.attached):
        shown = attached.shown
        if shown.detail != "fine" or shown.regions:
            continue
        plan = fine_print(rules, shown.width, shown.height, places)
        tiles = sorted({*(shown.tiles or ())} & {*range(len(plan.recipes))})
        if len(tiles) < 2 or not chosen_tiles(plan, shown.tiles, places):
            return []
        parts = [
            PartToAsk(
                image_id=shown.image_id,
                number=number,
                tile=tile,
                heading=part_heading(number, len(tiles), plan.grid, tile),
                branch=[*branch[:-1], _with_tile(question, attached, tile)],
            )
            for number, tile in enumerate(tiles, 1)
        ]
        return parts if _is_sent(attached, parts[0].branch, rules) else []
    return []


def _with_tile(question: PromptMessage, attached: Attached, tile: int) -> PromptMessage:
    of_part = replace(attached, shown=replace(attached.shown, tiles=(tile,)))
    return replace(question, attached=[of_part if each is attached else each for each in question.attached])


def _is_sent(attached: Attached, branch: Sequence[PromptMessage], rules: RequestRules) -> bool:
    """Tell whether the image goes with the request, beside others of the question."""
    bundles = BranchImages.of(branch, rules).of_messages
    candidates = [each.candidate for of_message in bundles for each in of_message]
    of_question = bundles[-1]
    reasons = reasons_by_number(candidates, rules)[-len(of_question) :]
    return any(
        reason is None and any(image.pk == attached.image.pk for image in each.images)
        for each, reason in zip(of_question, reasons, strict=True)
    )
