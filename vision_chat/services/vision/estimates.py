"""Estimates of what copies take of a request: pixels, bytes, and the tokens that are billed."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from vision_chat.services.vision.recipes import Recipe
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.selection import CopySize, Inclusion, Reason

BYTES_PER_PIXEL: Final = 0.5
"""Estimate for a copy that is not made yet: a photograph full of detail."""

TOKENS_OF_A_PRICE: Final = 1_000_000
"""Prices are in US dollars for so many tokens."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Copies that a request holds, and the tokens that are billed for them.

    `is_sure` is False where nobody has checked how the model counts.
    """

    copies: tuple[CopySize, ...] = ()
    tokens: int = 0
    is_sure: bool = True
    scale: float = 1.0
    """The scale, at most 1, at which the model sees an original in the copy that shows it largest."""

    @property
    def bytes(self) -> int:
        """The bytes of all files."""
        return sum(copy.bytes for copy in self.copies)

    def share_of(self, images: int, scale: float) -> "Estimate":
        """Return what one of several images takes that are shown together; of tokens an equal part."""
        return replace(self, tokens=self.tokens // images, scale=scale)

    def times(self, requests: int) -> "Estimate":
        """Return what as many requests take together."""
        return replace(self, copies=self.copies * requests, tokens=self.tokens * requests)

    def dollars(self, input_price: Decimal) -> Decimal:
        """Return the US dollars for the tokens, at a price for a million of them."""
        return self.tokens * input_price / TOKENS_OF_A_PRICE


@dataclass(frozen=True, slots=True)
class Parts:
    """The number of parts of an image in fine print, and the one that is picked where only one may go.

    `picked` is -1 where the person has to pick it yet, None where all may go. `asked` is the number of those
    that are asked about one after the other.
    """

    count: int
    picked: int | None
    scale: float = 1.0
    """The scale, at most 1, at which the model sees each of them at least."""
    asked: int = 0


@dataclass(frozen=True, slots=True)
class ImagesPreview:
    """The images of a branch as the next request would have them."""

    reasons: Mapping[uuid.UUID, Reason | None]
    """Why an image is not sent; None where it is."""
    estimates: Mapping[uuid.UUID, Estimate]
    """The cost of each, sent or not; of several messages that show it the last counts."""
    total: Estimate
    """The cost of all that are sent together."""
    parts: Mapping[uuid.UUID, "Parts"]
    """The parts of those that are shown in fine print."""
    text_heights: Mapping[uuid.UUID, int]
    """Pixels that small text is high in the originals in which some was found."""
    requests: int = 1
    """The number of requests of the reply: one a part, where parts are asked about one after the other."""
    input_price: Decimal | None = None
    """US dollars for a million tokens; None where nobody has told."""
    on_canvas: int = 0
    """The number of images of the question that go as one."""
    may_have_canvas: bool = False
    """True where the question's images could go as one, if the person wanted that."""
    for_good: Mapping[uuid.UUID, Inclusion] = field(default_factory=dict)
    """The earlier images about which the person has decided for all later questions."""
    is_kept_off_canvas: bool = False
    """True where they cannot go as one although the model takes one image: a part of one is asked about."""


def estimate(copies: Sequence[CopySize], rules: RequestRules) -> Estimate:
    """Estimate what copies of these sizes take."""
    tokens = sum(rules.billed_tokens(copy.width, copy.height) for copy in copies)
    return Estimate(tuple(copies), tokens, rules.is_sure)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """Return what several take together."""
    found = list(estimates)
    copies = tuple(copy for each in found for copy in each.copies)
    return Estimate(
        copies,
        sum(each.tokens for each in found),
        all(each.is_sure for each in found),
        max((each.scale for each in found), default=1.0),
    )


def planned_size(recipe: Recipe) -> CopySize:
    """Return the size of a copy that is not made yet: its pixels are known, its bytes are estimated."""
    pixels = recipe.width * recipe.height
    return CopySize(recipe.width, recipe.height, min(recipe.max_bytes, int(pixels * BYTES_PER_PIXEL)))
