"""What is run in the process that draws pages of TIFFs. It imports nothing of this application."""

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

MAX_PIXELS = 60_000_000
"""Of a page before it is made smaller: A4 at 800 dots an inch."""
MOST_STRETCHED = 4.0
"""Faxes have pixels that are up to twice as high as wide; more is a mistake in the file."""
WHITE_IS_ZERO = 0
PHOTOMETRIC = 262

Image.MAX_IMAGE_PIXELS = None  # pages are checked against the limit above


def answer(question: list[Any]) -> Any:
    """Answer [name of a function, arguments]; {"problem", "detail"} where it cannot be done."""
    name, arguments = question
    try:
        return FUNCTIONS[name](**arguments)
    except MemoryError:
        return {"problem": "memory", "detail": ""}


def draw(path: str, pages: dict[str, int], max_pixels: int, max_side: int, folder: str) -> list[int]:
    """Draw pages as files `<page>.drawn` in the folder, none larger than the limits allow or than it is.

    `pages` has by their numbers those among all that is in the file. Returns the pages that cannot be drawn.
    A file has its name when it is whole.
    """
    damaged = []
    for page, frame in pages.items():
        unfinished = Path(folder, f"{page}.part")
        try:
            draw_page(path, frame, max_pixels, max_side, unfinished)
        except Exception:  # noqa: BLE001  # decoders raise any exception for damaged data
            damaged.append(int(page))
        else:
            unfinished.rename(unfinished.with_suffix(".drawn"))
    return damaged


def draw_page(path: str, frame: int, max_pixels: int, max_side: int, file: Path) -> None:
    with warnings.catch_warnings(), Image.open(path, formats=["TIFF"]) as image:
        warnings.simplefilter("ignore")  # about unusual tags, which do not matter here
        image.seek(frame)
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        profile = image.info.get("icc_profile")
        # read before it is loaded, which turns it upright
        stretch = height_of_pixels(image)
        is_inverted = image.mode.startswith("I;16") and image.tag_v2.get(PHOTOMETRIC) == WHITE_IS_ZERO  # type: ignore[attr-defined]
        image.load()
        drawn = fitted(workable(image), stretch, max_pixels, max_side)
    if is_inverted:
        drawn = drawn.point(lambda value: value * -1 + 65_535)
    drawn.info.clear()
    drawn.save(file, "TIFF", icc_profile=profile)


def height_of_pixels(image: Image.Image) -> float:
    """Return by how much pixels are higher than wide in the picture when it is upright."""
    across, down = (float(image.tag_v2.get(tag, 0) or 0) for tag in (282, 283))  # type: ignore[attr-defined]
    if not across or not down:
        return 1.0
    is_on_its_side = int(image.tag_v2.get(ExifTags.Base.Orientation, 1)) > 4  # type: ignore[attr-defined]
    ratio = down / across if is_on_its_side else across / down
    return ratio if 1 / MOST_STRETCHED <= ratio <= MOST_STRETCHED else 1.0


def workable(image: Image.Image) -> Image.Image:
    """Convert what cannot be made smaller as it is."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.convert("I") if image.mode.startswith("I;16") else image


def fitted(image: Image.Image, stretch: float, max_pixels: int, max_side: int) -> Image.Image:
    """Return the image with square pixels, within the limits, and not larger than it is."""
    width, height = image.width, image.height
    if abs(stretch - 1) > 0.02:
        # the coarser direction is filled up, so that nothing of the finer one is lost
        width, height = (width, round(height * stretch)) if stretch > 1 else (round(width / stretch), height)
    scale = min(1.0, math.sqrt(max_pixels / (width * height)), max_side / max(width, height))
    size = max(1, int(width * scale)), max(1, int(height * scale))
    if size == image.size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


FUNCTIONS: dict[str, Callable[..., Any]] = {"draw": draw}
