"""The script of the process that reads PDFs. It imports nothing of this application.

Each function is one that can be asked for by its name; pages are counted from 1.
"""

import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

SEARCHED_PAGES = 20
"""Pages that are searched for a text layer."""
BITMAP = struct.Struct("<2sIHHI IiiHHIIiiII")
HEAD_BYTES = 54
PROBLEMS = {pdfium.FPDF_ERR_PASSWORD: "password", pdfium.FPDF_ERR_SECURITY: "protected"}


def answer(question: list[Any]) -> Any:
    """Answer [name of a function, arguments]; {"problem", "detail"} where it cannot be done."""
    name, arguments = question
    try:
        return FUNCTIONS[name](**arguments)
    except pypdfium2.PdfiumError as error:
        return {"problem": PROBLEMS.get(error.err_code, "damaged"), "detail": str(error)}
    except MemoryError:
        return {"problem": "memory", "detail": ""}


def look(path: str) -> dict[str, Any]:
    """Return the number of pages, and whether the first ones have text."""
    document = pypdfium2.PdfDocument(path)
    pages = range(min(len(document), SEARCHED_PAGES))
    return {"pages": len(document), "has_text": any(has_text(document, index) for index in pages)}


def has_text(document: pypdfium2.PdfDocument, index: int) -> bool:
    try:
        return bool(document[index].get_textpage().get_text_range(0, 200).strip())
    except pypdfium2.PdfiumError:  # this page is damaged; others may not be
        return False


def unlock(path: str, password: str, to: str) -> None:
    """Write a copy that needs no password."""
    pypdfium2.PdfDocument(path, password).save(to, flags=pdfium.FPDF_REMOVE_SECURITY)


def draw(path: str, pages: list[int], max_pixels: int, max_side: int, folder: str) -> list[int]:
    """Draw pages as files `<page>.drawn` in the folder, each as large as the limits allow.

    Returns those that cannot be drawn. A file has its name when it is whole.
    """
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    damaged = []
    for page in pages:
        unfinished = Path(folder, f"{page}.part")
        try:
            draw_page(document[page - 1], max_pixels, max_side, unfinished)
        except pypdfium2.PdfiumError:
            damaged.append(page)
        else:
            unfinished.rename(unfinished.with_suffix(".drawn"))
    return damaged


def draw_page(page: pypdfium2.PdfPage, max_pixels: int, max_side: int, file: Path) -> None:
    width, height = (max(1.0, side) for side in page.get_size())
    scale = min(math.sqrt(max_pixels / (width * height)), max_side / max(width, height))
    bitmap = page.render(scale=scale, prefer_bgrx=True)
    write_bitmap(bitmap, file)
    page.close()  # with what it has decoded, before the next one


def write_bitmap(bitmap: pypdfium2.PdfBitmap, file: Path) -> None:
    """Write a file of the format BMP, from the top down: it takes pixels as PDFium has them."""
    data = memoryview(bitmap.buffer)
    sizes = 40, bitmap.width, -bitmap.height, 1, 8 * bitmap.n_channels, 0, len(data), 0, 0, 0, 0
    with file.open("wb") as opened:
        opened.write(BITMAP.pack(b"BM", HEAD_BYTES + len(data), 0, 0, HEAD_BYTES, *sizes))
        opened.write(data)


def read(path: str, pages: list[int], max_characters: int) -> list[str]:
    """Return the text of each of the pages, up to so many characters of all together."""
    document = pypdfium2.PdfDocument(path)
    texts, room = [], max_characters
    for page in pages:
        text = read_page(document, page - 1)[:room] if room else ""
        room -= len(text)
        texts.append(text)
    return texts


def read_page(document: pypdfium2.PdfDocument, index: int) -> str:
    try:
        return str(document[index].get_textpage().get_text_bounded())
    except pypdfium2.PdfiumError:
        return ""


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (look, unlock, draw, read)
}
