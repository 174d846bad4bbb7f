import pytest

from vision_chat.errors.images import ImageEmptyError, ImageTooManyBytesError
from vision_chat.services.images.limits import Limits, check_bytes, image_tiles, image_tokens


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        ((300, 300), 1),
        ((1120, 560), 2),
        ((560, 1120), 2),
        ((1120, 1120), 4),
        ((4000, 3000), 4),
        ((2240, 560), 2),
    ],
)
def test_tokens_follow_the_formula_of_the_bill(size: tuple[int, int], tiles: int) -> None:
    assert image_tiles(*size) == tiles
    assert image_tokens(*size) == tiles * 1601


def test_a_view_can_ask_about_a_size_before_it_reads_a_body() -> None:
    check_bytes(1000, Limits(max_bytes=1000))
    with pytest.raises(ImageTooManyBytesError):
        check_bytes(1001, Limits(max_bytes=1000))
    with pytest.raises(ImageEmptyError):
        check_bytes(0, Limits())
