import pytest

from vision_chat.errors.images import ImageEmptyError, ImageTooManyBytesError, ImageTooManyPixelsError
from vision_chat.services.images.limits import Limits, check_bytes, jpeg_scale


def test_a_view_can_ask_about_a_size_before_it_reads_a_body() -> None:
    check_bytes(1000, Limits(max_bytes=1000))
    with pytest.raises(ImageTooManyBytesError):
        check_bytes(1001, Limits(max_bytes=1000))
    with pytest.raises(ImageEmptyError):
        check_bytes(0, Limits())


@pytest.mark.parametrize("coefficients", [0, 60_000_000])
def test_a_jpeg_that_needs_too_much_memory_is_refused_with_a_size_that_does_not(coefficients: int) -> None:
    width = height = 10_000
    limits = Limits(max_memory=9_000_000)
    with pytest.raises(ImageTooManyPixelsError) as caught:
        jpeg_scale(width, height, coefficients, limits)

    said = float(str(caught.value.params["limit"])) * 1_000_000
    assert 0 < said < width * height
    assert jpeg_scale(1000, int(said) // 1000, int(coefficients * said / (width * height)), limits) == 8
