"""Reads a document in a process of its own, which knows no other and ends with the call. All of it blocks.

What is no TIFF is read as a PDF.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vision_chat.errors.documents import (
    DocumentError,
    DocumentNotReadableError,
    DocumentProtectedError,
    DocumentTooComplexError,
    PageTooComplexError,
    WrongPasswordError,
)
from vision_chat.services.child_processes.process import ChildFailedError, ChildLimits, ChildProcess
from vision_chat.services.images import tiff_pages

HANDLER: Final = Path(__file__).with_name("_child.py")
LIMITS: Final = ChildLimits(memory_bytes=256_000_000, cpu_seconds=60)
"""A page that is a scan of 35 megapixels takes 90 MB."""
TIFF_LIMITS: Final = ChildLimits(memory_bytes=400_000_000, cpu_seconds=60)
"""A page of 35 megapixels in colour takes 140 MB, and as much again where the file has it in one piece."""
SECONDS: Final = 20.0

PAGE_PIXELS: Final = 3_980_000
"""As many as are kept without loss, and about as many as any model gets: so regions have all their detail."""
PAGE_SIDE: Final = 8_000
PREVIEW_PIXELS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about a document. `pages` is 0 while it needs a password."""

    pages: int
    has_text: bool
    format: str = "PDF"


def look(path: Path) -> Facts:
    """Return what is known of a document. Raises DocumentErrors."""
    if tiff_pages.is_tiff(path):
        return _look_at_tiff(path)
    try:
        return Facts(**_asked("look", path))
    except WrongPasswordError:
        return Facts(pages=0, has_text=False)


def _look_at_tiff(path: Path) -> Facts:
    if not (frames := tiff_pages.frames_of_pages(path)):
        raise DocumentNotReadableError
    return Facts(pages=len(frames), has_text=False, format="TIFF")


def unlock(path: Path, password: str, to: Path) -> None:
    """Write a copy of a PDF that needs no password. Raises DocumentErrors."""
    _asked("unlock", path, password=password, to=str(to))


def draw(path: Path, page: int, folder: Path) -> Path:
    """Draw a page for models, and return its file. Raises PageTooComplexError."""
    try:
        damaged = _drawn(path, [page], PAGE_PIXELS, folder)
    except DocumentError as error:
        raise PageTooComplexError(error.detail, page=page) from error
    if damaged:
        raise PageTooComplexError(page=page)
    return folder / f"{page}.drawn"


def draw_previews(path: Path, pages: list[int], folder: Path) -> None:
    """Draw small pages as files of this folder, and leave out those that cannot be drawn.

    Where one takes too long, those after it are left out too. Raises DocumentErrors.
    """
    _drawn(path, pages, PREVIEW_PIXELS, folder)


def _drawn(path: Path, pages: list[int], max_pixels: int, folder: Path) -> list[int]:
    """Draw pages as files of this folder. Returns those that cannot be drawn."""
    options: dict[str, Any] = {"max_pixels": max_pixels, "max_side": PAGE_SIDE, "folder": str(folder)}
    damaged: list[int]
    if tiff_pages.is_tiff(path):
        frames = tiff_pages.frames_of_pages(path)
        options["pages"] = {page: frames[page - 1] for page in pages}
        damaged = _asked("draw", path, tiff_pages.HANDLER, TIFF_LIMITS, **options)
    else:
        damaged = _asked("draw", path, pages=pages, **options)
    return damaged


def read(path: Path, pages: list[int], max_characters: int) -> list[str]:
    """Return the text of each page, up to so many characters of all together. Raises DocumentErrors."""
    if tiff_pages.is_tiff(path):
        return [""] * len(pages)
    texts: list[str] = _asked("read", path, pages=pages, max_characters=max_characters)
    return texts


def _asked(
    name: str, path: Path, handler: Path = HANDLER, limits: ChildLimits = LIMITS, **arguments: Any
) -> Any:
    try:
        with ChildProcess(handler, limits) as child:
            answer = child.ask([name, {"path": str(path), **arguments}], SECONDS)
    except ChildFailedError as error:
        raise DocumentTooComplexError(repr(error)) from error
    if isinstance(answer, dict) and "problem" in answer:
        raise _PROBLEMS[answer["problem"]](answer["detail"])
    return answer


_PROBLEMS: Final[dict[str, type[DocumentError]]] = {
    "password": WrongPasswordError,
    "protected": DocumentProtectedError,
    "damaged": DocumentNotReadableError,
    "memory": DocumentTooComplexError,
}
