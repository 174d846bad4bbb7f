"""Regions of an image for a model: cut from the original, beside an overview in which they are outlined."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from vision_chat.services.vision.canvas import MAX_ENLARGEMENT, Cell, canvas_of
from vision_chat.services.vision.plans import Bundle, LetteredBox, PlannedCopy, Shown
from vision_chat.services.vision.recipes import Box, Label, Recipe, recipe_for
from vision_chat.services.vision.request_rules import RequestRules

OVERVIEW_SIDE: Final = 768
"""Longest side of the overview beside regions, in pixels: it only shows where they are."""
ENLARGED_SIDE: Final = 1120
"""Longest side up to which a region is enlarged."""


def region_bundle(image: Shown, rules: RequestRules) -> Bundle:
    """Return the bundle of an image with regions: an overview and each region, or all of them on a canvas."""
    letters = _listed([region.letter for region in image.regions])
    if rules.max_images > len(image.regions):
        copies = [_overview(image, rules), *(_region(image, region, rules) for region in image.regions)]
        caption = (
            f"The first picture is an overview in which {_areas(image.regions)} {letters} "
            f"{_are(image.regions)} outlined. "
            + " ".join(
                f"Picture {number} shows area {region.letter} in full detail."
                for number, region in enumerate(image.regions, start=2)
            )
        )
        return Bundle(tuple(PlannedCopy(copy, (image.image_id,)) for copy in copies), caption)
    return Bundle(
        (PlannedCopy(_canvas(image, rules), (image.image_id,)),),
        f"The picture has two kinds of parts: an overview, in which {_areas(image.regions)} {letters} "
        f"{_are(image.regions)} outlined, and each area in full detail under its letter.",
    )


def _overview(image: Shown, rules: RequestRules) -> Recipe:
    """Return the small copy of the whole with its regions outlined."""
    small = replace(rules, max_image_side=min(rules.max_image_side, OVERVIEW_SIDE))
    recipe = recipe_for(small, image.width, image.height)
    return replace(recipe, labels=_outlines(image.regions, recipe))


def _region(image: Shown, region: LetteredBox, rules: RequestRules) -> Recipe:
    """Return the copy of a region alone, enlarged where it is small."""
    width, height = _pixels(image, region)
    scale = max(1.0, min(MAX_ENLARGEMENT, ENLARGED_SIDE / max(width, height)))
    recipe = recipe_for(rules, max(1, round(width * scale)), max(1, round(height * scale)))
    (placement,) = recipe.placements
    return replace(recipe, placements=(placement._replace(part=region.box),))


def _canvas(image: Shown, rules: RequestRules) -> Recipe:
    cells = [
        Cell(source=0, letter=region.letter, width=width, height=height, part=region.box)
        for region in image.regions
        for width, height in [_pixels(image, region)]
    ]
    overview = Cell(source=0, letter="", width=image.width, height=image.height)
    recipe = canvas_of(cells, rules, overview)
    return replace(recipe, labels=(*recipe.labels, *_outlines(image.regions, recipe)))


def _outlines(regions: Sequence[LetteredBox], recipe: Recipe) -> tuple[Label, ...]:
    """Return the outlines of regions in a copy whose last placement shows the whole image."""
    place = recipe.placements[-1].place
    return tuple(
        Label(
            region.letter,
            Box(
                place.left + region.box.left * place.width,
                place.top + region.box.top * place.height,
                place.left + region.box.right * place.width,
                place.top + region.box.bottom * place.height,
            ),
            is_outlined=True,
        )
        for region in regions
    )


def _pixels(image: Shown, region: LetteredBox) -> tuple[float, float]:
    return max(1.0, region.box.width * image.width), max(1.0, region.box.height * image.height)


def _listed(letters: Sequence[str]) -> str:
    return letters[0] if len(letters) == 1 else f"{', '.join(letters[:-1])} and {letters[-1]}"


def _areas(regions: Sequence[LetteredBox]) -> str:
    return "area" if len(regions) == 1 else "areas"


def _are(regions: Sequence[LetteredBox]) -> str:
    return "is" if len(regions) == 1 else "are"
