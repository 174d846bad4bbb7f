import pytest

from vision_chat.errors.images import ImageEmptyError, ImageTooManyBytesError
from vision_chat.services.images.limits import Limits, check_bytes


def test_a_view_can_ask_about_a_size_before_it_reads_a_body() -> None:
    check_bytes(1000, Limits(max_bytes=1000))
    with pytest.raises(ImageTooManyBytesError):
        check_bytes(1001, Limits(max_bytes=1000))
    with pytest.raises(ImageEmptyError):
        check_bytes(0, Limits())
