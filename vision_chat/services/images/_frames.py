"""The frame of an animation, or the page of a document, that is taken."""

from collections.abc import Iterator
from typing import Final

from PIL import Image

from vision_chat.services.images.limits import Limits, check_pixels
from vision_chat.services.images.notes import ImageNote

_ANIMATED: Final = frozenset({"GIF", "WEBP", "PNG", "AVIF"})
_FRAMES_TRIED: Final = 30
_PIXELS_TRIED: Final = 60_000_000
_NEW_SUBFILE_TYPE: Final = 254
_REDUCED: Final = 1
_PAGES_TRIED: Final = 8


def load_frame(image: Image.Image, source_format: str, limits: Limits) -> list[ImageNote]:
    """Load the frame that is taken. Returns a note where there are others. Raises ImageErrors."""
    if source_format == "TIFF":
        return _load_page(image, limits)
    image.load()
    if source_format not in _ANIMATED or not getattr(image, "is_animated", False):
        return []
    tries = min(_FRAMES_TRIED, _PIXELS_TRIED // (image.width * image.height))
    for number in range(1, tries + 1):
        if not _is_empty(image):
            return [ImageNote.FIRST_FRAME]
        try:
            image.seek(number)
            image.load()
        except EOFError:
            break
    if _is_empty(image):
        image.seek(0)
        image.load()
    return [ImageNote.FIRST_FRAME]


def _is_empty(image: Image.Image) -> bool:
    """Tell whether nothing is seen: all is transparent, or of one colour, as before an animation begins."""
    shown = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    bands = [(int(low), int(high)) for low, high in shown.getextrema()]  # type: ignore[misc]
    return bands[3:] in ([(0, 0)],) or all(low == high for low, high in bands)


def _load_page(image: Image.Image, limits: Limits) -> list[ImageNote]:
    """Load the first page that is no thumbnail of another."""
    pages = list(_whole_pages(image))
    image.seek(pages[0] if pages else 0)
    check_pixels(image.width, image.height, limits, "TIFF")
    image.load()
    return [ImageNote.FIRST_PAGE] if len(pages) > 1 else []


def _whole_pages(image: Image.Image) -> Iterator[int]:
    """Yield the numbers of the first two pages that are no smaller versions of others."""
    found = 0
    for number in range(_PAGES_TRIED):
        try:
            image.seek(number)
        except Exception:  # noqa: BLE001  # after the last page, or at one that Pillow does not know
            return
        if not int(getattr(image, "tag_v2", {}).get(_NEW_SUBFILE_TYPE, 0)) & _REDUCED:
            found += 1
            yield number
        if found > 1:
            return
