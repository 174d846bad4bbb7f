"""What the process that reads PDFs runs, called here without the process."""

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from tests.support import sample_documents
from vision_chat.services.documents import _child

RED = (255, 0, 0)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "document.pdf"
    path.write_bytes(sample_documents.pdf(["One", "", "Three\nlines"], colours=["", "1 0 0"]))
    return path


def ask(name: str, path: Path, **arguments: Any) -> Any:
    return _child.answer([name, {"path": str(path), **arguments}])


def test_pages_are_counted_and_text_is_found_on_any_of_the_first(document: Path, tmp_path: Path) -> None:
    assert ask("look", document) == {"pages": 3, "has_text": True}
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(sample_documents.pdf(["", ""], colours=["1 0 0", "0 1 0"]))
    assert ask("look", scan) == {"pages": 2, "has_text": False}


@pytest.mark.parametrize(
    ("limits", "size"),
    [((990_000, 8000), (837, 1184)), ((10_000_000, 1000), (707, 1000)), ((100_000, 8000), (266, 377))],
)
def test_a_page_is_as_large_as_pixels_and_side_allow(
    document: Path, tmp_path: Path, limits: tuple[int, int], size: tuple[int, int]
) -> None:
    options = {"max_pixels": limits[0], "max_side": limits[1], "folder": str(tmp_path)}
    assert ask("draw", document, pages=[2], **options) == []
    with Image.open(tmp_path / "2.drawn") as image:
        assert image.size == size
        assert image.convert("RGB").getextrema() == ((255, 255), (0, 0), (0, 0))


def test_a_strip_of_a_page_is_drawn_within_both_limits(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(sample_documents.pdf(["Long"], (14_400, 3)))
    ask("draw", path, pages=[1], max_pixels=1_000_000, max_side=4000, folder=str(tmp_path))
    with Image.open(tmp_path / "1.drawn") as image:
        assert image.size == (4000, 1)


def test_text_is_read_page_by_page_up_to_a_limit(document: Path) -> None:
    assert ask("read", document, pages=[3, 1], max_characters=1000) == ["Three\r\nlines", "One"]
    assert ask("read", document, pages=[3, 1], max_characters=4) == ["Thre", ""]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "damaged"),
        (b"%PDF-1.7 and no more", "damaged"),
        (b"GIF89a", "damaged"),
        (sample_documents.numbered(3)[:400], "damaged"),
        (sample_documents.locked(sample_documents.numbered(1)), "protected"),
        (sample_documents.with_password("tea"), "password"),
    ],
)
def test_what_cannot_be_opened_is_told_apart(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "document.pdf"
    path.write_bytes(data)

    assert ask("look", path)["problem"] == problem


def test_a_page_that_cannot_be_drawn_is_named_and_the_others_are_drawn(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = sample_documents.with_broken_page(4, 2)
    document.write_bytes(damaged)
    drawn = ask("draw", document, pages=[1, 2, 3], max_pixels=10_000, max_side=200, folder=str(tmp_path))

    assert drawn == [2]
    assert sorted(path.name for path in tmp_path.glob("*.drawn")) == ["1.drawn", "3.drawn"]
    assert ask("read", document, pages=[2], max_characters=100) == [""]


def test_a_password_opens_a_copy_that_needs_none(tmp_path: Path) -> None:
    path, to = tmp_path / "document.pdf", tmp_path / "unlocked.pdf"
    path.write_bytes(sample_documents.with_password("tea"))
    assert ask("unlock", path, password="coffee", to=str(to))["problem"] == "password"
    assert ask("unlock", path, password="tea", to=str(to)) is None

    assert ask("look", to)["pages"] == 1
    assert len(pypdfium2.PdfDocument(to)) == 1


def test_too_little_memory_is_told() -> None:
    def eat(path: str) -> None:
        raise MemoryError

    assert _child.FUNCTIONS.keys() == {"look", "unlock", "draw", "read"}
    _child.FUNCTIONS["eat"] = eat
    try:
        assert ask("eat", Path())["problem"] == "memory"
    finally:
        del _child.FUNCTIONS["eat"]
