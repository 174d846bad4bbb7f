"""Which copies a request needs of the images of a message: copies that go together or not at all.

A whole image is one copy. Further ways of showing images are modules beside this one, chosen in `bundles_of`,
the one place where that is decided: prompt, page and estimates ask here.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from vision_chat.services.vision.canvas import Cell, canvas_of
from vision_chat.services.vision.plans import Bundle, Detail, LetteredBox, PlannedCopy, Shown
from vision_chat.services.vision.recipes import recipe_for
from vision_chat.services.vision.regions import region_bundle
from vision_chat.services.vision.request_rules import RequestRules

__all__ = [
    "Bundle",
    "Detail",
    "LetteredBox",
    "PlannedCopy",
    "Shown",
    "bundles_of",
    "copies_of",
    "whole_copy",
]

MAX_ON_CANVAS: Final = 9
"""Images that one canvas shows; older ones of the message stay alone."""

_LETTERS: Final = "ABCDEFGHI"


def bundles_of(images: Sequence[Shown], rules: RequestRules, *, has_canvas: bool = False) -> list[Bundle]:
    """Return the bundles of the images of one message, in their order.

    Several whole images become one canvas where the model takes one image at a time and the message wants it.
    """
    if has_canvas and rules.max_images == 1 and len(images) > 1 and not any(each.regions for each in images):
        alone, together = images[:-MAX_ON_CANVAS], images[-MAX_ON_CANVAS:]
        return [*(_bundle(image, rules) for image in alone), _canvas(together, rules)]
    return [_bundle(image, rules) for image in images]


def copies_of(bundles: Iterable[Bundle]) -> list[PlannedCopy]:
    """Return all copies of these bundles."""
    return [copy for bundle in bundles for copy in bundle.copies]


def whole_copy(image: Shown, rules: RequestRules) -> PlannedCopy:
    """Return the copy of the whole image, as large as the model can use it."""
    return PlannedCopy(recipe_for(rules, image.width, image.height), (image.image_id,))


def _bundle(image: Shown, rules: RequestRules) -> Bundle:
    return region_bundle(image, rules) if image.regions else Bundle((whole_copy(image, rules),))


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
