"""Rules of models which only their makers serve, as their documentation tells them."""

from bisect import bisect_left
from math import ceil, floor, sqrt

from vision_chat.services.vision.rules.base import PixelRule, Seen, ceil_div


class Claude(PixelRule, frozen=True, tag="claude"):
    """The largest size of this shape within a longest side and a number of 28-pixel patches.

    Source: platform.claude.com, `vision` and `vision-coordinates`.
    """

    max_side: int
    max_tokens: int

    def seen(self, width: int, height: int) -> Seen:
        if self._fits(width, height):
            return Seen(width, height, 1, self._tokens(width, height))
        if height > width:
            turned = self.seen(height, width)
            return Seen(turned.height, turned.width, turned.tiles, turned.tokens)
        aspect = width / height

        def is_too_wide(side: int) -> int:
            return not self._fits(side, max(round(side / aspect), 1))

        seen_width = bisect_left(range(1, width), 1, key=is_too_wide)
        seen_height = max(round(seen_width / aspect), 1)
        return Seen(seen_width, seen_height, 1, self._tokens(seen_width, seen_height))

    def _fits(self, width: int, height: int) -> bool:
        padded = max(ceil_div(width, 28), ceil_div(height, 28)) * 28
        return padded <= self.max_side and self._tokens(width, height) <= self.max_tokens

    @staticmethod
    def _tokens(width: int, height: int) -> int:
        return ceil_div(width, 28) * ceil_div(height, 28)

    def cell(self, width: int, height: int) -> float | None:
        return 28


class OpenAIPatches(PixelRule, frozen=True, tag="openai_patches"):
    """A longest side and a budget of 32-pixel patches, each worth `multiplier` tokens.

    Source: OpenAI's guide "Images and vision".
    """

    max_side: int
    multiplier: float
    max_patches: int | None = None

    def seen(self, width: int, height: int) -> Seen:
        scale = min(1.0, self.max_side / max(width, height))
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
        if self.max_patches and _patches(width, height) > self.max_patches:
            scale = sqrt(32 * 32 * self.max_patches / (width * height))
            columns, rows = width * scale / 32, height * scale / 32
            scale *= min(floor(columns) / columns, floor(rows) / rows)
            width, height = max(1, floor(width * scale)), max(1, floor(height * scale))
        patches = _patches(width, height)
        return Seen(width, height, patches, ceil(patches * self.multiplier))

    def cell(self, width: int, height: int) -> float | None:
        return 32


def _patches(width: int, height: int) -> int:
    return ceil_div(width, 32) * ceil_div(height, 32)


class OpenAITiles(PixelRule, frozen=True, tag="openai_tiles"):
    """Within 2048 pixels, the shorter side within 768, then tiles of 512.

    Source: OpenAI's guide "Images and vision".
    """

    base_tokens: int
    tokens_per_tile: int

    def seen(self, width: int, height: int) -> Seen:
        scale = min(1.0, 2048 / max(width, height))
        scaled_width, scaled_height = width * scale, height * scale
        scale = min(1.0, 768 / min(scaled_width, scaled_height))
        width, height = max(1, floor(scaled_width * scale)), max(1, floor(scaled_height * scale))
        tiles = ceil_div(width, 512) * ceil_div(height, 512)
        return Seen(width, height, tiles, self.base_tokens + self.tokens_per_tile * tiles)

    def cell(self, width: int, height: int) -> float | None:
        return 512


class GeminiTiles(PixelRule, frozen=True, tag="gemini_tiles"):
    """Square tiles of two thirds of the shorter side, 258 tokens each; a small image is one.

    Source: ai.google.dev, "Image understanding", which calls it rough.
    """

    def seen(self, width: int, height: int) -> Seen:
        tiles = 1
        if max(width, height) > 384:
            side = self._side(width, height)
            tiles = ceil_div(width, side) * ceil_div(height, side)
        return Seen(width, height, tiles, 258 * tiles)

    def cell(self, width: int, height: int) -> float | None:
        return self._side(width, height) if max(width, height) > 384 else None

    @staticmethod
    def _side(width: int, height: int) -> int:
        return max(1, floor(min(width, height) / 1.5))
