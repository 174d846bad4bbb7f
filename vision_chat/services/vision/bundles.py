"""Which copies a request needs of the images of a message: copies that go together or not at all.

A whole image is one copy. Further ways of showing images are modules beside this one, chosen in `bundles_of`,
the one place where that is decided: prompt, page and estimates ask here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from vision_chat.services.vision.canvas import Cell, canvas_of
from vision_chat.services.vision.fine_print import fine_print_bundle, tile_places
from vision_chat.services.vision.plans import (
    Bundle,
    Detail,
    LetteredBox,
    PlannedCopy,
    Shown,
    whole_copy,
)
from vision_chat.services.vision.recipes import seen_scale
from vision_chat.services.vision.regions import region_bundle
from vision_chat.services.vision.request_rules import RequestRules

__all__ = [
    "Bundle",
    "Detail",
    "LetteredBox",
    "PlannedCopy",
    "Shown",
    "bundles_of",
    "can_have_canvas",
    "copies_of",
    "whole_copy",
]

MAX_ON_CANVAS: Final = 9
"""Images that one canvas shows; older ones of the message stay alone."""

LOW_SIDE: Final = 512
"""The longest side of a copy with little detail."""

_LETTERS: Final = "ABCDEFGHI"


def bundles_of(images: Sequence[Shown], rules: RequestRules, *, has_canvas: bool = False) -> list[Bundle]:
    """Return the bundles of the images of one message, in their order.

    Several whole images become one canvas where the model takes one image at a time and the message wants it.
    """
    if has_canvas and can_have_canvas(images, rules):
        alone, together = images[:-MAX_ON_CANVAS], images[-MAX_ON_CANVAS:]
        return [*(_bundle(image, rules, 0) for image in alone), _canvas(together, rules)]
    places = tile_places(images, rules)
    return [_bundle(image, rules, places) for image in images]


def can_have_canvas(images: Sequence[Shown], rules: RequestRules) -> bool:
    """Tell whether these images of a message may go as one: several whole ones, to a model that takes one."""
    are_whole = not any(each.regions or each.detail == "fine" for each in images)
    return are_whole and rules.max_images == 1 and len(images) > 1


def copies_of(bundles: Iterable[Bundle]) -> list[PlannedCopy]:
    """Return all copies of these bundles."""
    return [copy for bundle in bundles for copy in bundle.copies]


def scale_in(bundle: Bundle, image: Shown, rules: RequestRules) -> float:
    """Return the largest scale, at most 1, at which the model sees an image in the copies of a bundle."""
    return max(
        (
            seen_scale(rules, copy.recipe, placement, (image.width, image.height))
            for copy in bundle.copies
            for placement in copy.recipe.placements
            if copy.image_ids[placement.source] == image.image_id
        ),
        default=1.0,
    )


def _bundle(image: Shown, rules: RequestRules, tile_places: int) -> Bundle:
    if image.regions:
        return region_bundle(image, rules)
    if image.detail == "fine":
        return fine_print_bundle(image, rules, tile_places)
    return Bundle((whole_copy(image, _low(rules) if image.detail == "low" else rules),))


def _low(rules: RequestRules) -> RequestRules:
    """Return the rules by which a copy with little detail is made."""
    return replace(rules, max_image_side=min(rules.max_image_side, LOW_SIDE))


def _canvas(images: Sequence[Shown], rules: RequestRules) -> Bundle:
    cells = [
        Cell(source=source, letter=letter, width=image.width, height=image.height)
        for source, (letter, image) in enumerate(zip(_LETTERS, images, strict=False))
    ]
    plan = PlannedCopy(canvas_of(cells, rules), tuple(image.image_id for image in images))
    return Bundle(
        (plan,),
        f"The picture is made of {len(images)} pictures. "
        f"Each stands under its letter, from A to {_LETTERS[len(images) - 1]}.",
    )
