"""Rules that resize the whole image."""

from math import ceil, floor, sqrt
from typing import ClassVar

from msgspec import Struct

from vision_chat.services.vision.rules.base import PixelRule, Seen, ceil_div, within


class Constant(PixelRule, frozen=True, tag="constant"):
    """Any image takes the same number of tokens; how it is resized is not published."""

    tokens: int

    def seen(self, width: int, height: int) -> Seen:
        return Seen(width, height, 1, self.tokens)


class LongestSide(PixelRule, frozen=True, tag="longest_side"):
    """Resized to a longest side, an area of `pixels_per_token` pixels a token: a guess for unknown models."""

    side: int
    pixels_per_token: int

    def seen(self, width: int, height: int) -> Seen:
        width, height = within(width, height, self.side, self.side**2)
        return Seen(width, height, 1, ceil_div(width * height, self.pixels_per_token))


class SmartResize(PixelRule, frozen=True, tag="smart_resize"):
    """Sides rounded to multiples of `factor`, the area kept within limits (Qwen-VL, GLM-V).

    Source: transformers `qwen2_vl/image_processing_pil_qwen2_vl.py`. Beyond an aspect ratio of 200, which
    that processor refuses, the area can pass the limits.
    """

    FIT: ClassVar = "stretch"
    factor: int
    min_pixels: int
    max_pixels: int

    def seen(self, width: int, height: int) -> Seen:
        factor = self.factor
        seen_width = max(factor, round(width / factor) * factor)
        seen_height = max(factor, round(height / factor) * factor)
        if seen_width * seen_height > self.max_pixels:
            shrink = sqrt(width * height / self.max_pixels)
            seen_width = max(factor, floor(width / shrink / factor) * factor)
            seen_height = max(factor, floor(height / shrink / factor) * factor)
        elif seen_width * seen_height < self.min_pixels:
            grow = sqrt(self.min_pixels / (width * height))
            seen_width = ceil(width * grow / factor) * factor
            seen_height = ceil(height * grow / factor) * factor
        return Seen(seen_width, seen_height, 1, seen_width * seen_height // factor**2)

    def cell(self, width: int, height: int) -> float | None:
        return self.factor


class TokenBudget(PixelRule, frozen=True, tag="token_budget"):
    """The largest size of about this shape within a number of tokens, also for small images (Gemma 4).

    Source: transformers `gemma4/image_processing_pil_gemma4.py`.
    """

    FIT: ClassVar = "stretch"
    multiple: int
    max_tokens: int

    def seen(self, width: int, height: int) -> Seen:
        multiple, longest = self.multiple, self.max_tokens * self.multiple
        scale = sqrt(self.max_tokens * multiple * multiple / (width * height))
        seen_width = floor(scale * width / multiple) * multiple
        seen_height = floor(scale * height / multiple) * multiple
        if seen_height == 0:
            seen_width, seen_height = min(width // height * multiple, longest), multiple
        elif seen_width == 0:
            seen_width, seen_height = multiple, min(height // width * multiple, longest)
        return Seen(seen_width, seen_height, 1, seen_width * seen_height // multiple**2)

    def cell(self, width: int, height: int) -> float | None:
        return self.multiple


class PatchRows(PixelRule, frozen=True, tag="patch_rows"):
    """A longest side, both sides rounded up to patches, one token more a row (Pixtral, Mistral Small 3).

    Source: transformers `pixtral/image_processing_pil_pixtral.py`.
    """

    FIT: ClassVar = "stretch"
    longest_side: int
    patch: int

    def seen(self, width: int, height: int) -> Seen:
        shrink = max(width / self.longest_side, height / self.longest_side)
        if shrink > 1:
            width, height = max(1, floor(width / shrink)), max(1, floor(height / shrink))
        columns, rows = ceil_div(width, self.patch), ceil_div(height, self.patch)
        return Seen(columns * self.patch, rows * self.patch, 1, rows * (columns + 1))

    def cell(self, width: int, height: int) -> float | None:
        return self.patch


class PanAndScan(Struct, frozen=True, forbid_unknown_fields=True):
    """Crops of long images beside the whole one, where a server switches it on."""

    min_ratio: float
    min_crop: int
    max_crops: int

    def crops(self, width: int, height: int) -> int:
        longest, shortest = max(width, height), min(width, height)
        if longest / shortest < self.min_ratio:
            return 0
        count = min(longest // self.min_crop, floor(longest / shortest + 0.5))
        count = min(self.max_crops, max(2, count))
        return count if min(ceil_div(longest, count), shortest) >= self.min_crop else 0


class Square(PixelRule, frozen=True, tag="square"):
    """Stretched to a square (Gemma 3). Source: transformers `gemma3/image_processing_pil_gemma3.py`."""

    FIT: ClassVar = "stretch"
    side: int
    tokens_per_tile: int
    pan_and_scan: PanAndScan | None = None

    def seen(self, width: int, height: int) -> Seen:
        tiles = 1 + (self.pan_and_scan.crops(width, height) if self.pan_and_scan else 0)
        return Seen(self.side, self.side, tiles, self.tokens_per_tile * tiles)

    def cell(self, width: int, height: int) -> float | None:
        return self.side / sqrt(self.tokens_per_tile)
