"""How the copy for one model is made from upright originals, as data.

A recipe is pure: `services/images/copies.py` carries it out. Its name is the key under which a copy is
cached, and it maps places in the copy, which a model names, to places in the originals, and back.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.rules.base import Size, ceil_div, fit, within

VERSION: Final = 2
"""To be raised when the same recipe begins to make other bytes: cached copies are then made again."""


class Box(NamedTuple):
    """A rectangle by two corners, in whatever unit its owner says."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def clamped(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the rectangle that is nearest to this one."""
        return min(self.right, max(self.left, x)), min(self.bottom, max(self.top, y))


WHOLE: Final = Box(0.0, 0.0, 1.0, 1.0)


class Placement(NamedTuple):
    """The `part` of an original (fractions of its sides), resized to fill the `place` in a copy (pixels)."""

    place: Box
    part: Box = WHOLE
    source: int = 0
    """The index of the original among those of the copy."""


class Label(NamedTuple):
    """A letter that is drawn into a copy, in the upper left corner of a box (pixels of the copy).

    Outlined, the box is a region of what is under it; otherwise it is room that was left for the letter.
    """

    letter: str
    box: Box
    is_outlined: bool = False


class Spot(NamedTuple):
    """A point of an original, in fractions of its sides."""

    source: int
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A copy of `width` by `height` pixels, on which parts of originals have their places, under labels.

    Around them is white padding. JPEG in the first of `jpeg_qualities` that keeps `max_bytes`, and smaller
    where none does. PNG instead, where it keeps them too, if the copy has at most `png_pixels`, or if the
    original did not come as a photograph and PNG takes at most `png_ratio` times the bytes.
    """

    width: int
    height: int
    placements: tuple[Placement, ...]
    labels: tuple[Label, ...] = ()
    max_bytes: int
    jpeg_qualities: tuple[int, ...] = (90, 80, 65, 45)
    png_pixels: int = 256 * 256
    png_ratio: float = 2.0
    version: int = VERSION

    @property
    def name(self) -> str:
        """A short name of [a-z0-9-]; equal recipes have equal names, others have others."""
        format_policy = self.max_bytes, self.png_pixels, self.png_ratio, *self.jpeg_qualities
        numbers: list[float] = [self.version, self.width, self.height]
        for placement in self.placements:
            numbers += [*placement.place, *placement.part, *([placement.source] if placement.source else [])]
        for label in self.labels:
            numbers += [ord(label.letter), *label.box, label.is_outlined]
        # as floats: 0 and 0.0 are equal and must not differ here
        digest = sha256(repr([float(number) for number in (*numbers, *format_policy)]).encode()).hexdigest()
        return f"{self.width}x{self.height}-{digest[:12]}"

    @property
    def is_padded(self) -> bool:
        """Tell whether the first placement leaves room on the copy."""
        place = self.placements[0].place
        return (place.width, place.height) != (self.width, self.height)

    def of_source(self, source: int) -> tuple[Placement, ...]:
        """Return the placements of one original."""
        return tuple(placement for placement in self.placements if placement.source == source)

    def to_original(self, x: float, y: float) -> Spot:
        """Map a place in the copy, in fractions of its sides, to an original.

        A place in the padding becomes the nearest that shows a part of an original.
        """
        x, y = x * self.width, y * self.height

        def distance(placement: Placement) -> float:
            near = placement.place.clamped(x, y)
            return (near[0] - x) ** 2 + (near[1] - y) ** 2

        # of two that show it the later, which is drawn above
        place, part, source = min(reversed(self.placements), key=distance)
        along, down = _within_box(place, x, y)
        return Spot(source, part.left + along * part.width, part.top + down * part.height)

    def to_copy(self, x: float, y: float, source: int = 0) -> tuple[float, float]:
        """Map a place in an original to the copy, both in fractions of the sides.

        A place that the copy does not show becomes the nearest that it shows.
        """

        def distance(placement: Placement) -> float:
            near = placement.part.clamped(x, y)
            return (near[0] - x) ** 2 + (near[1] - y) ** 2

        place, part, _ = min(self.of_source(source), key=distance)
        along, down = _within_box(part, x, y)
        return (
            (place.left + along * place.width) / self.width,
            (place.top + down * place.height) / self.height,
        )


MIN_SIDE: Final = 56
"""Sides of a copy, in pixels: no less than a patch of any family (48), below which processors fail."""

MAX_ASPECT: Final = 20
"""How many times as long as wide a copy may be: processors refuse 200, and some fail long before."""

_ENLARGED_SIDE: Final = 1024
"""Longest side up to which an image is enlarged for the sake of its shorter one."""

_LONG: Final = 3
_READABLE_SCALE: Final = 0.5


def recipe_for(rules: RequestRules, width: int, height: int) -> Recipe:
    """Return the recipe for an original of this size: what the model can use of it, and no more.

    Never enlarged, unless the model must get exactly the size that it sees, or a side is smaller than a
    patch. What is still too narrow is padded.
    """
    scale = max(1.0, min(MIN_SIDE / min(width, height), _ENLARGED_SIDE / max(width, height)))
    width, height = fit(width, height, scale)
    canvas = _canvas(rules, width, height)
    copy_width, copy_height = copy_size(rules, *canvas)
    place = Box(
        0,
        0,
        max(1, round(copy_width * width / canvas[0])),
        max(1, round(copy_height * height / canvas[1])),
    )
    return Recipe(
        width=copy_width,
        height=copy_height,
        placements=(Placement(place),),
        max_bytes=rules.max_image_bytes,
    )


def seen_scale(rules: RequestRules, recipe: Recipe, placement: Placement, original: Size) -> float:
    """Return the scale, at most 1, at which a model sees an original of this size in a place of its copy."""
    seen = rules.pixel_rule.seen(recipe.width, recipe.height)
    place, part, (width, height) = placement.place, placement.part, original
    across = place.width / (part.width * width) * min(1.0, seen.width / recipe.width)
    down = place.height / (part.height * height) * min(1.0, seen.height / recipe.height)
    return min(1.0, across, down)


def is_too_long_to_read(recipe: Recipe, width: int, height: int) -> bool:
    """Tell whether the copy of a long original is so much smaller that its text is lost to the model."""
    is_long = max(width, height) > _LONG * min(width, height)
    place = recipe.placements[0].place
    return is_long and max(place.width / width, place.height / height) < _READABLE_SCALE


def _canvas(rules: RequestRules, width: int, height: int) -> Size:
    """The smallest canvas for the image whose copy has a shape and sides that the model takes."""
    canvas = _padded(width, height, min(MAX_ASPECT, rules.max_aspect or MAX_ASPECT))
    copy = copy_size(rules, *canvas)
    if min(copy) >= MIN_SIDE:
        return canvas
    return _padded(width, height, max(1, max(copy) // MIN_SIDE))


def _padded(width: int, height: int, max_aspect: int) -> Size:
    """The smallest canvas for the image that is at most so many times as long as wide."""
    return max(width, ceil_div(height, max_aspect)), max(height, ceil_div(width, max_aspect))


def copy_size(rules: RequestRules, width: int, height: int) -> Size:
    """Return the size of the copy of an image of this size, in pixels: all that the model can use of it."""
    limits = rules.max_image_side, rules.max_image_pixels
    useful = _useful_size(rules, width, height)
    allowed = within(*useful, *limits)
    if rules.resize_exactly and useful != allowed:
        exact = _useful_size(rules, *within(width, height, *limits))
        return exact if exact == within(*exact, *limits) else allowed
    return allowed


def _useful_size(rules: RequestRules, width: int, height: int) -> Size:
    """The size beyond which the model would only throw pixels away."""
    seen = rules.pixel_rule.seen(width, height)
    if rules.resize_exactly:
        return seen.width, seen.height
    scales = seen.width / width, seen.height / height
    match rules.pixel_rule.FIT:
        case "shape":
            scale = scales[0] if width >= height else scales[1]  # rounding tells least on the longer side
        case "stretch":
            scale = max(scales)
        case "pad":
            scale = min(scales)
    return fit(width, height, min(1.0, scale))


def _within_box(box: Box, x: float, y: float) -> tuple[float, float]:
    """Return the nearest place in the box, in fractions of its sides."""
    x, y = box.clamped(x, y)
    return (x - box.left) / box.width, (y - box.top) / box.height
