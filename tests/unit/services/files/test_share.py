"""Whether the folder that machines share is mounted."""

from pathlib import Path

from vision_chat.services.files.share import is_marked, mark


def test_the_folder_of_a_site_without_pictures_is_marked(tmp_path: Path) -> None:
    assert not is_marked(tmp_path)
    assert mark(tmp_path, known=())
    assert is_marked(tmp_path)
    assert mark(tmp_path, known=())


def test_one_with_a_picture_of_the_site_is_marked_though_others_are_lost(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "b.webp").touch()

    assert mark(tmp_path, known=("images/a.webp", "images/b.webp"))


def test_one_with_none_of_them_may_be_another_and_is_not_marked(tmp_path: Path) -> None:
    assert not mark(tmp_path, known=("images/a.webp",))
    assert not is_marked(tmp_path)
