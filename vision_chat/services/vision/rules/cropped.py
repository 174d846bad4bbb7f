"""Rules that cut the image into slices or overlapping crops."""

from math import ceil, floor, inf, log, sqrt
from typing import ClassVar

from vision_chat.services.vision.rules.base import PixelRule, Seen, ceil_div, grids


class Slices(PixelRule, frozen=True, tag="slices"):
    """Slices of about `scale` squared pixels in the nearest aspect ratio, and an overview (MiniCPM-V).

    Source: transformers `minicpmv4_6/image_processing_pil_minicpmv4_6.py`.
    """

    FIT: ClassVar = "stretch"
    scale: int
    patch: int
    max_slices: int
    merge: int
    tokens_per_slice: int | None = None

    def seen(self, width: int, height: int) -> Seen:
        grid = self._grid(width, height)
        overview = self._refined(width, height, enlarge=grid is None)
        sizes, seen = [overview], overview
        if grid:
            columns, rows = grid
            one = self._refined(
                self._divisible(width, columns) / columns, self._divisible(height, rows) / rows, enlarge=True
            )
            sizes += [one] * (columns * rows)
            seen = one[0] * columns, one[1] * rows
        tokens = sum(self.tokens_per_slice or self._tokens(*size) for size in sizes)
        return Seen(*seen, len(sizes), tokens)

    def _grid(self, width: int, height: int) -> tuple[int, int] | None:
        """The (columns, rows) of nearest aspect ratio with about the wanted number of slices."""
        wanted = min(ceil(width * height / self.scale**2), self.max_slices)
        if wanted == 1:
            return None
        counts = [count for count in (wanted - 1, wanted, wanted + 1) if 1 < count <= self.max_slices]
        choices = [
            (count // rows, rows) for count in counts for rows in range(1, count + 1) if count % rows == 0
        ]

        def distance(grid: tuple[int, int]) -> tuple[float, int]:
            columns, rows = grid
            return abs(log(width / height) - log(columns / rows)), -rows

        return min(choices, key=distance)

    def _refined(self, width: float, height: float, *, enlarge: bool) -> tuple[int, int]:
        if height * width > self.scale**2 or enlarge:
            aspect = width / height
            height = int(self.scale / sqrt(aspect))
            width = int(height * aspect)
        multiple = self.patch * self.merge
        return self._divisible(width, multiple), self._divisible(height, multiple)

    @staticmethod
    def _divisible(side: float, divisor: int) -> int:
        return max(round(side / divisor) * divisor, divisor)

    def _tokens(self, width: int, height: int) -> int:
        return width * height // self.patch**2 // self.merge**2


class OverlappingCrops(PixelRule, frozen=True, tag="overlapping_crops"):
    """Crops that overlap by a margin of patches, and an overview (Molmo).

    `pooled_per_crop` counts the tokens as the first Molmo did: each crop pooled alone.
    Source: transformers `molmo2/image_processing_molmo2.py`; vLLM `molmo.py`.
    """

    FIT: ClassVar = "stretch"
    crop: int
    patch: int
    margin: int
    max_crops: int
    pooled_per_crop: bool

    @property
    def shared(self) -> float:
        return 2 * self.margin * self.patch

    @property
    def is_padded(self) -> bool:
        return self.pooled_per_crop  # the first Molmo, whose successor stretches

    def cell(self, width: int, height: int) -> float:
        return self.crop - self.shared

    def seen(self, width: int, height: int) -> Seen:
        margin = 2 * self.margin * self.patch
        window = self.crop - margin
        columns, rows = self._grid(width - margin, height - margin, window)
        seen_width, seen_height = columns * window + margin, rows * window + margin
        pooled = ceil_div(self.crop // self.patch, 2)
        overview = pooled * (pooled + 1) + 2
        across, down = self._pooled(seen_width, columns), self._pooled(seen_height, rows)
        return Seen(seen_width, seen_height, columns * rows + 1, overview + (across + 1) * down + 2)

    def _grid(self, width: int, height: int, window: int) -> tuple[int, int]:
        """The grid that needs the least enlarging, or else the least shrinking; of equal ones the smallest.

        An image below the margin has sides that are not positive; the processor then takes one crop.
        """

        def scale(grid: tuple[int, int]) -> float:
            across = grid[0] * window / width if width else inf
            down = grid[1] * window / height if height else inf
            return min(across, down)

        choices = sorted(grids(self.max_crops), key=lambda grid: (grid[0] * grid[1], grid[1]))
        scales = {grid: scale(grid) for grid in choices}
        large_enough = [grid for grid in choices if scales[grid] >= 1]
        if large_enough:
            return min(large_enough, key=scales.__getitem__)
        return max(choices, key=scales.__getitem__)

    def _pooled(self, side: int, crops: int) -> int:
        """Features along a side, pooled by two."""
        patches = self.crop // self.patch
        if not self.pooled_per_crop:
            return ceil_div(side // self.patch, 2)
        if crops == 1:
            return ceil_div(patches, 2)
        inner = patches - 2 * self.margin
        return 2 * ceil_div(inner + self.margin, 2) + (crops - 2) * ceil_div(inner, 2)


class BalancedCrops(PixelRule, frozen=True, tag="balanced_crops"):
    """As many windows as allowed in about the image's shape, and an overview (Moondream).

    Source: moondream `torch/image_crops.py`.
    """

    FIT: ClassVar = "stretch"
    window: int
    margin: int
    max_crops: int
    tokens: int

    @property
    def shared(self) -> float:
        return self.margin

    def cell(self, width: int, height: int) -> float:
        return self.window

    def seen(self, width: int, height: int) -> Seen:
        columns, rows = self._grid(width - self.margin, height - self.margin)
        seen_width, seen_height = columns * self.window + self.margin, rows * self.window + self.margin
        return Seen(seen_width, seen_height, columns * rows + 1, self.tokens)

    def _grid(self, width: int, height: int) -> tuple[int, int]:
        most = self.max_crops
        if width <= self.window or height <= self.window:
            return 1, 1
        columns, rows = ceil_div(width, self.window), ceil_div(height, self.window)
        if columns * rows > most:
            shrink = sqrt(most / (columns * rows))
            return max(1, floor(columns * shrink)), max(1, floor(rows * shrink))
        columns = max(floor(sqrt(most * width / height)), columns)
        rows = max(floor(sqrt(most * height / width)), rows)
        if columns * rows > most:
            if columns > rows:
                columns = most // rows
            else:
                rows = most // columns
        return max(1, columns), max(1, rows)
