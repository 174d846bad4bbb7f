"""Reads a PDF in a process of its own, which knows no other and ends with the call. All of it blocks."""

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

HANDLER: Final = Path(__file__).with_name("_child.py")
LIMITS: Final = ChildLimits(memory_bytes=256_000_000, cpu_seconds=60)
"""A page that is a scan of 35 megapixels takes 90 MB."""
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


def look(path: Path) -> Facts:
    """Return what is known of a PDF. Raises DocumentErrors."""
    try:
        return Facts(**_asked("look", path))
    except WrongPasswordError:
        return Facts(pages=0, has_text=False)


def unlock(path: Path, password: str, to: Path) -> None:
    """Write a copy that needs no password. Raises DocumentErrors."""
    _asked("unlock", path, password=password, to=str(to))


def draw(path: Path, page: int, folder: Path) -> Path:
    """Draw a page for models, and return its file. Raises PageTooComplexError."""
    options = {"pages": [page], "max_pixels": PAGE_PIXELS, "max_side": PAGE_SIDE, "folder": str(folder)}
    try:
        damaged = _asked("draw", path, **options)
    except DocumentError as error:
        raise PageTooComplexError(error.detail, page=page) from error
    if damaged:
        raise PageTooComplexError(page=page)
    return folder / f"{page}.bmp"


def draw_previews(path: Path, pages: list[int], folder: Path) -> None:
    """Draw small pages as files of this folder, and leave out those that cannot be drawn.

    Where one takes too long, those after it are left out too. Raises DocumentErrors.
    """
    _asked("draw", path, pages=pages, max_pixels=PREVIEW_PIXELS, max_side=PAGE_SIDE, folder=str(folder))


def read(path: Path, pages: list[int], max_characters: int) -> list[str]:
    """Return the text of each page, up to so many characters of all together. Raises DocumentErrors."""
    texts: list[str] = _asked("read", path, pages=pages, max_characters=max_characters)
    return texts


def _asked(name: str, path: Path, **arguments: Any) -> Any:
    try:
        with ChildProcess(HANDLER, LIMITS) as child:
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
