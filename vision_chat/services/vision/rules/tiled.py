"""Rules that cut the image into equal tiles."""

from collections.abc import Iterable
from math import ceil, floor, sqrt
from typing import ClassVar

from vision_chat.services.vision.rules.base import PixelRule, Seen, Size, ceil_div, grids, nearest_grid


class CanvasFit(PixelRule, frozen=True, tag="canvas_fit"):
    """Padded on the canvas of tiles that needs the least enlarging or shrinking (Llama 3.2 and 4).

    Without `tokens_per_tile` the image reaches the model beside its context, which holds one token for it.
    Source: transformers `mllama/image_processing_pil_mllama.py`, `llama4/image_processing_llama4.py`.
    """

    tile: int
    max_tiles: int
    tokens_per_tile: int = 0

    def seen(self, width: int, height: int) -> Seen:
        tile = self.tile
        canvas_width, canvas_height = self._canvas(width, height)
        most_wide = min(max(width, tile), canvas_width)
        most_high = min(max(height, tile), canvas_height)
        if most_wide / width < most_high / height:
            seen_width = most_wide
            seen_height = min(floor(height * (most_wide / width)) or 1, most_high)
        else:
            seen_width = min(floor(width * (most_high / height)) or 1, most_wide)
            seen_height = most_high
        tiles = (canvas_width // tile) * (canvas_height // tile)
        return Seen(seen_width, seen_height, tiles, self._tokens(tiles))

    def _canvas(self, width: int, height: int) -> Size:
        canvases = [(columns * self.tile, rows * self.tile) for columns, rows in grids(self.max_tiles)]
        scales = [min(canvas[0] / width, canvas[1] / height) for canvas in canvases]
        scale = min((scale for scale in scales if scale >= 1), default=max(scales))
        fitting = [canvas for canvas, its in zip(canvases, scales, strict=True) if its == scale]
        return min(fitting, key=lambda canvas: canvas[0] * canvas[1])

    def _tokens(self, tiles: int) -> int:
        if not self.tokens_per_tile:
            return 1
        if tiles == 1:
            return self.tokens_per_tile + 3  # start, end and image
        return self.tokens_per_tile * (tiles + 1) + tiles + 3  # an overview, and a separator each

    def cell(self, width: int, height: int) -> float | None:
        return self.tile


class AspectTiles(PixelRule, frozen=True, tag="aspect_tiles"):
    """Stretched to the grid of nearest aspect ratio, and an overview (InternVL).

    Source: transformers `got_ocr2/image_processing_pil_got_ocr2.py`.
    """

    FIT: ClassVar = "stretch"
    tile: int
    max_tiles: int
    tokens_per_tile: int
    extra_tokens: int

    def seen(self, width: int, height: int) -> Seen:
        columns, rows = nearest_grid(width, height, self.tile, self.max_tiles)
        tiles = columns * rows + (columns * rows > 1)
        tokens = self.tokens_per_tile * tiles + self.extra_tokens
        return Seen(columns * self.tile, rows * self.tile, tiles, tokens)

    def cell(self, width: int, height: int) -> float | None:
        return self.tile


class Idefics(PixelRule, frozen=True, tag="idefics"):
    """Scaled to a longest side, also up, then stretched to whole tiles (SmolVLM).

    Source: transformers `smolvlm/image_processing_smolvlm.py`.
    """

    FIT: ClassVar = "stretch"
    longest_side: int
    tile: int
    tokens_per_tile: int

    def seen(self, width: int, height: int) -> Seen:
        if height > width:
            turned = self.seen(height, width)
            return Seen(turned.height, turned.width, turned.tiles, turned.tokens)
        short_side = self._short_side(width, height)
        seen_width = ceil_div(self.longest_side, self.tile) * self.tile
        aspect = self.longest_side / short_side
        seen_height = max(1, ceil_div(int(seen_width / aspect), self.tile)) * self.tile
        tiles = (seen_width // self.tile) * (seen_height // self.tile)
        tiles += tiles > 1
        return Seen(seen_width, seen_height, tiles, self.tokens_per_tile * tiles)

    def _short_side(self, width: int, height: int) -> int:
        """The shorter side at full length, made even as the processor does."""
        side = int(self.longest_side / (width / height))
        return max(1, side + side % 2)

    def cell(self, width: int, height: int) -> float | None:
        return self.tile


class Phi3(PixelRule, frozen=True, tag="phi3"):
    """As many tiles along as `max_tiles` allows, padded across (Phi-3.5). Source: vLLM `phi3v.py`."""

    FIT: ClassVar = "pad"
    tile: int
    max_tiles: int

    def seen(self, width: int, height: int) -> Seen:
        aspect = max(width, height) / min(width, height)
        along = max(
            tiles for tiles in range(1, self.max_tiles + 1) if tiles * ceil(tiles / aspect) <= self.max_tiles
        )
        across = max(1, ceil_div(int(along * self.tile / aspect), self.tile))
        columns, rows = (along, across) if width >= height else (across, along)
        tiles = columns * rows + 1
        tokens = tiles * 144 + 1 + (rows + 1) * 12
        return Seen(columns * self.tile, rows * self.tile, tiles, tokens)

    def cell(self, width: int, height: int) -> float | None:
        return self.tile


class Phi4(PixelRule, frozen=True, tag="phi4"):
    """Padded on enough tiles for its size, or on the grid of nearest aspect ratio (Phi-4-multimodal).

    Source: transformers `phi4_multimodal/image_processing_phi4_multimodal.py`.
    """

    tile: int
    max_tiles: int
    overview_tokens: int

    def seen(self, width: int, height: int) -> Seen:
        columns, rows = ceil_div(width, self.tile), ceil_div(height, self.tile)
        if columns * rows > self.max_tiles:
            columns, rows = nearest_grid(width, height, self.tile, self.max_tiles)
        canvas_width, canvas_height = columns * self.tile, rows * self.tile
        if canvas_width / width < canvas_height / height:
            seen_width, seen_height = canvas_width, max(1, int(height * (canvas_width / width)))
        else:
            seen_width, seen_height = max(1, int(width * (canvas_height / height))), canvas_height
        across = self._pooled(canvas_width, canvas_width - seen_width)
        down = self._pooled(canvas_height, canvas_height - seen_height)
        tokens = self.overview_tokens + across * down + down
        return Seen(seen_width, seen_height, columns * rows + 1, tokens)

    @staticmethod
    def _pooled(side: int, padding: int) -> int:
        """Features along a side: patches of 14 pixels without those that are padding, pooled by two."""
        return ceil_div(side // 14 - padding // 14, 2) if padding >= 14 else side // 28

    def cell(self, width: int, height: int) -> float | None:
        return self.tile


def best_canvas(width: int, height: int, canvases: Iterable[Size]) -> Size:
    """Return the canvas that keeps most pixels of the image; of equal ones that with least padding."""

    def kept_and_padding(canvas: Size) -> tuple[int, int]:
        scale = min(canvas[0] / width, canvas[1] / height)
        kept = min(int(width * scale) * int(height * scale), width * height)
        return kept, kept - canvas[0] * canvas[1]

    return max(canvases, key=kept_and_padding)


class Pinpoints(PixelRule, frozen=True, tag="pinpoints"):
    """Padded on the best of some canvases, features of the padding dropped, and an overview (LLaVA-1.6).

    Each tile has `grid` by `grid` features; beyond `max_tiles` tiles' worth they are pooled (OneVision).
    Source: transformers `llava_next/`, `llava_onevision/`.
    """

    FIT: ClassVar = "pad"
    tile: int
    grid: int
    canvases: tuple[tuple[int, int], ...]
    """In tiles: (columns, rows)."""
    max_tiles: int | None = None

    def seen(self, width: int, height: int) -> Seen:
        sizes = [(columns * self.tile, rows * self.tile) for columns, rows in self.canvases]
        canvas_width, canvas_height = best_canvas(width, height, sizes)
        columns, rows = canvas_width // self.tile, canvas_height // self.tile
        features = self._features(width, height, self.grid * columns, self.grid * rows)
        return Seen(canvas_width, canvas_height, columns * rows + 1, features + self.grid**2)

    def _features(self, width: int, height: int, across: int, down: int) -> int:
        """Features of the tiles, with one token at the end of each row."""
        if width / height > across / down:
            content = int(round(height * (across / width), 7))
            down -= (down - content) // 2 * 2
        else:
            content = int(round(width * (down / height), 7))
            across -= (across - content) // 2 * 2
        if self.max_tiles:
            shrink = sqrt(across * down / (self.max_tiles * self.grid**2))
            if shrink > 1.1:
                across, down = int(across // shrink), int(down // shrink)
        return across * down + down

    def cell(self, width: int, height: int) -> float | None:
        return self.tile


class DeepSeek(PixelRule, frozen=True, tag="deepseek"):
    """Padded on the best canvas, and an overview; one token more a row (DeepSeek-VL2).

    Source: DeepSeek-VL2 `processing_deepseek_vl_v2.py`. Applies to one or two images in a request.
    """

    FIT: ClassVar = "pad"
    tile: int
    max_tiles: int
    grid: int

    def seen(self, width: int, height: int) -> Seen:
        sizes = [(columns * self.tile, rows * self.tile) for columns, rows in grids(self.max_tiles)]
        canvas_width, canvas_height = best_canvas(width, height, sizes)
        columns, rows, grid = canvas_width // self.tile, canvas_height // self.tile, self.grid
        tokens = grid * (grid + 1) + 1 + rows * grid * (columns * grid + 1)
        return Seen(canvas_width, canvas_height, columns * rows + 1, tokens)

    def cell(self, width: int, height: int) -> float | None:
        return self.tile
